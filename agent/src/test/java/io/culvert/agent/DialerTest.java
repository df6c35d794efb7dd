package io.culvert.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.link.net.Transport;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.DatagramChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What a dial for datagrams does where it cannot be done: its stage fails, and nothing else. */
class DialerTest {
    private static final Transport TRANSPORT = Transport.best();

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
}
