package io.culvert.gateway.engine;

import io.culvert.link.net.BridgeTls;
import io.culvert.link.net.Sockets;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.SslContext;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * Where connections on the bridge port become sessions. A stranger, a connection without a welcome yet, costs little and not for long:
 * their number is bounded and each has one deadline for everything. Any thread.
 */
final class BridgeDoor {
    private final EventLoopGroup loops;
    private final SslContext tls;
    private final GatewaySettings settings;
    private final Supplier<HelloHandler> hello;
    private final AtomicInteger strangers = new AtomicInteger();

    BridgeDoor(EventLoopGroup loops, SslContext tls, GatewaySettings settings, Supplier<HelloHandler> hello) {
        this.loops = loops;
        this.tls = tls;
        this.settings = settings;
        this.hello = hello;
    }

    /** A connection was accepted. The pipeline of an agent, whole: {@code tls, alpn, hello}, and with the welcome {@code tls, mux}. */
    void knock(SocketChannel channel) {
        if (strangers.incrementAndGet() > settings.strangers()) {
            strangers.decrementAndGet();
            channel.unsafe().closeForcibly();
            return;
        }
        Sockets.asSession(channel);
        HelloHandler handler = hello.get();
        handler.whenKnown(strangers::decrementAndGet);
        // Also where the channel could not even be registered, so that the handler never saw a pipeline.
        channel.closeFuture().addListener(gone -> handler.becomeKnown());
        BridgeTls.addTo(channel.pipeline(), tls, settings.helloDeadline());
        channel.pipeline().addLast("hello", handler);
        loops.register(channel);
    }
}
