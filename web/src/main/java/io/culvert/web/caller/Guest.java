package io.culvert.web.caller;

import io.culvert.control.Caller;
import io.culvert.control.access.Pass;
import io.culvert.control.access.Visit;
import io.culvert.control.caller.CallerKind;
import java.net.InetAddress;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Who sends a request, and how it was known. Immutable, any thread.
 *
 * @param kind how: by a key, a login, or because nobody is asked; {@code NOBODY} where an operation asks for no credential
 * @param caller who, with what could be done when the request came in
 * @param visit the login, where it is one
 * @param now who, with what can be done at the moment of the question; empty where the credential is good no more. For what lasts: authority
 *     that is looked at only when somebody comes in outlives its end
 * @param address where the request comes from
 */
public record Guest(
        CallerKind kind, Caller caller, Optional<Visit> visit, Supplier<Optional<Caller>> now, InetAddress address) {
    static Guest of(Pass pass, InetAddress address) {
        return new Guest(pass.kind(), pass.caller(), pass.visit(), pass::now, address);
    }

    /** Somebody who was not asked and may do nothing. */
    static Guest nobody(InetAddress address) {
        Caller caller = Caller.nobody();
        return new Guest(CallerKind.NOBODY, caller, Optional.empty(), () -> Optional.of(caller), address);
    }
}
