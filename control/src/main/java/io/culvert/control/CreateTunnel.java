package io.culvert.control;

import java.time.Duration;
import java.util.List;

/**
 * A request for a tunnel.
 *
 * @param exposes 1 to 64; a port of 0 asks for a free one
 * @param comment at most 1,000 characters
 * @param ttl zero or less never expires; at most ten years
 */
public record CreateTunnel(List<Expose> exposes, String comment, Duration ttl) {
    public CreateTunnel {
        exposes = List.copyOf(exposes);
    }
}
