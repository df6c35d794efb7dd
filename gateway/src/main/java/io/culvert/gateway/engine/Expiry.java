package io.culvert.gateway.engine;

import io.culvert.gateway.Policy;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Ends a connection that is idle, or open, for too long. One timer, which is not touched as bytes move: it looks when there could first be
 * something to do, and again when there was not. Lives on the connection's loop.
 */
final class Expiry {
    private final EventLoop loop;
    private final long since;
    private final LongSupplier movedAt;
    private final Consumer<Policy> expired;
    private long idle;
    private long longest;
    private @Nullable ScheduledFuture<?> timer;
    private boolean stopped;

    /**
     * An expiry without bounds yet.
     *
     * @param since when the connection began, nanoseconds on the loops' clock
     * @param movedAt when it last carried a byte, likewise
     * @param expired hears at most once that it should be cut, and why
     */
    Expiry(EventLoop loop, long since, LongSupplier movedAt, Consumer<Policy> expired) {
        this.loop = loop;
        this.since = since;
        this.movedAt = movedAt;
        this.expired = expired;
    }

    /** Sets the bounds; zero for none. */
    void within(Duration newIdle, Duration newLongest) {
        idle = newIdle.toNanos();
        longest = newLongest.toNanos();
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
        look();
    }

    /** The connection is gone. */
    void stop() {
        stopped = true;
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
    }

    private void look() {
        if (stopped || (idle == 0 && longest == 0)) {
            return;
        }
        long now = loop.ticker().nanoTime();
        long untilIdle = idle == 0 ? Long.MAX_VALUE : idle - (now - movedAt.getAsLong());
        long untilLongest = longest == 0 ? Long.MAX_VALUE : longest - (now - since);
        long least = Math.min(untilIdle, untilLongest);
        if (least <= 0) {
            stopped = true;
            expired.accept(untilLongest <= 0 ? Policy.LONGEST : Policy.IDLE);
        } else {
            timer = loop.schedule(this::look, least, TimeUnit.NANOSECONDS);
        }
    }
}
