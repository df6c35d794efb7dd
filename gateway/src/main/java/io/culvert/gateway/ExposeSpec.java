package io.culvert.gateway;

/**
 * One public port that a tunnel asks for. Immutable, any thread.
 *
 * @param protocol what it carries
 * @param port 1 to 65535, or 0 to be given a free one of the server's range
 * @param target where visitors of that port are led
 */
public record ExposeSpec(Protocol protocol, int port, Target target) {
    public ExposeSpec {
        if (port < 0 || port > 65535) {
            throw new IllegalArgumentException("expose port: " + port + " (expected: 0 to 65535)");
        }
    }

    /** A TCP expose. */
    public ExposeSpec(int port, Target target) {
        this(Protocol.TCP, port, target);
    }
}
