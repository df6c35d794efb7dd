package io.culvert.gateway;

import java.util.Optional;

/**
 * One public port that a tunnel asks for. Immutable, any thread.
 *
 * @param protocol what it carries
 * @param port 1 to 65535, or 0 to be given a free one of the server's range
 * @param target where visitors of that port are led
 * @param host the local address to bind, numeric; empty for the server's own choice
 * @param range where a port of 0 is picked from; empty for the server's own range
 */
public record ExposeSpec(Protocol protocol, int port, Target target, Optional<String> host, Optional<PortRange> range) {
    public ExposeSpec {
        if (port < 0 || port > 65535) {
            throw new IllegalArgumentException("expose port: " + port + " (expected: 0 to 65535)");
        }
    }

    /** An expose on the server's own choice of address and range. */
    public ExposeSpec(Protocol protocol, int port, Target target) {
        this(protocol, port, target, Optional.empty(), Optional.empty());
    }

    /** A TCP expose. */
    public ExposeSpec(int port, Target target) {
        this(Protocol.TCP, port, target);
    }
}
