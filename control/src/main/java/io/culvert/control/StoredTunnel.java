package io.culvert.control;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * A tunnel as the store keeps it. Immutable, any thread.
 *
 * @param exposes with their real ports, in order
 * @param ttl zero or less never expires
 * @param lastHeartbeat may be older than the truth: written behind
 * @param secret the hash of the join token's secret
 */
public record StoredTunnel(
        long id,
        List<Expose> exposes,
        String comment,
        Duration ttl,
        Instant createdAt,
        Instant lastHeartbeat,
        SecretHash secret) {
    public StoredTunnel {
        exposes = List.copyOf(exposes);
    }
}
