package io.culvert.control.hook;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long a delivery rests behind a failed attempt: four times as long each time, so that eight tries reach from a second to an hour, and
 * a fifth more or less by chance, so that what failed together does not come back together. One thread.
 */
final class Pauses {
    private static final int FACTOR = 4;
    private static final double SPREAD = 0.2;

    private final Duration first;
    private final Duration longest;
    private final RandomGenerator random;

    Pauses(Duration first, Duration longest, RandomGenerator random) {
        this.first = first;
        this.longest = longest;
        this.random = random;
    }

    /** @param failed attempts that failed so far, at least 1 */
    Duration after(int failed) {
        Duration pause = first;
        for (int i = 1; i < failed && pause.compareTo(longest) < 0; i++) {
            pause = pause.multipliedBy(FACTOR);
        }
        long nanos = Math.min(pause.toNanos(), longest.toNanos());
        return Duration.ofNanos((long) (nanos * (1 - SPREAD + 2 * SPREAD * random.nextDouble())));
    }
}
