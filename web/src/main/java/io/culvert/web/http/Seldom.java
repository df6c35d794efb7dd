package io.culvert.web.http;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Lets one through in a time, of many: for lines in the log that others bring about. As the one of {@code link}, which this module does not see.
 * Any thread.
 */
public final class Seldom {
    private static final long NEVER = Long.MIN_VALUE;

    private final long pause;
    private final AtomicLong last = new AtomicLong(NEVER);

    /**
     * Lets the first one through at once.
     *
     * @param pause from one that is let through to the next
     */
    public Seldom(Duration pause) {
        this.pause = pause.toNanos();
    }

    /**
     * Whether this one is let through.
     *
     * @param now nanoseconds of a monotonic clock, which may wrap around
     */
    public boolean isDue(long now) {
        long before = last.get();
        return (before == NEVER || now - before >= pause) && last.compareAndSet(before, now);
    }
}
