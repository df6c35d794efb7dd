package io.culvert.control;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A request for a tunnel.
 *
 * @param exposes 1 to 64; a port of 0 asks for a free one
 * @param bridge a bridge port of the tunnel's own; empty where its agents come to the server's
 * @param comment at most 1,000 characters
 * @param ttl zero or less never expires; at most ten years
 */
public record CreateTunnel(List<Expose> exposes, Optional<Bridge> bridge, String comment, Duration ttl) {
    public CreateTunnel {
        exposes = List.copyOf(exposes);
    }

    /** A request without a bridge port of its own. */
    public CreateTunnel(List<Expose> exposes, String comment, Duration ttl) {
        this(exposes, Optional.empty(), comment, ttl);
    }
}
