package io.culvert.control.audit;

import io.culvert.control.caller.CallerKind;
import java.time.Instant;
import java.util.Optional;

/**
 * What somebody did, or tried. Never a secret in any of it. Immutable, any thread.
 *
 * @param at by the wall clock; kept to the microsecond
 * @param caller the name of the caller; for somebody who did not get in, the user name that was tried, or nothing
 * @param kind how the caller came in
 * @param address where from, as text; empty for the server itself
 * @param operation what the contract calls it, for instance {@code createTunnel}; the server's own are {@code server.start}, …
 * @param target what it was done to, for instance {@code tunnel/17}; empty for what has no target
 * @param outcome {@code done}, or {@code refused: } with the problem's type
 * @param before the thing as it was: a JSON document made for readers
 * @param after the thing as it is
 */
public record AuditEntry(
        Instant at,
        String caller,
        CallerKind kind,
        String address,
        String operation,
        String target,
        String outcome,
        Optional<String> before,
        Optional<String> after) {
    /** The outcome of what was done. */
    public static final String DONE = "done";

    /** The outcome of what was not: {@code refused: forbidden}. */
    public static String refused(String problemType) {
        return "refused: " + problemType;
    }
}
