package io.culvert.control.access;

import io.culvert.control.Caller;
import io.culvert.control.caller.CallerKind;
import java.util.Optional;
import java.util.function.Supplier;

/** That somebody got in. Any thread. */
public final class Pass {
    private final CallerKind kind;
    private final Caller caller;
    private final Optional<Visit> visit;
    private final Supplier<Optional<Caller>> now;

    Pass(CallerKind kind, Caller caller, Optional<Visit> visit, Supplier<Optional<Caller>> now) {
        this.kind = kind;
        this.caller = caller;
        this.visit = visit;
        this.now = now;
    }

    /** How: {@code LOGIN}, {@code KEY} or {@code OPEN}. */
    public CallerKind kind() {
        return kind;
    }

    /** Who, with what could be done at that moment. */
    public Caller caller() {
        return caller;
    }

    /** The login, where it is one. */
    public Optional<Visit> visit() {
        return visit;
    }

    /**
     * Who, with what can be done at this moment: for what lasts, such as a stream of events. Empty where the key was revoked or has
     * expired, the login has ended, or the user was disabled. Never waits; does not count as a use.
     */
    public Optional<Caller> now() {
        return now.get();
    }

    @Override
    public String toString() {
        return "Pass[" + kind.word() + ", " + caller.name() + "]";
    }
}
