package io.culvert.gateway;

import java.time.Duration;
import java.util.List;

/**
 * What the visitors of one tunnel may do. The server enforces it, whatever the agent is; a change acts within a second on the
 * connections that are open, too. Immutable, any thread.
 *
 * @param allow visitors' addresses that are let in; empty for all. A change cuts those that are no longer
 * @param deny addresses that are not, also where {@code allow} names them
 * @param connections open at the same time, TCP connections and UDP flows together; 0 for no bound. A smaller bound refuses new ones, and cuts none
 * @param connectionsPerAddress likewise for each visitor's address
 * @param newPerSecond new connections a second, as many at once; 0 for no bound
 * @param tunnel bytes a second of all connections together
 * @param connection bytes a second of each connection
 * @param volume bytes of both directions together over the tunnel's whole life, counted from {@link TunnelSpec#counted}; 0 for no bound. At the
 *     last byte every connection is cut, and new ones are refused until the volume is raised
 * @param idle how long a TCP connection may carry no byte either way before it is cut; zero for no bound
 * @param longest how long a connection may stay open; zero for no bound
 * @param proxyHeader whether targets are told their visitors' addresses; a change holds for connections from then on
 */
public record Policies(
        List<Cidr> allow,
        List<Cidr> deny,
        int connections,
        int connectionsPerAddress,
        int newPerSecond,
        Rates tunnel,
        Rates connection,
        long volume,
        Duration idle,
        Duration longest,
        ProxyHeader proxyHeader) {
    /** Anybody may do anything. */
    public static final Policies NONE = new Policies(
            List.of(),
            List.of(),
            0,
            0,
            0,
            Rates.UNBOUNDED,
            Rates.UNBOUNDED,
            0,
            Duration.ZERO,
            Duration.ZERO,
            ProxyHeader.NONE);

    public Policies {
        allow = List.copyOf(allow);
        deny = List.copyOf(deny);
        atLeastZero("connections", connections);
        atLeastZero("connections per address", connectionsPerAddress);
        atLeastZero("new connections a second", newPerSecond);
        atLeastZero("volume", volume);
        atLeastZero("idle", idle.toNanos());
        atLeastZero("longest", longest.toNanos());
    }

    private static void atLeastZero(String name, long value) {
        if (value < 0) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: at least 0)");
        }
    }
}
