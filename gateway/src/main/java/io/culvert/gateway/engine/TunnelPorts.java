package io.culvert.gateway.engine;

import io.culvert.gateway.BridgeSpec;
import io.culvert.gateway.ExposeSpec;
import io.culvert.gateway.OpenTunnel;
import io.culvert.gateway.Target;
import io.culvert.gateway.TunnelSpec;
import io.culvert.gateway.engine.PortClerk.Wish;
import io.netty.channel.socket.SocketChannel;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;

/** Binds what tunnels expose: all of a tunnel's ports or none. Its calls come from the clerk's loop. */
final class TunnelPorts {
    private final GatewaySettings settings;
    private final PortClerk clerk;
    private final BridgeKnocks bridgeKnocks;
    private final Scarcity scarcity;

    /** Who takes connections to tunnels' own bridge ports; on the tunnel's home loop. */
    interface BridgeKnocks {
        void knock(SocketChannel channel, LiveTunnel tunnel, BridgeSpec bridge);
    }

    TunnelPorts(GatewaySettings settings, PortClerk clerk, Scarcity scarcity, BridgeKnocks bridgeKnocks) {
        this.settings = settings;
        this.clerk = clerk;
        this.bridgeKnocks = bridgeKnocks;
        this.scarcity = scarcity;
    }

    /**
     * Binds one port behind the other; on the clerk's loop, where the stage completes too.
     *
     * @param serverBridgePort of tunnels without one of their own
     */
    CompletionStage<OpenTunnel> bindAll(LiveTunnel tunnel, TunnelSpec spec, int serverBridgePort) {
        CompletionStage<List<Integer>> bound = CompletableFuture.completedStage(new ArrayList<>());
        for (int i = 0; i < spec.exposes().size(); i++) {
            int index = i;
            Wish wish = Wish.of(spec.exposes().get(index));
            bound = bound.thenCompose(
                    sofar -> clerk.bind(wish, address -> listen(tunnel, index, address), tunnel.home(), tunnel::listen)
                            .thenApply(port -> {
                                sofar.add(port);
                                return sofar;
                            }));
        }
        Optional<BridgeSpec> own = spec.bridge();
        if (own.isEmpty()) {
            return bound.thenApply(ports -> new OpenTunnel(spec.id(), ports, serverBridgePort));
        }
        BridgeSpec bridgeSpec = own.get();
        return bound.thenCompose(ports -> clerk.bind(
                        Wish.of(bridgeSpec),
                        address -> listen(tunnel, bridgeSpec, address),
                        tunnel.home(),
                        tunnel::listen)
                .thenApply(port -> new OpenTunnel(spec.id(), ports, port)));
    }

    private CompletionStage<PublicPort> listen(LiveTunnel tunnel, int index, InetSocketAddress address) {
        ExposeSpec expose = tunnel.exposes().get(index);
        return switch (expose.protocol()) {
            case TCP ->
                Listener.bind(
                                settings.transport(),
                                tunnel.home(),
                                address,
                                true,
                                scarcity,
                                channel -> visit(channel, tunnel, index, expose.target()))
                        .thenApply(listener -> listener);
            case UDP ->
                UdpExpose.bind(
                        settings.transport(),
                        tunnel.home(),
                        address,
                        tunnel,
                        index,
                        expose.target(),
                        settings.udpIdle(),
                        settings.files());
        };
    }

    /** On the tunnel's home loop. */
    private void visit(SocketChannel channel, LiveTunnel tunnel, int expose, Target target) {
        if (settings.files().sparesVisitor(channel)) {
            tunnel.visit(channel, expose, target);
        } else {
            scarcity.visitorTurnedAway(tunnel.home().ticker().nanoTime());
            tunnel.turnAway(channel);
        }
    }

    private CompletionStage<PublicPort> listen(LiveTunnel tunnel, BridgeSpec bridgeSpec, InetSocketAddress address) {
        return Listener.bind(
                        settings.transport(),
                        tunnel.home(),
                        address,
                        true,
                        scarcity,
                        channel -> bridgeKnocks.knock(channel, tunnel, bridgeSpec))
                .thenApply(listener -> listener);
    }

    /** Binds another port for an expose, then gives up the old one; on the clerk's loop, where the stage completes too. */
    CompletionStage<Integer> move(LiveTunnel tunnel, int expose, int port) {
        AtomicInteger old = new AtomicInteger();
        return clerk.bind(
                        Wish.of(tunnel.exposes().get(expose)).at(port),
                        address -> listen(tunnel, expose, address),
                        tunnel.home(),
                        listener -> {
                            old.set(tunnel.port(expose));
                            return tunnel.replace(expose, listener);
                        })
                .thenApplyAsync(
                        bound -> {
                            clerk.giveBack(List.of(old.get()));
                            return bound;
                        },
                        clerk.loop());
    }
}
