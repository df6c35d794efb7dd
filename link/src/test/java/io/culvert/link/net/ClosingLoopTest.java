package io.culvert.link.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.DatagramChannel;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(30)
class ClosingLoopTest {
    /** As an agent does, whose last session is over. */
    @ParameterizedTest
    @EnumSource
    void aLoopThatShutsItselfDownLeavesNoSocketOpen(Transport transport) {
        EventLoopGroup loops = transport.loops("test", 1);
        DatagramChannel first = transport.datagramChannel();
        // As who tries the next address of a name.
        DatagramChannel next = transport.datagramChannel();
        first.closeFuture().addListener(closed -> loops.register(next));
        loops.register(first).syncUninterruptibly();
        loops.execute(() -> loops.shutdownGracefully(0, 5, TimeUnit.SECONDS));
        assertThat(loops.terminationFuture().awaitUninterruptibly(10, TimeUnit.SECONDS))
                .isTrue();
        assertThat(first.closeFuture().isDone()).isTrue();
        assertThat(next.closeFuture().isDone()).isTrue();
    }
}
