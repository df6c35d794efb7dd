package io.culvert.link.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.unix.RawUnixChannelOption;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** On a machine whose own choice is not RENO already. */
@Timeout(30)
class SocketsTest {
    /** {@code TCP_CONGESTION}, and room for the four letters that are looked for. */
    private static final ChannelOption<ByteBuffer> CONGESTION = new RawUnixChannelOption("TCP_CONGESTION", 6, 13, 4);

    @BeforeEach
    void theMachineHasAChoice() {
        assumeThat(Transport.best()).isEqualTo(Transport.EPOLL);
        SocketChannel fresh = Transport.EPOLL.socketChannel(InetAddress.getLoopbackAddress());
        try {
            assumeThat(congestion(fresh)).isNotEqualTo("reno");
        } finally {
            fresh.unsafe().closeForcibly();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "127.83.71.9", "::1"})
    void onLoopbackItIsReno(String address) throws Exception {
        SocketChannel channel = Transport.EPOLL.socketChannel(InetAddress.getLoopbackAddress());
        try {
            Sockets.loopback(channel, InetAddress.getByName(address));
            assertThat(congestion(channel)).isEqualTo("reno");
        } finally {
            channel.unsafe().closeForcibly();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"192.0.2.1", "0.0.0.0", "::"})
    void elsewhereTheMachinesChoiceStands(String address) throws Exception {
        SocketChannel channel = Transport.EPOLL.socketChannel(InetAddress.getLoopbackAddress());
        try {
            Sockets.loopback(channel, InetAddress.getByName(address));
            assertThat(congestion(channel)).isNotEqualTo("reno");
        } finally {
            channel.unsafe().closeForcibly();
        }
    }

    @Test
    void whatIsAcceptedThereHasItToo() throws Exception {
        EventLoopGroup loops = Transport.EPOLL.loops("sockets", 1);
        try {
            CompletableFuture<String> accepted = new CompletableFuture<>();
            ServerSocketChannel listener = Transport.EPOLL.serverChannel();
            listener.pipeline().addLast(new ChannelInboundHandlerAdapter() {
                @Override
                public void channelRead(ChannelHandlerContext ctx, Object child) {
                    SocketChannel channel = (SocketChannel) child;
                    accepted.complete(congestion(channel));
                    channel.unsafe().closeForcibly();
                }
            });
            InetAddress here = InetAddress.getLoopbackAddress();
            Sockets.loopback(listener, here);
            loops.register(listener).syncUninterruptibly();
            listener.bind(new InetSocketAddress(here, 0)).syncUninterruptibly();
            try (Socket visitor = new Socket(here, listener.localAddress().getPort())) {
                assertThat(visitor.isConnected()).isTrue();
                assertThat(accepted.get(10, TimeUnit.SECONDS)).isEqualTo("reno");
            }
        } finally {
            assertThat(loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(10_000))
                    .isTrue();
        }
    }

    @Test
    void aTransportThatCannotChooseIsLeftAlone() {
        SocketChannel channel = Transport.NIO.socketChannel(InetAddress.getLoopbackAddress());
        try {
            Sockets.loopback(channel, InetAddress.getLoopbackAddress());
            assertThat(channel.isOpen()).isTrue();
        } finally {
            channel.unsafe().closeForcibly();
        }
    }

    private static String congestion(Channel channel) {
        ByteBuffer name = Objects.requireNonNull(channel.config().getOption(CONGESTION));
        return StandardCharsets.US_ASCII.decode(name).toString();
    }
}
