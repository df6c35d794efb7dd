package io.culvert.control;

import java.time.Duration;

/** Too much was tried, or too much is being tried by all together; nothing was looked at. */
public final class ThrottledException extends ControlException {
    private final Duration retryAfter;

    /** @param retryAfter how long to wait before the next try is looked at, more than zero */
    public ThrottledException(Duration retryAfter) {
        super("too many tries (expected: the next one in " + seconds(retryAfter) + " s)");
        this.retryAfter = retryAfter;
    }

    /** How long to wait, as whole seconds of at least one: what {@code Retry-After} carries. */
    public long retryAfterSeconds() {
        return seconds(retryAfter);
    }

    private static long seconds(Duration wait) {
        return Math.max(1, wait.plusMillis(999).toSeconds());
    }
}
