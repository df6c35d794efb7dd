package io.culvert.gateway.engine;

import io.culvert.gateway.PortRange;
import io.culvert.link.net.Descriptors;
import io.culvert.link.net.Liveness;
import io.culvert.link.net.Transport;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;

/**
 * What a {@link Gateway} is told at its start. Immutable.
 *
 * @param bridge where agents connect; port 0 lets the system pick
 * @param exposeHost where exposes listen that name no address
 * @param ports what picked ports are picked from
 * @param transport how sockets are driven
 * @param loops event loops, at least 1
 * @param helloDeadline from a connection on the bridge port to its complete hello, TLS included
 * @param strangers connections on the bridge port that may be without a welcome at one time; further ones are closed unheard
 * @param liveness how dead agents are noticed
 * @param udpIdle silence after which a visitor's UDP flow ends, at least 1 ms
 * @param linger most time without progress while a visitor whose connection has ended both ways is sent its last bytes, at least 1 ms
 * @param files the process's, of which visitors and strangers are not given the last
 */
public record GatewaySettings(
        InetSocketAddress bridge,
        InetAddress exposeHost,
        PortRange ports,
        Transport transport,
        int loops,
        Duration helloDeadline,
        int strangers,
        Liveness liveness,
        Duration udpIdle,
        Duration linger,
        Descriptors files) {
    /** Last bytes have a minute without progress. */
    public GatewaySettings(
            InetSocketAddress bridge,
            InetAddress exposeHost,
            PortRange ports,
            Transport transport,
            int loops,
            Duration helloDeadline,
            int strangers,
            Liveness liveness,
            Duration udpIdle) {
        this(
                bridge,
                exposeHost,
                ports,
                transport,
                loops,
                helloDeadline,
                strangers,
                liveness,
                udpIdle,
                Duration.ofSeconds(60),
                Descriptors.UNLIMITED);
    }

    /** Flows of UDP end after the 30 s that goproxy gives them. */
    public GatewaySettings(
            InetSocketAddress bridge,
            InetAddress exposeHost,
            PortRange ports,
            Transport transport,
            int loops,
            Duration helloDeadline,
            int strangers,
            Liveness liveness) {
        this(bridge, exposeHost, ports, transport, loops, helloDeadline, strangers, liveness, Duration.ofSeconds(30));
    }

    /** The same with this many files. */
    public GatewaySettings with(Descriptors descriptors) {
        return new GatewaySettings(
                bridge,
                exposeHost,
                ports,
                transport,
                loops,
                helloDeadline,
                strangers,
                liveness,
                udpIdle,
                linger,
                descriptors);
    }

    /** Settings that fit any machine, for these addresses. */
    public static GatewaySettings of(InetSocketAddress bridge, InetAddress exposeHost, PortRange ports) {
        return new GatewaySettings(
                bridge,
                exposeHost,
                ports,
                Transport.best(),
                Math.max(2, Runtime.getRuntime().availableProcessors()),
                Duration.ofSeconds(10),
                2048,
                Liveness.DEFAULT);
    }
}
