package io.culvert.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.link.net.Transport;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.DatagramChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** What a dial does where it cannot be done: its stage fails, on the loop, and nothing else. */
class DialerTest {
    private static final Transport TRANSPORT = Transport.best();
    /** Its first label is longer than a name's may be (RFC 1035, 2.3.4), so no server is asked for it. */
    private static final Address NOWHERE = new Address("x".repeat(64) + ".example", 9);

    private final Dialer dialer = new Dialer(TRANSPORT, Runnable::run, Duration.ofSeconds(5));

    @Test
    void datagramsGoWhereTheyWereDialled() throws Exception {
        EventLoopGroup loops = TRANSPORT.loops("dialer-test", 1);
        try {
            DatagramChannel channel = dialer.dialUdp(new Address("127.0.0.1", 9), loops.next())
                    .toCompletableFuture()
                    .get(10, TimeUnit.SECONDS);
            assertThat(channel.remoteAddress()).isEqualTo(new InetSocketAddress(InetAddress.getLoopbackAddress(), 9));
            channel.close().sync();
        } finally {
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
        }
    }

    @Test
    void aLoopThatHasEndedFailsTheDial() throws Exception {
        EventLoopGroup loops = TRANSPORT.loops("dialer-test", 1);
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
        assertThatThrownBy(() -> dialer.dialUdp(new Address("127.0.0.1", 9), loops.next())
                        .toCompletableFuture()
                        .get(10, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class);
    }

    /** Whoever dialled for a stream resets it then: on another thread that would race with its session. */
    @Test
    void aNameThatHasNoAddressFailsTheDialOnTheLoop() throws Exception {
        Queue<Runnable> lookups = new ConcurrentLinkedQueue<>();
        Dialer slow = new Dialer(TRANSPORT, lookups::add, Duration.ofSeconds(5));
        EventLoopGroup loops = TRANSPORT.loops("dialer-test", 1);
        try {
            EventLoop loop = loops.next();
            List<Supplier<CompletionStage<?>>> dials =
                    List.of(() -> slow.dial(NOWHERE, loop, channel -> {}), () -> slow.dialUdp(NOWHERE, loop));
            for (Supplier<CompletionStage<?>> dial : dials) {
                CompletableFuture<String> told = new CompletableFuture<>();
                loop.submit(() -> dial.get()
                                .whenComplete((channel, failure) -> told.complete(
                                        (loop.inEventLoop() ? "loop: " : "another thread: ") + Dialer.reason(failure))))
                        .sync();
                lookups.remove().run();
                assertThat(told.get(10, TimeUnit.SECONDS)).isEqualTo("loop: no address for '" + NOWHERE.host() + "'");
            }
        } finally {
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
        }
    }

    @Test
    void aLookupThatTakesTooLongIsToldInWords() throws Exception {
        Address slow = new Address("slow.example", 9);
        Queue<Runnable> lookups = new ConcurrentLinkedQueue<>();
        Dialer hasty = new Dialer(TRANSPORT, lookups::add, Duration.ofMillis(50));
        EventLoopGroup loops = TRANSPORT.loops("dialer-test", 1);
        try {
            assertThatThrownBy(() -> hasty.dial(slow, loops.next(), channel -> {})
                            .toCompletableFuture()
                            .get(10, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .cause()
                    .hasMessage("'slow.example' was not looked up within 50 ms")
                    .satisfies(failure ->
                            assertThat(TargetProbe.text(slow, failure)).isEqualTo("timed out slow.example:9"));
        } finally {
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
        }
    }
}
