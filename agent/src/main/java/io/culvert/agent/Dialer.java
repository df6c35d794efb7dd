package io.culvert.agent;

import io.culvert.link.net.Sockets;
import io.culvert.link.net.Transport;
import io.netty.channel.ChannelException;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.NetUtil;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Connects to a host and port. Names are looked up away from the loops, since the system's resolver waits; every address of a name is
 * tried in turn. Any thread; stages complete on the given loop.
 */
final class Dialer {
    private final Transport transport;
    private final Executor lookups;
    private final Duration timeout;

    /**
     * A dialer.
     *
     * @param lookups where names are looked up; may refuse when it has enough to do
     * @param timeout for looking a name up, and again for each address tried
     */
    Dialer(Transport transport, Executor lookups, Duration timeout) {
        this.transport = transport;
        this.lookups = lookups;
        this.timeout = timeout;
    }

    /**
     * Connects; whatever goes wrong, fails the stage and nothing else.
     *
     * @param prepare sets up each channel that is tried, options and pipeline, before it is registered; on the loop. Where it throws a
     *     {@link CancellationException} no further address is tried
     */
    CompletionStage<SocketChannel> dial(Address address, EventLoop loop, Consumer<SocketChannel> prepare) {
        byte[] literal = NetUtil.createByteArrayFromIpAddressString(address.host());
        if (literal != null) {
            return connect(address, new ArrayDeque<>(Arrays.asList(inet(literal))), loop, prepare, null);
        }
        return lookUp(address.host(), loop).thenCompose(addresses -> connect(address, addresses, loop, prepare, null));
    }

    /** Makes a UDP socket that is connected to the first address of a host; fails where the host has none. */
    CompletionStage<DatagramChannel> dialUdp(Address address, EventLoop loop) {
        byte[] literal = NetUtil.createByteArrayFromIpAddressString(address.host());
        if (literal != null) {
            return connectUdp(new InetSocketAddress(inet(literal), address.port()), loop);
        }
        return lookUp(address.host(), loop)
                .thenCompose(addresses -> connectUdp(new InetSocketAddress(addresses.remove(), address.port()), loop));
    }

    private CompletionStage<DatagramChannel> connectUdp(InetSocketAddress address, EventLoop loop) {
        // Of a loop that ends nothing would be heard any more.
        if (loop.isShuttingDown()) {
            return CompletableFuture.failedStage(new IOException("the agent is ending"));
        }
        DatagramChannel channel;
        try {
            channel = transport.datagramChannel();
        } catch (ChannelException e) {
            return CompletableFuture.failedStage(e);
        }
        try {
            Sockets.asDatagrams(channel);
        } catch (RuntimeException e) {
            // Costs this flow, not the session that asked for it.
            channel.unsafe().closeForcibly();
            return CompletableFuture.failedStage(e);
        }
        CompletableFuture<DatagramChannel> connected = new CompletableFuture<>();
        loop.register(channel).addListener(registered -> {
            if (!registered.isSuccess()) {
                // The registration has closed it.
                connected.completeExceptionally(registered.cause());
                return;
            }
            channel.connect(address).addListener(done -> {
                if (done.isSuccess()) {
                    connected.complete(channel);
                } else {
                    channel.close();
                    connected.completeExceptionally(done.cause());
                }
            });
        });
        return connected;
    }

    private CompletionStage<Queue<InetAddress>> lookUp(String host, EventLoop loop) {
        CompletableFuture<Queue<InetAddress>> found = new CompletableFuture<>();
        ScheduledFuture<?> deadline = loop.schedule(
                () -> found.completeExceptionally(new IOException(
                        "'" + host + "' was not looked up within " + timeout.toMillis() + " ms",
                        new TimeoutException())),
                timeout.toNanos(),
                TimeUnit.NANOSECONDS);
        try {
            lookups.execute(() -> {
                if (found.isDone()) {
                    // Nobody waits any more: let those behind get their turn.
                    return;
                }
                try {
                    found.complete(new ArrayDeque<>(Arrays.asList(InetAddress.getAllByName(host))));
                } catch (UnknownHostException | RuntimeException e) {
                    found.completeExceptionally(new IOException("no address for '" + host + "'", e));
                }
                deadline.cancel(false);
            });
        } catch (RejectedExecutionException e) {
            deadline.cancel(false);
            found.completeExceptionally(new IOException("too many names to look up: '" + host + "' is one more", e));
        }
        // A failure has to come to the loop, too: thenComposeAsync leaves it on the thread that has looked.
        return found.whenCompleteAsync((addresses, failure) -> {}, loop);
    }

    private CompletionStage<SocketChannel> connect(
            Address address,
            Queue<InetAddress> addresses,
            EventLoop loop,
            Consumer<SocketChannel> prepare,
            @Nullable Throwable failure) {
        InetAddress next = addresses.poll();
        // A loop that ends has closed the dial before: that is no reason to try the next address.
        if (next == null || loop.isShuttingDown() || failure instanceof CancellationException) {
            return CompletableFuture.failedStage(new IOException(
                    address + " cannot be reached" + (failure == null ? "" : ": " + reason(failure)), failure));
        }
        return connect(new InetSocketAddress(next, address.port()), loop, prepare)
                .exceptionallyCompose(cause -> connect(address, addresses, loop, prepare, cause));
    }

    private CompletionStage<SocketChannel> connect(
            InetSocketAddress address, EventLoop loop, Consumer<SocketChannel> prepare) {
        SocketChannel channel;
        try {
            channel = transport.socketChannel(address.getAddress());
        } catch (ChannelException e) {
            // Out of file descriptors: costs this connection, not the session that asked for it.
            return CompletableFuture.failedStage(e);
        }
        try {
            channel.config().setConnectTimeoutMillis(Math.toIntExact(timeout.toMillis()));
            Sockets.loopback(channel, address.getAddress());
            prepare.accept(channel);
        } catch (RuntimeException e) {
            channel.unsafe().closeForcibly();
            return CompletableFuture.failedStage(e);
        }
        CompletableFuture<SocketChannel> connected = new CompletableFuture<>();
        loop.register(channel).addListener(registered -> {
            if (!registered.isSuccess()) {
                connected.completeExceptionally(registered.cause());
                return;
            }
            channel.connect(address).addListener(done -> {
                if (done.isSuccess()) {
                    connected.complete(channel);
                } else {
                    channel.close();
                    connected.completeExceptionally(done.cause());
                }
            });
        });
        return connected;
    }

    /** Why a dial failed, in words. */
    static String reason(Throwable failure) {
        Throwable cause = failure.getCause();
        return failure instanceof CompletionException && cause != null
                ? reason(cause)
                : Objects.requireNonNullElse(failure.getMessage(), failure.toString());
    }

    private static InetAddress inet(byte[] literal) {
        try {
            return InetAddress.getByAddress(literal);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("address of " + literal.length + " bytes (expected: 4 or 16)", e);
        }
    }
}
