package io.culvert.control;

import java.time.Duration;
import java.time.Instant;

/** Moments of the wall clock on a ticker. No state, any thread. */
final class Times {
    /** 73 years either way: what a ticker that wraps can tell apart from now. */
    private static final Duration FARTHEST = Duration.ofNanos(Long.MAX_VALUE / 4);

    private Times() {}

    /** Nanoseconds from one moment to another, negative for one that has passed; at most 73 years either way. */
    static long nanosUntil(Instant now, Instant moment) {
        Duration left = Duration.between(now, moment);
        if (left.compareTo(FARTHEST) > 0) {
            return FARTHEST.toNanos();
        }
        return left.compareTo(FARTHEST.negated()) < 0 ? -FARTHEST.toNanos() : left.toNanos();
    }
}
