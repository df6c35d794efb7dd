package io.culvert.control;

/**
 * One public port of a tunnel and where it leads. Immutable, any thread.
 *
 * @param protocol what it carries
 * @param targetHost dialled by the agent, inside its own network
 * @param targetPort 1 to 65535
 * @param port the public port, 1 to 65535; in a request 0 asks for a free one
 */
public record Expose(Protocol protocol, String targetHost, int targetPort, int port) {
    /** A TCP expose. */
    public Expose(String targetHost, int targetPort, int port) {
        this(Protocol.TCP, targetHost, targetPort, port);
    }

    /** The same, on this public port. */
    Expose on(int realPort) {
        return new Expose(protocol, targetHost, targetPort, realPort);
    }
}
