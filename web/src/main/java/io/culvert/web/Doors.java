package io.culvert.web;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.InternetProtocolFamily;
import io.vertx.core.datagram.DatagramSocketOptions;
import io.vertx.core.net.ClientOptionsBase;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.spi.transport.Transport;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.ThreadFactory;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Counts connections where they are accepted. Vert.x tells of one when its TLS handshake is over; until then it would be none: whoever says
 * nothing at all would take a socket and no place. Everything but the acceptance is the transport's underneath. Thread-safe.
 */
final class Doors implements Transport, io.vertx.core.transport.Transport {
    private final io.vertx.core.transport.Transport named;
    private final Transport under;
    private final Places places;
    private final Predicate<InetAddress> proxy;

    /**
     * @param proxy whether an address is that of a trusted proxy: many callers come by it, so only the bound on all connections holds
     */
    Doors(io.vertx.core.transport.Transport under, Places places, Predicate<InetAddress> proxy) {
        this.named = under;
        this.under = under.implementation();
        this.places = places;
        this.proxy = proxy;
    }

    @Override
    public ChannelFactory<? extends ServerChannel> serverChannelFactory(boolean domainSocket) {
        ChannelFactory<? extends ServerChannel> factory = under.serverChannelFactory(domainSocket);
        return () -> {
            ServerChannel listener = factory.newChannel();
            listener.pipeline().addLast("places", new Counter());
            return listener;
        };
    }

    /** Stands before whatever takes accepted connections. On the acceptor's loop. */
    private final class Counter extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            if (message instanceof Channel accepted && accepted.remoteAddress() instanceof InetSocketAddress from) {
                InetAddress address = from.getAddress();
                @Nullable String counted = proxy.test(address) ? null : address.getHostAddress();
                if (!places.take(counted)) {
                    accepted.unsafe().closeForcibly();
                    return;
                }
                accepted.closeFuture().addListener(closed -> places.leave(counted));
            }
            context.fireChannelRead(message);
        }
    }

    @Override
    public String name() {
        return named.name();
    }

    @Override
    public boolean available() {
        return named.available();
    }

    @Override
    public @Nullable Throwable unavailabilityCause() {
        return named.unavailabilityCause();
    }

    @Override
    public Transport implementation() {
        return this;
    }

    @Override
    public boolean supportsDomainSockets() {
        return under.supportsDomainSockets();
    }

    @Override
    public boolean supportFileRegion() {
        return under.supportFileRegion();
    }

    @Override
    public boolean isAvailable() {
        return under.isAvailable();
    }

    @Override
    public java.net.SocketAddress convert(io.vertx.core.net.SocketAddress address) {
        return under.convert(address);
    }

    @Override
    public io.vertx.core.net.SocketAddress convert(java.net.SocketAddress address) {
        return under.convert(address);
    }

    @Override
    public IoHandlerFactory ioHandlerFactory() {
        return under.ioHandlerFactory();
    }

    @Override
    public EventLoopGroup eventLoopGroup(int type, int threads, ThreadFactory factory, int ioRatio) {
        return under.eventLoopGroup(type, threads, factory, ioRatio);
    }

    @Override
    public DatagramChannel datagramChannel() {
        return under.datagramChannel();
    }

    @Override
    @SuppressWarnings("deprecation") // the face says so
    public DatagramChannel datagramChannel(InternetProtocolFamily family) {
        return under.datagramChannel(family);
    }

    @Override
    public ChannelFactory<? extends Channel> channelFactory(boolean domainSocket) {
        return under.channelFactory(domainSocket);
    }

    @Override
    public void configure(DatagramChannel channel, DatagramSocketOptions options) {
        under.configure(channel, options);
    }

    @Override
    public void configure(ClientOptionsBase options, int timeout, boolean domainSocket, Bootstrap bootstrap) {
        under.configure(options, timeout, domainSocket, bootstrap);
    }

    @Override
    public void configure(NetServerOptions options, boolean domainSocket, ServerBootstrap bootstrap) {
        under.configure(options, domainSocket, bootstrap);
    }
}
