package io.culvert.web.http;

import io.netty.channel.EventLoop;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Whose call a web loop does next: by turns between those who call, and never long without a look at its sockets. So whoever asks for a thousand long lists waits
 * for them alone, and those that nobody waits for any more are known before they are made. What a caller changes and what he reads have turns of their own: his
 * own lists do not keep his renewals waiting either.
 *
 * <p>Thread-safe: each web loop has its own.
 */
public final class Turns {
    /** How long a loop works before it looks at its sockets again. A longer step is not cut. */
    static final Duration SLICE = Duration.ofMillis(2);

    private final ThreadLocal<Line> lines;

    /** @param nanoTime a clock in nanoseconds that never goes back */
    public Turns(LongSupplier nanoTime) {
        this.lines = ThreadLocal.withInitial(() -> {
            EventLoop loop = context().nettyEventLoop();
            // What is executed runs before the sockets are looked at,
            // as long as there is any; what is scheduled, behind that.
            return new Line(nanoTime, task -> loop.schedule(task, 0, TimeUnit.NANOSECONDS));
        });
    }

    /**
     * Of one call: does its steps on the loop that asks for this, in its context, each when it is the caller's turn and none at once. Any thread may bring steps; they
     * must not wait. Only a web loop may call.
     *
     * @param owner whose call it is
     * @param changes whether the call changes anything
     */
    public Executor of(String owner, boolean changes) {
        Caller caller = new Caller(owner, changes);
        ContextInternal context = context();
        return step -> {
            if (Vertx.currentContext() == context) {
                take(caller, context, step);
            } else {
                context.runOnContext(here -> take(caller, context, step));
            }
        };
    }

    private void take(Caller caller, ContextInternal context, Runnable step) {
        lines.get().add(caller, () -> context.dispatch(step));
    }

    private static ContextInternal context() {
        return (ContextInternal) Objects.requireNonNull(Vertx.currentContext(), "not on a web loop");
    }

    /** Who waits, and for what. */
    record Caller(String owner, boolean changes) {}

    /** Those who wait for one loop. Only that loop may call. */
    static final class Line {
        private final LongSupplier nanoTime;
        private final Executor afterSockets;

        // Each with something to do. The first is at work, or next.
        private final Map<Caller, Queue<Runnable>> waiting = new LinkedHashMap<>();
        private boolean isComing;

        /** @param afterSockets runs a task on this loop, when it has looked at its sockets */
        Line(LongSupplier nanoTime, Executor afterSockets) {
            this.nanoTime = nanoTime;
            this.afterSockets = afterSockets;
        }

        void add(Caller caller, Runnable step) {
            waiting.computeIfAbsent(caller, none -> new ArrayDeque<>()).add(step);
            if (!isComing) {
                isComing = true;
                afterSockets.execute(this::slice);
            }
        }

        private void slice() {
            long begin = nanoTime.getAsLong();
            Caller atWork = first();
            try {
                do {
                    atWork = first();
                    next(atWork).run();
                } while (!waiting.isEmpty() && nanoTime.getAsLong() - begin < SLICE.toNanos());
            } finally {
                isComing = !waiting.isEmpty();
                if (isComing) {
                    // Who has emptied his own is gone from the head: the one there now has had no turn yet.
                    if (first().equals(atWork)) {
                        waiting.put(atWork, Objects.requireNonNull(waiting.remove(atWork)));
                    }
                    afterSockets.execute(this::slice);
                }
            }
        }

        private Caller first() {
            return waiting.keySet().iterator().next();
        }

        private Runnable next(Caller caller) {
            Queue<Runnable> his = Objects.requireNonNull(waiting.get(caller));
            Runnable step = his.remove();
            if (his.isEmpty()) {
                waiting.remove(caller);
            }
            return step;
        }
    }
}
