package io.culvert.link.net;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.concurrent.Executor;

/** How sockets are driven: natively where the machine can, by the JDK elsewhere. Any thread. */
public enum Transport {
    /** Linux's own readiness interface; needs the native library for this processor. */
    EPOLL,
    /** The JDK's selector; runs everywhere. */
    NIO;

    /** The fastest transport that this machine has. */
    public static Transport best() {
        return Epoll.isAvailable() ? EPOLL : NIO;
    }

    /** Starts event loops, one thread each, named {@code NAME-1-1}, {@code NAME-1-2}, ... */
    public EventLoopGroup loops(String name, int threads) {
        IoHandlerFactory handlers = switch (this) {
            case EPOLL -> SteadyEpoll.newFactory();
            case NIO -> NioIoHandler.newFactory();
        };
        boolean looks = this == EPOLL && Runtime.getRuntime().availableProcessors() > 1;
        return new MultiThreadIoEventLoopGroup(threads, new DefaultThreadFactory(name, true), handlers) {
            @Override
            protected IoEventLoop newChild(Executor thread, IoHandlerFactory factory, Object... nothing) {
                return new OwnLoop(this, thread, factory, looks);
            }
        };
    }

    /** A server socket that is neither bound nor registered yet. */
    public ServerSocketChannel serverChannel() {
        return switch (this) {
            case EPOLL -> new EpollServerSocketChannel();
            case NIO -> new NioServerSocketChannel();
        };
    }

    /** Makes a socket for a connection to this address, neither connected nor registered yet. */
    public SocketChannel socketChannel(InetAddress address) {
        return switch (this) {
            case EPOLL ->
                new EpollSocketChannel(
                        address instanceof Inet4Address ? SocketProtocolFamily.INET : SocketProtocolFamily.INET6);
            case NIO -> new NioSocketChannel();
        };
    }

    /** A datagram socket, neither bound nor registered yet. */
    public DatagramChannel datagramChannel() {
        return switch (this) {
            case EPOLL -> new EpollDatagramChannel();
            case NIO -> new NioDatagramChannel();
        };
    }
}
