package io.culvert.client.seed;

/**
 * One public port of a tunnel and where it leads. Immutable, any thread.
 *
 * @param protocol what it carries
 * @param targetHost a name or an address, dialled by the agent inside its own network; IPv6 without brackets
 * @param targetPort 1 to 65535
 * @param port the public port, 1 to 65535; in a request 0 asks for a free one
 */
public record Expose(Protocol protocol, String targetHost, int targetPort, int port) {
    public Expose {
        if (targetHost.isBlank()) {
            throw new IllegalArgumentException("target host: '" + targetHost + "' (expected: a name or an address)");
        }
        if (targetPort < 1 || targetPort > 65535) {
            throw new IllegalArgumentException("target port: " + targetPort + " (expected: 1 to 65535)");
        }
        if (port < 0 || port > 65535) {
            throw new IllegalArgumentException("port: " + port + " (expected: 0 to 65535)");
        }
    }

    /** A TCP expose. */
    public Expose(String targetHost, int targetPort, int port) {
        this(Protocol.TCP, targetHost, targetPort, port);
    }

    /** As the API's {@code exposes} spells it. */
    String spelled() {
        String host = targetHost.indexOf(':') < 0 ? targetHost : "[" + targetHost + "]";
        return (protocol == Protocol.UDP ? "udp://" : "") + host + ":" + targetPort + "-" + port;
    }
}
