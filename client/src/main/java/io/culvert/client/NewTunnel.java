package io.culvert.client;

import java.time.Duration;
import java.util.List;

/**
 * A tunnel to be created. Immutable, any thread.
 *
 * @param exposes at least one
 * @param comment empty for none
 * @param ttl the time from one heartbeat to the end; zero or less never ends
 */
public record NewTunnel(List<Expose> exposes, String comment, Duration ttl) {
    public NewTunnel {
        exposes = List.copyOf(exposes);
        if (exposes.isEmpty()) {
            throw new IllegalArgumentException("exposes: none (expected: at least one)");
        }
    }

    /** A tunnel from any free public port to a port of the agent's own machine. */
    public static NewTunnel to(int targetPort, Duration ttl) {
        return new NewTunnel(List.of(new Expose("127.0.0.1", targetPort, 0)), "", ttl);
    }
}
