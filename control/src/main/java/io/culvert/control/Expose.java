package io.culvert.control;

import java.util.Optional;

/**
 * One public port of a tunnel and where it leads. Immutable, any thread.
 *
 * @param protocol what it carries
 * @param targetHost dialled by the agent, inside its own network
 * @param targetPort 1 to 65535
 * @param port the public port, 1 to 65535; in a request 0 asks for a free one
 * @param pool the pool that a free port is picked from; empty for the server's default
 * @param bind the local address to listen on, numeric; empty for the server's own choice
 */
public record Expose(
        Protocol protocol, String targetHost, int targetPort, int port, Optional<String> pool, Optional<String> bind) {
    /** An expose on the server's own choice of pool and address. */
    public Expose(Protocol protocol, String targetHost, int targetPort, int port) {
        this(protocol, targetHost, targetPort, port, Optional.empty(), Optional.empty());
    }

    /** A TCP expose, likewise. */
    public Expose(String targetHost, int targetPort, int port) {
        this(Protocol.TCP, targetHost, targetPort, port);
    }

    /** What people call it in a message: {@code TCP 20022 to 127.0.0.1:22}. */
    String spoken() {
        String host = targetHost.contains(":") ? "[" + targetHost + "]" : targetHost;
        return protocol + " " + port + " to " + host + ":" + targetPort;
    }

    /** The same, on this public port. */
    Expose on(int realPort) {
        return new Expose(protocol, targetHost, targetPort, realPort, pool, bind);
    }
}
