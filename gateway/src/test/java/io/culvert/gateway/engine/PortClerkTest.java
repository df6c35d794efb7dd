package io.culvert.gateway.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.gateway.NoSocketException;
import io.culvert.gateway.PortRange;
import io.culvert.gateway.engine.PortClerk.Wish;
import io.culvert.link.net.Descriptors;
import io.culvert.link.net.Transport;
import io.netty.channel.ChannelException;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PortClerkTest {
    /** A loopback address that nobody else on the machine uses. */
    private static final InetAddress HOST = new InetSocketAddress("127.83.71.10", 0).getAddress();

    private static final PortRange ONE_PORT = new PortRange(21_100, 21_100);
    private static final Wish ANY = new Wish("expose", 0, Optional.empty(), Optional.empty());

    private final EventLoopGroup loops = Transport.best().loops("ports", 1);
    private final EventLoop loop = loops.next();
    private final PortClerk clerk = new PortClerk(loop, HOST, ONE_PORT);

    @AfterEach
    void close() {
        assertThat(loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(10_000))
                .isTrue();
    }

    @Test
    void aPortForWhichTheSystemGaveNoSocketIsFreeAgain() throws Exception {
        PortClerk.Binder none = address -> {
            throw new ChannelException(
                    "Unable to create Channel", new ChannelException(new IOException("Too many open files")));
        };
        assertThat(bind(none))
                .failsWithin(10, TimeUnit.SECONDS)
                .withThrowableOfType(ExecutionException.class)
                .havingCause()
                .isInstanceOf(NoSocketException.class)
                .withMessage("the system gives no socket: Too many open files");

        PortClerk.Binder real = address -> Listener.bind(
                        Transport.best(), loop, address, true, new Scarcity(Descriptors.UNLIMITED), visitor -> {})
                .thenApply(listener -> listener);
        assertThat(bind(real)).succeedsWithin(10, TimeUnit.SECONDS).isEqualTo(ONE_PORT.from());
    }

    private CompletableFuture<Integer> bind(PortClerk.Binder binder) {
        return CompletableFuture.supplyAsync(() -> clerk.bind(ANY, binder, loop, PortClerkTest::taken), loop)
                .thenCompose(bound -> bound);
    }

    private static CompletionStage<Integer> taken(PublicPort port) {
        int number = port.port();
        return port.close().thenApply(closed -> number);
    }
}
