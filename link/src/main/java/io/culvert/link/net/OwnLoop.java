package io.culvert.link.net;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPromise;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.SingleThreadIoEventLoop;
import java.util.concurrent.Executor;

/**
 * Netty's loop with three differences.
 *
 * <p><b>It looks a while before it sleeps</b>, where it is told to and its turns follow one another closely: {@link Look}.
 *
 * <p><b>It takes a socket on behind the events of a turn</b>, and not among them. Netty's epoll (4.2.18) knows sockets by their numbers. What an earlier
 * event of the turn does may close a socket whose own event, an end say, still waits; one that is opened then has the same number, and would be told of that
 * end. Drop this part once Netty tells the two apart; {@code OwnLoopTest} shows whether it does.
 *
 * <p><b>It closes every socket before it ends.</b> Netty's own (4.2.18) looks once a turn whether it is to end, and then closes them; but it ends at the
 * end of the turn, and without that where it was shut down in between: by one of its tasks, or by another thread meanwhile, and without a quiet period.
 * Whoever waited for such a socket then waits for ever, and what waits for them is leaked. Drop this part once Netty's loop looks again behind its tasks;
 * {@code OwnLoopTest} shows whether it does.
 */
final class OwnLoop extends SingleThreadIoEventLoop {
    // Says nothing of the time spent with sockets, either: only a group that grows and shrinks by itself would ask.
    private static final IoHandlerContext AT_ONCE = new IoHandlerContext() {
        @Override
        public boolean canBlock() {
            return false;
        }

        @Override
        public long delayNanos(long now) {
            return 0;
        }

        @Override
        public long deadlineNanos() {
            return -1;
        }
    };

    private final boolean looks;
    private final Look look = new Look(ticker().nanoTime());
    /** Whether events of sockets are told; of the loop's thread. */
    private boolean amongEvents;

    /**
     * A loop.
     *
     * @param looks whether it looks before it sleeps: where a glance costs little (epoll, not the JDK's selector), and with more than one processor, since on
     *     a single one nothing that it could find happens while it looks
     */
    OwnLoop(IoEventLoopGroup group, Executor thread, IoHandlerFactory handlers, boolean looks) {
        super(group, thread, handlers);
        this.looks = looks;
    }

    @Override
    public ChannelFuture register(ChannelPromise promise) {
        if (inEventLoop() && amongEvents) {
            execute(() -> super.register(promise));
            return promise;
        }
        return super.register(promise);
    }

    @Override
    protected int runIo() {
        amongEvents = true;
        try {
            return lookAndWait();
        } finally {
            amongEvents = false;
        }
    }

    // The kernel itself is asked who else wants this processor; there is no other way to let them have it.
    @SuppressWarnings("ThreadPriorityCheck")
    private int lookAndWait() {
        if (looks && look.begins(ticker().nanoTime())) {
            long offered;
            do {
                int handled = ioHandler().run(AT_ONCE);
                if (handled > 0 || hasTasks() || hasScheduledTasks()) {
                    look.found();
                    return handled;
                }
                offered = ticker().nanoTime();
                Thread.yield();
            } while (look.goesOn(offered, ticker().nanoTime()));
        }
        return super.runIo();
    }

    /** Netty asks several times while it ends, so what the closing of a socket has opened is closed, too. */
    @Override
    protected boolean confirmShutdown() {
        if (isShuttingDown()) {
            ioHandler().prepareToDestroy();
        }
        return super.confirmShutdown();
    }
}
