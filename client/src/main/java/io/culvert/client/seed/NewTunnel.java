package io.culvert.client.seed;

import java.time.Duration;
import java.util.List;

/**
 * A tunnel to be created. Immutable, any thread.
 *
 * @param exposes at least one
 * @param bridgePort where its stock goproxy agents connect, 1 to 65535; 0 asks for a free one
 * @param bridgeTls false for bare TCP on that port, where whoever reaches it serves the tunnel
 * @param compress true where its stock agents run with {@code -c}
 * @param comment empty for none
 * @param ttl the time from one heartbeat to the end; zero or less never ends
 */
public record NewTunnel(
        List<Expose> exposes, int bridgePort, boolean bridgeTls, boolean compress, String comment, Duration ttl) {
    public NewTunnel {
        exposes = List.copyOf(exposes);
        if (exposes.isEmpty()) {
            throw new IllegalArgumentException("exposes: none (expected: at least one)");
        }
        if (bridgePort < 0 || bridgePort > 65535) {
            throw new IllegalArgumentException("bridge port: " + bridgePort + " (expected: 0 to 65535)");
        }
    }

    /** A tunnel with any free bridge port, behind TLS. */
    public NewTunnel(List<Expose> exposes, String comment, Duration ttl) {
        this(exposes, 0, true, false, comment, ttl);
    }

    /** A tunnel from any free public port to a port of the agent's own machine. */
    public static NewTunnel to(int targetPort, Duration ttl) {
        return new NewTunnel(List.of(new Expose("127.0.0.1", targetPort, 0)), "", ttl);
    }
}
