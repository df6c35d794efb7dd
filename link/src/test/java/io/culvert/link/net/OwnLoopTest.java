package io.culvert.link.net;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoRegistration;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.DatagramChannel;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class OwnLoopTest {
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

    /** Many short turns, each begun by another thread while this one looks, goes to sleep behind a look, or sleeps. */
    @ParameterizedTest
    @EnumSource
    void noTaskOfAnotherThreadIsMissed(Transport transport) {
        EventLoopGroup loops = transport.loops("test", 2);
        try {
            EventLoop here = loops.next();
            EventLoop there = loops.next();
            here.schedule(() -> {}, 1, TimeUnit.HOURS);
            there.schedule(() -> {}, 1, TimeUnit.HOURS);
            CompletableFuture<Void> done = new CompletableFuture<>();
            toAndFro(here, there, 10_000, done);
            done.orTimeout(20, TimeUnit.SECONDS).join();
        } finally {
            loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly(10, TimeUnit.SECONDS);
        }
    }

    /**
     * Two sockets have news in one turn. Who hears the first one's closes the other, and dials: the new socket gets the number that has just become free, and
     * the news of the old one, an end, was its own.
     */
    @Test
    void whatHappenedToASocketThatIsGoneIsNotToldToTheNextOfItsNumber() throws Exception {
        assumeTrue(Epoll.isAvailable());
        EventLoopGroup loops = Transport.EPOLL.loops("test", 1);
        try (ServerSocket target = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            EventLoop loop = loops.next();
            // Another thread may take the number first, and not each time do both events come together.
            for (int sameNumber = 0; sameNumber < 20; ) {
                EpollSocketChannel hearing = connect(loop, target);
                EpollSocketChannel gone = connect(loop, target);
                try (Socket first = target.accept();
                        Socket second = target.accept()) {
                    int number = gone.fd().intValue();
                    CompletableFuture<EpollSocketChannel> next = new CompletableFuture<>();
                    hearing.pipeline().addLast(new ChannelInboundHandlerAdapter() {
                        @Override
                        public void channelRead(ChannelHandlerContext context, Object bytes) {
                            ReferenceCountUtil.release(bytes);
                            gone.close();
                            dial(loop, target, next);
                        }
                    });
                    CountDownLatch stands = new CountDownLatch(1);
                    CountDownLatch both = new CountDownLatch(1);
                    loop.execute(() -> {
                        stands.countDown();
                        try {
                            both.await();
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                    });
                    stands.await();
                    first.getOutputStream().write(1);
                    second.shutdownOutput();
                    both.countDown();
                    EpollSocketChannel dialled = next.get(10, TimeUnit.SECONDS);
                    sameNumber += dialled.fd().intValue() == number ? 1 : 0;
                    assertThat(dialled.isInputShutdown()).as("ended").isFalse();
                    target.accept().close();
                    dialled.close();
                }
                hearing.close();
            }
        } finally {
            loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly(10, TimeUnit.SECONDS);
        }
    }

    private static EpollSocketChannel connect(EventLoop loop, ServerSocket target) {
        CompletableFuture<EpollSocketChannel> connected = new CompletableFuture<>();
        dial(loop, target, connected);
        return connected.orTimeout(10, TimeUnit.SECONDS).join();
    }

    private static void dial(EventLoop loop, ServerSocket target, CompletableFuture<EpollSocketChannel> connected) {
        EpollSocketChannel channel = (EpollSocketChannel) Transport.EPOLL.socketChannel(target.getInetAddress());
        loop.register(channel)
                .addListener(registered -> channel.connect(target.getLocalSocketAddress())
                        .addListener(done -> connected.complete(channel)));
    }

    /** The first look puts a task into the queue, and the second a timer that is due: each ends the look, ahead of any sleep. */
    @Test
    void whatThereIsToDoEndsALook() {
        List<String> seen = new ArrayList<>();
        CompletableFuture<Void> done = new CompletableFuture<>();
        Woken sockets = new Woken(
                loop -> {
                    if (done.isDone()) {
                        return;
                    }
                    if (seen.isEmpty()) {
                        loop.execute(() -> seen.add("task"));
                    } else {
                        loop.schedule(
                                () -> {
                                    seen.add("timer");
                                    done.complete(null);
                                },
                                0,
                                TimeUnit.NANOSECONDS);
                    }
                    seen.add("look");
                },
                () -> {
                    if (!seen.isEmpty() && !done.isDone()) {
                        seen.add("sleep");
                    }
                });
        run(sockets, true, done);
        assertThat(seen).containsExactly("look", "task", "look", "timer");
    }

    @Test
    void aLoopThatIsNotToLookDoesNot() {
        AtomicInteger looks = new AtomicInteger();
        AtomicInteger sleeps = new AtomicInteger();
        CompletableFuture<Void> done = new CompletableFuture<>();
        Woken sockets = new Woken(loop -> looks.incrementAndGet(), () -> {
            if (sleeps.incrementAndGet() == 100) {
                done.complete(null);
            }
        });
        run(sockets, false, done);
        assertThat(looks).hasValue(0);
    }

    private static void toAndFro(EventLoop here, EventLoop there, int left, CompletableFuture<Void> done) {
        if (left == 0) {
            done.complete(null);
        } else if (left % 10 == 0) {
            // Up to the longest look and beyond it: what another loop looks for comes at any time around the end of it.
            there.schedule(() -> toAndFro(there, here, left - 1, done), left % 130, TimeUnit.MICROSECONDS);
        } else {
            there.execute(() -> toAndFro(there, here, left - 1, done));
        }
    }

    /** Runs one loop with these for its sockets. */
    private static void run(Woken sockets, boolean looks, CompletableFuture<Void> until) {
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, executor -> sockets) {
            @Override
            protected IoEventLoop newChild(Executor thread, IoHandlerFactory factory, Object... nothing) {
                OwnLoop loop = new OwnLoop(this, thread, factory, looks);
                sockets.loop = loop;
                return loop;
            }
        };
        try {
            loops.execute(() -> {});
            until.orTimeout(20, TimeUnit.SECONDS).join();
        } finally {
            loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly(10, TimeUnit.SECONDS);
        }
    }

    /** Sockets that wake a loop again and again, for nothing: its turns are as short as can be. */
    private static final class Woken implements IoHandler {
        private final Consumer<EventLoop> onLook;
        private final Runnable onSleep;
        private volatile @Nullable EventLoop loop;
        private @Nullable IoHandlerContext loopsOwn;

        Woken(Consumer<EventLoop> onLook, Runnable onSleep) {
            this.onLook = onLook;
            this.onSleep = onSleep;
        }

        @Override
        public int run(IoHandlerContext context) {
            if (loopsOwn == null) {
                // Nothing hurries the first turn, so it is none of a look.
                loopsOwn = context;
            }
            if (context == loopsOwn) {
                onSleep.run();
            } else {
                onLook.accept(requireNonNull(loop));
            }
            return 0;
        }

        @Override
        public IoRegistration register(IoHandle handle) {
            throw new UnsupportedOperationException("register: there are no sockets here");
        }

        @Override
        public void prepareToDestroy() {}

        @Override
        public void destroy() {}

        @Override
        public void wakeup() {}

        @Override
        public boolean isCompatible(Class<? extends IoHandle> handleType) {
            return false;
        }
    }
}
