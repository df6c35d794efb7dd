package io.culvert.gateway.engine;

import io.culvert.gateway.AgentDoor;
import io.culvert.gateway.BridgeSpec;
import io.culvert.link.net.BridgeTls;
import io.culvert.link.net.Sockets;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.SslContext;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Where connections on bridge ports become sessions. A stranger, a connection that was not welcomed yet, costs little and not for long:
 * their number is bounded, and each has one deadline for everything. Any thread.
 *
 * <pre>
 *   server's port    tls · switch ─┬─ ALPN culvert/1 ──> hello ──┐
 *                                  └─ a certificate ───> preface ├──> tls · mux
 *   tunnel's port    tls · switch ── either, as above ───────────┤
 *   tunnel's port without TLS ─────────────────────────> preface ┘
 * </pre>
 */
final class BridgeDoor {
    /** Connections of a tunnel's own port live on its home loop, all others where there is room. */
    private final EventLoopGroup loops;

    private final GatewaySettings settings;
    private final BridgeContexts contexts;
    private final AgentDoor door;
    private final LongFunction<@Nullable LiveTunnel> tunnels;
    private final StockDoor.Common stock;
    private final AtomicInteger strangers = new AtomicInteger();
    private final Scarcity scarcity;

    /**
     * A door for one server.
     *
     * @param contexts what bridge ports show, asked anew for each connection
     * @param scarcity told where there is no descriptor for an agent
     */
    BridgeDoor(
            EventLoopGroup loops,
            GatewaySettings settings,
            BridgeContexts contexts,
            AgentDoor door,
            LongFunction<@Nullable LiveTunnel> tunnels,
            StockDoor.Common stock,
            Scarcity scarcity) {
        this.loops = loops;
        this.settings = settings;
        this.contexts = contexts;
        this.door = door;
        this.tunnels = tunnels;
        this.stock = stock;
        this.scarcity = scarcity;
    }

    /** A connection came to the server's bridge port. */
    void knock(SocketChannel channel) {
        admit(channel, loops.next(), stranger -> behindTls(channel, contexts.server(), stranger, null, false));
    }

    /** A connection came to a tunnel's own bridge port; on the tunnel's home loop. */
    void knock(SocketChannel channel, LiveTunnel tunnel, BridgeSpec bridge) {
        admit(channel, tunnel.home(), stranger -> {
            if (bridge.tls()) {
                behindTls(channel, contexts.tunnel(), stranger, tunnel, bridge.compress());
            } else {
                channel.pipeline().addLast("hello", preface(stranger, tunnel, bridge.compress(), null));
            }
        });
    }

    private void admit(SocketChannel channel, EventLoop loop, Consumer<Stranger> pipeline) {
        boolean scarce = !settings.files().sparesStranger(channel);
        if (scarce) {
            scarcity.agentTurnedAway(loop.ticker().nanoTime());
        }
        if (strangers.incrementAndGet() > settings.strangers() || scarce) {
            strangers.decrementAndGet();
            channel.unsafe().closeForcibly();
            return;
        }
        Sockets.asSession(channel);
        channel.pipeline().addLast(new ChannelInitializer<SocketChannel>() {
            @Override
            protected void initChannel(SocketChannel registered) {
                pipeline.accept(new Stranger(registered, settings.helloDeadline(), strangers));
            }
        });
        loop.register(channel).addListener(registered -> {
            if (!registered.isSuccess()) {
                strangers.decrementAndGet();
            }
        });
    }

    private void behindTls(
            SocketChannel channel,
            SslContext tls,
            Stranger stranger,
            @Nullable LiveTunnel ownPortOf,
            boolean compress) {
        BridgeTls.addBare(channel.pipeline(), tls, settings.helloDeadline());
        channel.pipeline()
                .addLast(
                        "switch",
                        new BridgeSwitch(
                                () -> new HelloHandler(door, tunnels, settings, stranger),
                                shown -> preface(stranger, ownPortOf, compress, shown)));
    }

    private ChannelHandler preface(
            Stranger stranger, @Nullable LiveTunnel ownPortOf, boolean compress, byte @Nullable [] shown) {
        return new PrefaceHandler(new StockDoor(stock, ownPortOf, compress, shown), stranger);
    }
}
