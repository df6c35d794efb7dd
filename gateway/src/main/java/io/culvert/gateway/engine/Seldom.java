package io.culvert.gateway.engine;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** Lets one through in a time, of many: for lines in the log that strangers bring about. Any thread. */
final class Seldom {
    private static final long NEVER = Long.MIN_VALUE;

    private final long pause;
    private final AtomicLong last = new AtomicLong(NEVER);

    Seldom(Duration pause) {
        this.pause = pause.toNanos();
    }

    /** @param now nanoseconds of a monotonic clock */
    boolean isDue(long now) {
        long before = last.get();
        return (before == NEVER || now - before >= pause) && last.compareAndSet(before, now);
    }
}
