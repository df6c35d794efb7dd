package io.culvert.bench;

import io.culvert.gateway.identity.ServerIdentity;
import io.culvert.link.net.BridgeTls;
import io.culvert.link.net.SocketLeg;
import io.culvert.link.net.Sockets;
import io.culvert.link.net.Transport;
import io.culvert.link.relay.Relay;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * The relay between two sockets over loopback, without yamux: one operation carries a mebibyte from a blocking socket by way of two legs to
 * a channel that only counts. With TLS, the second leg encrypts and the counting end decrypts, in the same process.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class RelayBench {
    private static final int MIB = 1 << 20;
    /** Mebibytes under way: enough that neither end waits for the other's turn. */
    private static final int UNDER_WAY = 4;

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /** Whether the second hop is encrypted. */
    @Param({"false", "true"})
    public boolean tls;

    private final byte[] mebibyte = new byte[MIB];
    private final Semaphore arrived = new Semaphore(UNDER_WAY);
    private final Transport transport = Transport.best();
    private Optional<Hops> hops = Optional.empty();

    /** What one run has open. */
    private record Hops(EventLoopGroup loops, Path directory, Socket source) {}

    /** Connects source, relay and sink. */
    @Setup
    public void connect() throws IOException {
        EventLoopGroup loops = transport.loops("bench", 2);
        Path directory = Files.createTempDirectory("culvert-bench");
        ServerIdentity identity = ServerIdentity.loadOrCreate(directory, Clock.systemUTC(), new SecureRandom());
        BridgeTls by = BridgeTls.best(Clock.systemUTC());
        SslContext server = by.server(identity.chain(), identity.key());
        SslContext client = by.agent(identity.pin());
        InetSocketAddress sink = listen(loops, channel -> {
            Sockets.asSession(channel);
            if (tls) {
                BridgeTls.addTo(channel.pipeline(), server, PATIENCE);
            }
            channel.pipeline().addLast(new Count(arrived));
        });
        InetSocketAddress relay = listen(loops, visitor -> relay(visitor, sink, client));
        Socket source = new Socket(relay.getAddress(), relay.getPort());
        hops = Optional.of(new Hops(loops, directory, source));
    }

    private InetSocketAddress listen(EventLoopGroup loops, Consumer<SocketChannel> prepare) {
        Channel listener = new ServerBootstrap()
                .group(loops)
                .channelFactory(transport::serverChannel)
                .childHandler(initializer(prepare))
                .bind(InetAddress.getLoopbackAddress(), 0)
                .syncUninterruptibly()
                .channel();
        return (InetSocketAddress) listener.localAddress();
    }

    private static ChannelInitializer<SocketChannel> initializer(Consumer<SocketChannel> prepare) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(SocketChannel channel) {
                prepare.accept(channel);
            }
        };
    }

    private void relay(SocketChannel visitor, InetSocketAddress sink, SslContext client) {
        Sockets.asLeg(visitor);
        SocketLeg left = new SocketLeg(visitor, PATIENCE);
        visitor.pipeline().addLast(left);
        new Bootstrap()
                .group(visitor.eventLoop())
                .channelFactory(() -> transport.socketChannel(sink.getAddress()))
                .handler(initializer(channel -> {
                    Sockets.asSession(channel);
                    if (tls) {
                        BridgeTls.addTo(channel.pipeline(), client, PATIENCE);
                    }
                    SocketLeg right = new SocketLeg(channel, PATIENCE);
                    channel.pipeline().addLast(right);
                    SslHandler handshake = channel.pipeline().get(SslHandler.class);
                    if (handshake == null) {
                        channel.eventLoop().execute(() -> join(left, right));
                    } else {
                        handshake.handshakeFuture().addListener(done -> join(left, right));
                    }
                }))
                .connect(sink);
    }

    private static void join(SocketLeg left, SocketLeg right) {
        Relay.join(left, right, new Uncounted(), reason -> {});
    }

    /** Carries a mebibyte. */
    @Benchmark
    public void carryMebibyte() throws IOException, InterruptedException {
        hops.orElseThrow().source().getOutputStream().write(mebibyte);
        if (!arrived.tryAcquire(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            throw new IllegalStateException("nothing has arrived for " + PATIENCE.toSeconds() + " s");
        }
    }

    /** Closes everything. */
    @TearDown
    public void close() throws IOException {
        Hops open = hops.orElseThrow();
        open.source().close();
        open.loops().shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
        try (Stream<Path> files = Files.walk(open.directory())) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private record Uncounted() implements Relay.Traffic {
        @Override
        public void forth(int bytes) {
            // Counted where they arrive.
        }

        @Override
        public void back(int bytes) {
            // There are none.
        }
    }

    private static final class Count extends ChannelInboundHandlerAdapter {
        private final Semaphore arrived;
        private int part;

        Count(Semaphore arrived) {
            this.arrived = arrived;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ByteBuf bytes = (ByteBuf) message;
            part += bytes.readableBytes();
            bytes.release();
            arrived.release(part / MIB);
            part %= MIB;
        }
    }
}
