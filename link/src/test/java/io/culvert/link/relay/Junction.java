package io.culvert.link.relay;

import io.culvert.link.net.SocketLeg;
import io.culvert.link.net.Sockets;
import io.culvert.link.net.Transport;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A visitor and a target, two sockets of the JDK, and between them two legs on one loop for a relay to join. */
final class Junction implements AutoCloseable {
    /** Small, so that little data fills the kernel's buffers. */
    private static final int KERNEL_BUFFER = 8 * 1024;

    final Socket visitor;
    final Socket target;
    final WatchedLeg left;
    final WatchedLeg right;
    final AtomicLong forth = new AtomicLong();
    final AtomicLong back = new AtomicLong();
    final List<CloseReason> closed = new CopyOnWriteArrayList<>();
    private final EventLoopGroup loops;
    private final Channel server;
    private final BlockingQueue<SocketLeg> legs = new LinkedBlockingQueue<>();
    private @Nullable Relay relay;

    Junction(Transport transport) throws Exception {
        loops = transport.loops("junction", 1);
        server = new ServerBootstrap()
                .group(loops)
                .channelFactory(transport::serverChannel)
                .childOption(ChannelOption.SO_SNDBUF, KERNEL_BUFFER)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        Sockets.asLeg(channel);
                        SocketLeg leg = new SocketLeg(channel);
                        channel.pipeline().addLast(leg);
                        legs.add(leg);
                    }
                })
                .bind(InetAddress.getLoopbackAddress(), 0)
                .sync()
                .channel();
        visitor = connect();
        left = new WatchedLeg(next());
        target = connect();
        right = new WatchedLeg(next());
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(KERNEL_BUFFER);
        socket.connect(new InetSocketAddress(
                InetAddress.getLoopbackAddress(), ((InetSocketAddress) server.localAddress()).getPort()));
        socket.setSoTimeout(20_000);
        return socket;
    }

    private SocketLeg next() throws InterruptedException {
        SocketLeg leg = legs.poll(20, TimeUnit.SECONDS);
        if (leg == null) {
            throw new IllegalStateException("no connection arrived");
        }
        return leg;
    }

    Junction join() throws Exception {
        return join(null, null);
    }

    Junction join(@Nullable Valve forthValve, @Nullable Valve backValve) throws Exception {
        relay = loops.submit(() -> Relay.join(
                        left,
                        right,
                        new Relay.Traffic() {
                            @Override
                            public void forth(int bytes) {
                                forth.addAndGet(bytes);
                            }

                            @Override
                            public void back(int bytes) {
                                back.addAndGet(bytes);
                            }
                        },
                        forthValve,
                        backValve,
                        closed::add))
                .get();
        return this;
    }

    /** Does something to the relay on its loop. */
    void on(Consumer<Relay> action) throws Exception {
        Relay joined = Objects.requireNonNull(relay);
        loops.submit(() -> action.accept(joined)).get();
    }

    void cut() {
        Relay joined = relay;
        if (joined != null) {
            loops.submit(joined::cut).syncUninterruptibly();
        }
    }

    /** Lets the loop look at its sockets and do what it finds there. */
    void turns(int times) throws Exception {
        for (int i = 0; i < times; i++) {
            loops.submit(() -> {}).get();
        }
    }

    @Override
    public void close() throws IOException {
        cut();
        visitor.close();
        target.close();
        server.close().syncUninterruptibly();
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
