package io.culvert.gateway.engine;

import io.culvert.gateway.BridgeSpec;
import io.culvert.gateway.ExposeSpec;
import io.culvert.gateway.NoSocketException;
import io.culvert.gateway.PortRange;
import io.culvert.gateway.PortUnavailableException;
import io.netty.channel.ChannelException;
import io.netty.channel.EventLoop;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;

/** Binds ports for tunnels and does the books of them. Lives on one loop, where its stages complete too. */
final class PortClerk {
    private final EventLoop loop;
    private final InetAddress exposeHost;
    private final PortRange range;
    private final Ports ports = new Ports();

    /**
     * A clerk who holds nothing yet.
     *
     * @param exposeHost the address of who names none
     * @param range what ports are picked from for who names none
     */
    PortClerk(EventLoop loop, InetAddress exposeHost, PortRange range) {
        this.loop = loop;
        this.exposeHost = exposeHost;
        this.range = range;
    }

    EventLoop loop() {
        return loop;
    }

    /**
     * What is to be bound.
     *
     * @param what for messages
     * @param port 0 for a free one of the range
     */
    record Wish(String what, int port, Optional<String> host, Optional<PortRange> range) {
        static Wish of(ExposeSpec expose) {
            return new Wish("expose", expose.port(), expose.host(), expose.range());
        }

        static Wish of(BridgeSpec bridge) {
            return new Wish("bridge", bridge.port(), Optional.empty(), Optional.empty());
        }

        Wish at(int otherPort) {
            return new Wish(what, otherPort, host, range);
        }
    }

    /** Binds one kind of port. */
    interface Binder {
        CompletionStage<PublicPort> bind(InetSocketAddress address);
    }

    /**
     * Binds a port, or the next free one of the range, and puts it where it belongs.
     *
     * @param home where {@code place} is called
     * @param place takes the port over; the stage has its number, or fails, the port free again
     */
    CompletionStage<Integer> bind(
            Wish wish, Binder binder, EventLoop home, Function<PublicPort, CompletionStage<Integer>> place) {
        assert loop.inEventLoop();
        PortRange from = wish.range().orElse(range);
        return wish.port() == 0
                ? bindAny(wish, from, ports.tries(from), binder, home, place)
                : bindOne(wish, wish.port(), binder, home, place);
    }

    private CompletionStage<Integer> bindAny(
            Wish wish,
            PortRange from,
            int tries,
            Binder binder,
            EventLoop home,
            Function<PublicPort, CompletionStage<Integer>> place) {
        // Asked again at each try: others may have taken what was free at the first.
        if (tries <= 0 || ports.tries(from) <= 0) {
            return CompletableFuture.failedStage(new PortUnavailableException(
                    0, wish.what() + ": no free port left (the server picks from " + from + ")"));
        }
        return bindOne(wish, ports.candidate(from), binder, home, place).exceptionallyCompose(failure -> {
            Throwable cause = cause(failure);
            return cause instanceof PortUnavailableException
                    ? bindAny(wish, from, tries - 1, binder, home, place)
                    : CompletableFuture.failedStage(cause);
        });
    }

    private CompletionStage<Integer> bindOne(
            Wish wish, int port, Binder binder, EventLoop home, Function<PublicPort, CompletionStage<Integer>> place) {
        InetSocketAddress address;
        try {
            address = address(wish, port);
        } catch (IllegalArgumentException e) {
            return CompletableFuture.failedStage(e);
        }
        boolean held = ports.hold(port);
        return bound(binder, address)
                .exceptionallyCompose(failure -> CompletableFuture.failedStage(
                        cause(failure) instanceof NoSocketException none
                                ? none
                                : new PortUnavailableException(
                                        wish.port(),
                                        wish.what() + ": " + port + " cannot be bound: " + plain(failure))))
                .thenComposeAsync(place, home)
                .whenCompleteAsync(
                        (bound, failure) -> {
                            if (failure != null && held) {
                                ports.giveBack(port);
                            }
                        },
                        loop);
    }

    private static CompletionStage<PublicPort> bound(Binder binder, InetSocketAddress address) {
        try {
            return binder.bind(address);
        } catch (ChannelException e) {
            // What a channel says that is made without a socket; another port would have none either.
            return CompletableFuture.failedStage(new NoSocketException(e));
        }
    }

    private InetSocketAddress address(Wish wish, int port) {
        if (wish.host().isEmpty()) {
            return new InetSocketAddress(exposeHost, port);
        }
        String host = wish.host().get();
        InetAddress literal = NetUtil.createInetAddressFromIpAddressString(host);
        if (literal == null) {
            // A name would be looked up here, on a loop.
            throw new IllegalArgumentException(wish.what() + " host: '" + host + "' (expected: a numeric address)");
        }
        return new InetSocketAddress(literal, port);
    }

    /** Ports are free again. */
    void giveBack(Collection<Integer> free) {
        assert loop.inEventLoop();
        free.forEach(ports::giveBack);
    }

    /** What failed, without what stages wrap around it. */
    static Throwable cause(Throwable failure) {
        Throwable cause = failure.getCause();
        boolean wrapped = failure instanceof CompletionException || failure instanceof ExecutionException;
        return wrapped && cause != null ? cause(cause) : failure;
    }

    /** The same in words. */
    static String plain(Throwable failure) {
        Throwable cause = cause(failure);
        return Objects.requireNonNullElse(cause.getMessage(), cause.toString());
    }
}
