package io.culvert.control;

/**
 * A bridge port of a tunnel's own, for its stock goproxy agents; Culvert's own agents may come there too where it has TLS. Immutable,
 * any thread.
 *
 * @param port 1 to 65535; in a request 0 asks for a free one
 * @param tls true where both sides show a certificate; false for bare TCP, where whoever reaches the port serves the tunnel
 * @param compress true where the stock agents run with {@code -c}
 */
public record Bridge(int port, boolean tls, boolean compress) {
    /** What most ask for: a free port, behind TLS, not compressed. */
    public static final Bridge ANY = new Bridge(0, true, false);

    /** The same, on this port. */
    Bridge on(int realPort) {
        return new Bridge(realPort, tls, compress);
    }
}
