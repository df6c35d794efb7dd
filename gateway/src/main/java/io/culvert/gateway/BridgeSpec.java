package io.culvert.gateway;

/**
 * A bridge port of a tunnel's own, for stock goproxy agents. Immutable, any thread.
 *
 * @param port 1 to 65535, or 0 to be given a free one of the server's range
 * @param tls true where both sides show a certificate; false for bare TCP, where whoever reaches the port serves the tunnel
 * @param compress true where the agents run with {@code -c}: TCP streams are snappy framed
 */
public record BridgeSpec(int port, boolean tls, boolean compress) {
    public BridgeSpec {
        if (port < 0 || port > 65535) {
            throw new IllegalArgumentException("bridge port: " + port + " (expected: 0 to 65535)");
        }
    }
}
