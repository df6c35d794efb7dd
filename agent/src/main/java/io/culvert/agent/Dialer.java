package io.culvert.agent;

import io.culvert.link.net.Transport;
import io.netty.channel.EventLoop;
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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
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

    Dialer(Transport transport, Executor lookups, Duration timeout) {
        this.transport = transport;
        this.lookups = lookups;
        this.timeout = timeout;
    }

    /**
     * Connects.
     *
     * @param prepare sets up each channel that is tried, options and pipeline, before it is registered
     */
    CompletionStage<SocketChannel> dial(Address address, EventLoop loop, Consumer<SocketChannel> prepare) {
        byte[] literal = NetUtil.createByteArrayFromIpAddressString(address.host());
        if (literal != null) {
            return connect(address, new ArrayDeque<>(Arrays.asList(inet(literal))), loop, prepare, null);
        }
        CompletableFuture<Queue<InetAddress>> found = new CompletableFuture<>();
        lookups.execute(() -> {
            try {
                found.complete(new ArrayDeque<>(Arrays.asList(InetAddress.getAllByName(address.host()))));
            } catch (UnknownHostException | RuntimeException e) {
                found.completeExceptionally(new IOException("no address for '" + address.host() + "'", e));
            }
        });
        return found.thenComposeAsync(addresses -> connect(address, addresses, loop, prepare, null), loop);
    }

    private CompletionStage<SocketChannel> connect(
            Address address,
            Queue<InetAddress> addresses,
            EventLoop loop,
            Consumer<SocketChannel> prepare,
            @Nullable Throwable failure) {
        InetAddress next = addresses.poll();
        if (next == null) {
            return CompletableFuture.failedStage(new IOException(
                    address + " cannot be reached" + (failure == null ? "" : ": " + failure.getMessage()), failure));
        }
        CompletableFuture<SocketChannel> connected = new CompletableFuture<>();
        SocketChannel channel = transport.socketChannel();
        channel.config().setConnectTimeoutMillis(Math.toIntExact(timeout.toMillis()));
        prepare.accept(channel);
        loop.register(channel)
                .addListener(registered -> channel.connect(new InetSocketAddress(next, address.port()))
                        .addListener(done -> {
                            if (done.isSuccess()) {
                                connected.complete(channel);
                            } else {
                                channel.close();
                                connected.completeExceptionally(done.cause());
                            }
                        }));
        return connected.exceptionallyCompose(cause -> connect(address, addresses, loop, prepare, cause));
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
