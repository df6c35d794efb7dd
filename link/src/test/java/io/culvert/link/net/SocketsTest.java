package io.culvert.link.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.netty.channel.ChannelOption;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.unix.RawUnixChannelOption;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SocketsTest {
    /** {@code TCP_CONGESTION}, and room for the four letters that are looked for. */
    private static final ChannelOption<ByteBuffer> CONGESTION = new RawUnixChannelOption("TCP_CONGESTION", 6, 13, 4);

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "127.83.71.9", "::1"})
    void towardTheMachineItselfNothingIsPaced(String far) throws Exception {
        assumeThat(Transport.best()).isEqualTo(Transport.EPOLL);
        SocketChannel channel = Transport.EPOLL.socketChannel();
        try {
            Sockets.toward(channel, InetAddress.getByName(far));
            assertThat(congestion(channel)).isEqualTo("reno");
        } finally {
            channel.unsafe().closeForcibly();
        }
    }

    @Test
    void towardOthersTheMachinesChoiceStands() throws Exception {
        assumeThat(Transport.best()).isEqualTo(Transport.EPOLL);
        SocketChannel channel = Transport.EPOLL.socketChannel();
        try {
            String before = congestion(channel);
            Sockets.toward(channel, InetAddress.getByName("192.0.2.1"));
            assertThat(congestion(channel)).isEqualTo(before);
        } finally {
            channel.unsafe().closeForcibly();
        }
    }

    @Test
    void aTransportThatCannotChooseIsLeftAlone() throws Exception {
        SocketChannel channel = Transport.NIO.socketChannel();
        try {
            Sockets.toward(channel, InetAddress.getLoopbackAddress());
            assertThat(channel.isOpen()).isTrue();
        } finally {
            channel.unsafe().closeForcibly();
        }
    }

    private static String congestion(SocketChannel channel) {
        ByteBuffer name = Objects.requireNonNull(channel.config().getOption(CONGESTION));
        return StandardCharsets.US_ASCII.decode(name).toString();
    }
}
