package io.culvert.web.caller;

import io.culvert.control.audit.AuditEntry;
import io.culvert.control.caller.CallerKind;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Writes down who did what, and what was refused. Any thread; never waits.
 *
 * <p>Whoever shows no credential at all, or is not looked at after too many wrong ones, is not written down: strangers must not be able to grow
 * the audit. Renewals that were done are not either: they change nothing, and there are many.
 */
public final class Witness {
    private final Consumer<AuditEntry> audit;
    private final InstantSource clock;

    public Witness(Consumer<AuditEntry> audit, InstantSource clock) {
        this.audit = audit;
        this.clock = clock;
    }

    /**
     * Something was done.
     *
     * @param target what it was done to: {@code tunnel/17}
     * @param before as it was, a JSON document without secrets
     * @param after as it is, likewise
     */
    public void done(Guest guest, String operation, String target, Optional<String> before, Optional<String> after) {
        add(guest, operation, target, AuditEntry.DONE, before, after);
    }

    /**
     * Something was tried and refused.
     *
     * @param problem the type of the problem that the caller was told: {@code forbidden}
     */
    public void refused(Guest guest, String operation, String target, String problem) {
        add(guest, operation, target, AuditEntry.refused(problem), Optional.empty(), Optional.empty());
    }

    private void add(
            Guest guest,
            String operation,
            String target,
            String outcome,
            Optional<String> before,
            Optional<String> after) {
        audit.accept(new AuditEntry(
                clock.instant(),
                guest.kind() == CallerKind.NOBODY ? "" : guest.caller().name(),
                guest.kind(),
                guest.address().getHostAddress(),
                operation,
                target,
                outcome,
                before,
                after));
    }
}
