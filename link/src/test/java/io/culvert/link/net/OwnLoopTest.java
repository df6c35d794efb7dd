package io.culvert.link.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.DatagramChannel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(30)
class OwnLoopTest {
    /** As an agent does, whose last session is over. */
    @ParameterizedTest
    @EnumSource
    void aLoopThatShutsItselfDownLeavesNoSocketOpen(Transport transport) {
        EventLoopGroup loops = transport.loops("test", 1);
        DatagramChannel channel = transport.datagramChannel();
        loops.register(channel).syncUninterruptibly();
        loops.execute(() -> loops.shutdownGracefully(0, 5, TimeUnit.SECONDS));
        assertThat(loops.terminationFuture().awaitUninterruptibly(10, TimeUnit.SECONDS))
                .isTrue();
        assertThat(channel.isOpen()).isFalse();
        assertThat(channel.closeFuture().isDone()).isTrue();
    }

    /** Many short turns, each begun by another thread while this one looks, or goes to sleep behind a look: none is missed. */
    @ParameterizedTest
    @EnumSource
    void aTaskOfAnotherThreadAndATimerEndALook(Transport transport) {
        EventLoopGroup loops = transport.loops("test", 2);
        try {
            CompletableFuture<Void> done = new CompletableFuture<>();
            toAndFro(loops.next(), loops.next(), 50_000, done);
            done.orTimeout(20, TimeUnit.SECONDS).join();
        } finally {
            loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly(10, TimeUnit.SECONDS);
        }
    }

    private static void toAndFro(EventLoop here, EventLoop there, int left, CompletableFuture<Void> done) {
        if (left == 0) {
            done.complete(null);
        } else if (left % 100 == 0) {
            there.schedule(() -> toAndFro(there, here, left - 1, done), 10, TimeUnit.MICROSECONDS);
        } else {
            there.execute(() -> toAndFro(there, here, left - 1, done));
        }
    }
}
