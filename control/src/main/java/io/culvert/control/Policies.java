package io.culvert.control;

import java.time.Duration;
import java.util.List;

/**
 * What the visitors of a tunnel may do; the server enforces it, and a change acts within a second on open connections. Zero means no bound
 * everywhere. Immutable, any thread.
 *
 * @param allow address blocks ({@code 192.0.2.0/24}, {@code 2001:db8::1}) that are let in; empty for all; at most 1,000
 * @param deny address blocks that are not, also where {@code allow} names them; at most 1,000
 * @param connections open at the same time, UDP flows among them
 * @param connectionsPerAddress likewise for each visitor's address
 * @param newPerSecond new connections a second
 * @param bytesPerSecondIn from visitors to the target, all connections together
 * @param bytesPerSecondOut from the target to visitors, likewise
 * @param connectionBytesPerSecondIn the same for each connection
 * @param connectionBytesPerSecondOut the same for each connection
 * @param volume bytes of both directions together over the tunnel's life; it stops at that byte
 * @param idle how long a TCP connection may carry no byte; at most ten years
 * @param longest how long a connection may stay open; at most ten years
 * @param proxyProtocol whether targets are told who their visitors are
 */
public record Policies(
        List<String> allow,
        List<String> deny,
        int connections,
        int connectionsPerAddress,
        int newPerSecond,
        long bytesPerSecondIn,
        long bytesPerSecondOut,
        long connectionBytesPerSecondIn,
        long connectionBytesPerSecondOut,
        long volume,
        Duration idle,
        Duration longest,
        ProxyProtocol proxyProtocol) {
    /** Anybody may do anything. */
    public static final Policies NONE = new Policies(
            List.of(), List.of(), 0, 0, 0, 0, 0, 0, 0, 0, Duration.ZERO, Duration.ZERO, ProxyProtocol.NONE);

    public Policies {
        allow = List.copyOf(allow);
        deny = List.copyOf(deny);
    }

    /** A header in front of a visitor's bytes, as HAProxy defined it. */
    public enum ProxyProtocol {
        NONE,
        /** Text; TCP only. */
        V1,
        /** Binary; in UDP in front of a flow's first datagram. */
        V2
    }
}
