package io.culvert.link.net;

import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.SingleThreadIoEventLoop;
import java.util.concurrent.Executor;

/**
 * Netty's loop with two differences.
 *
 * <p><b>It looks a while longer before it sleeps</b>, as long as its turns are short, and hands its processor to whoever wants it between two looks. To
 * wake a processor that idles is an interrupt, and on a virtual machine an exit from it: a request that goes through a tunnel and back sleeps six times,
 * and half of its time was that. It is what {@code haltpoll} does in the kernel where there is one: the look doubles with each short turn, up to {@value #MOST_LOOK}
 * ns, and halves with each longer one, so that a loop that nothing hurries sleeps at once. Figures: {@code RATIONALE.md}.
 *
 * <p><b>It closes every socket before it ends.</b> Netty's own (4.2.0 to 4.2.18) looks once a turn whether it is to end, and then closes them; but it ends
 * at the end of the turn, and without that where it was shut down in between: by one of its tasks, or by another thread meanwhile, and without a quiet
 * period. Whoever waited for such a socket then waits for ever, and what waits for them is leaked. Drop this part once Netty's loop looks again behind its
 * tasks; {@code OwnLoopTest} shows whether it does.
 */
final class OwnLoop extends SingleThreadIoEventLoop {
    /** A turn, its wait included, behind which the next one is probably not far. */
    private static final long SHORT_TURN = 100_000;

    private static final long LEAST_LOOK = 5_000;
    private static final long MOST_LOOK = 50_000;

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
            return 0;
        }
    };

    private final boolean looks;
    private long turnBegan;
    private long look;

    /**
     * A loop.
     *
     * @param looks whether it looks before it sleeps: not where there is one processor, which nobody else can wake
     */
    OwnLoop(IoEventLoopGroup group, Executor thread, IoHandlerFactory handlers, boolean looks) {
        super(group, thread, handlers);
        this.looks = looks;
    }

    @Override
    protected int runIo() {
        long now = System.nanoTime();
        adapt(now - turnBegan);
        turnBegan = now;
        return look > 0 ? lookAndRun(now + look) : super.runIo();
    }

    private void adapt(long turn) {
        if (!looks || turn >= SHORT_TURN) {
            look = look / 2 < LEAST_LOOK ? 0 : look / 2;
        } else {
            look = Math.min(MOST_LOOK, Math.max(LEAST_LOOK, 2 * look));
        }
    }

    // The kernel itself is asked who else wants this processor; there is no other way to let them have it.
    @SuppressWarnings("ThreadPriorityCheck")
    private int lookAndRun(long until) {
        do {
            int handled = ioHandler().run(AT_ONCE);
            if (handled > 0 || hasTasks() || hasScheduledTasks()) {
                return handled;
            }
            Thread.yield();
        } while (System.nanoTime() - until < 0);
        return super.runIo();
    }

    @Override
    protected void run() {
        super.run();
        if (isShuttingDown()) {
            ioHandler().prepareToDestroy();
        }
    }
}
