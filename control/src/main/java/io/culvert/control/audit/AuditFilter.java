package io.culvert.control.audit;

import java.time.Instant;
import java.util.Optional;

/**
 * Which entries are wanted; empty for all. Immutable, any thread.
 *
 * @param caller exactly this name, or a key of this user
 * @param operation exactly this one
 * @param target exactly this one
 * @param from at this moment or later
 * @param to before this moment
 */
public record AuditFilter(
        Optional<String> caller,
        Optional<String> operation,
        Optional<String> target,
        Optional<Instant> from,
        Optional<Instant> to) {
    /** All of them. */
    public static final AuditFilter ALL =
            new AuditFilter(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
}
