package io.culvert.gateway.engine;

import io.culvert.link.net.Sockets;
import io.culvert.link.net.Transport;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A bound server socket. It hands each accepted connection on, unregistered, and does nothing else: no handshake ever happens in the
 * accept path. Lives on one loop.
 */
final class Listener implements PublicPort {
    /** A thousand visitors may knock in the same moment; the kernel's own limit (net.core.somaxconn) applies besides. */
    private static final int BACKLOG = 4096;
    /** Rest after a failed accept: the usual cause, no file descriptor left, does not go away by itself at once. */
    private static final long REST_MILLIS = 200;

    private final ServerSocketChannel channel;

    private Listener(ServerSocketChannel channel) {
        this.channel = channel;
    }

    /**
     * Binds. The stage completes on the loop; it fails with the exception of bind or register.
     *
     * @param scarcity knows the descriptors, of which a port is not given the last
     * @param accepted called on {@code loop} with a channel that is not registered yet
     * @throws io.netty.channel.ChannelException where no socket can be had
     */
    static CompletionStage<Listener> bind(
            Transport transport,
            EventLoop loop,
            InetSocketAddress address,
            boolean accepting,
            Scarcity scarcity,
            Consumer<SocketChannel> accepted) {
        ServerSocketChannel channel = transport.serverChannel();
        scarcity.files().sparePort(channel);
        channel.config().setBacklog(BACKLOG).setAutoRead(accepting);
        Sockets.loopback(channel, address.getAddress());
        channel.pipeline().addLast(new Acceptor(accepted, scarcity));
        return PublicPort.bind(loop, channel, address, () -> new Listener(channel));
    }

    @Override
    public int port() {
        return channel.localAddress().getPort();
    }

    /** Begins to accept where {@link #bind} was told not to yet. */
    void accept() {
        channel.config().setAutoRead(true);
    }

    @Override
    public CompletionStage<Void> close() {
        CompletableFuture<Void> closed = new CompletableFuture<>();
        channel.close().addListener(done -> closed.complete(null));
        return closed;
    }

    private static final class Acceptor extends ChannelInboundHandlerAdapter {
        private final Consumer<SocketChannel> accepted;
        private final Scarcity scarcity;

        Acceptor(Consumer<SocketChannel> accepted, Scarcity scarcity) {
            this.accepted = accepted;
            this.scarcity = scarcity;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object child) {
            SocketChannel channel = (SocketChannel) child;
            try {
                accepted.accept(channel);
            } catch (RuntimeException e) {
                channel.unsafe().closeForcibly();
                throw e;
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            scarcity.notAccepted(
                    ctx.channel().localAddress(),
                    cause,
                    ctx.channel().eventLoop().ticker().nanoTime());
            if (ctx.channel().config().isAutoRead()) {
                ctx.channel().config().setAutoRead(false);
                ctx.executor()
                        .schedule(() -> ctx.channel().config().setAutoRead(true), REST_MILLIS, TimeUnit.MILLISECONDS);
            }
        }
    }
}
