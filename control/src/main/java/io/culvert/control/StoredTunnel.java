package io.culvert.control;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A tunnel as the store keeps it. Immutable, any thread.
 *
 * @param exposes with their real ports, in order
 * @param bridge with its real port; empty where the tunnel has none of its own
 * @param ttl zero or less never expires
 * @param lastHeartbeat may be older than the truth: written behind
 * @param secret the hash of the join token's secret
 * @param bundle what its stock agents show; empty until somebody asks
 */
public record StoredTunnel(
        long id,
        List<Expose> exposes,
        Optional<Bridge> bridge,
        String comment,
        Duration ttl,
        Instant createdAt,
        Instant lastHeartbeat,
        SecretHash secret,
        Optional<TunnelBundle> bundle) {
    public StoredTunnel {
        exposes = List.copyOf(exposes);
    }

    /** Every port that is the tunnel's own. */
    List<HeldPort> ports() {
        return Stream.concat(exposes.stream().map(HeldPort::of), bridge.stream().map(HeldPort::of))
                .toList();
    }

    /** The same with another bundle, as of this heartbeat. */
    StoredTunnel with(TunnelBundle issued, Instant heartbeat) {
        return new StoredTunnel(id, exposes, bridge, comment, ttl, createdAt, heartbeat, secret, Optional.of(issued));
    }
}
