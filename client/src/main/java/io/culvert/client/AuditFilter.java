package io.culvert.client;

import java.time.Instant;
import java.util.Optional;

/**
 * Which entries of the audit. Immutable, any thread.
 *
 * @param caller this name, or a key of this user
 * @param operation as the contract calls it, {@code createTunnel}
 * @param target {@code tunnel/7}
 */
public record AuditFilter(
        Optional<String> caller,
        Optional<String> operation,
        Optional<String> target,
        Optional<Instant> from,
        Optional<Instant> to) {
    /** All of them. */
    public static AuditFilter all() {
        return new AuditFilter(
                Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
    }

    Query query() {
        return new Query()
                .addAny("caller", caller)
                .addAny("operation", operation)
                .addAny("target", target)
                .addAny("from", from)
                .addAny("to", to);
    }
}
