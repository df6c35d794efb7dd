package io.culvert.agent;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to wait before the next try: doubling from {@code first} to {@code most}, and each time a random part of it is left out, so
 * that a thousand agents whose server restarts do not all knock at once. One thread.
 */
final class Backoff {
    private final Duration first;
    private final Duration most;
    private final RandomGenerator random;
    private Duration next;

    Backoff(Duration first, Duration most, RandomGenerator random) {
        this.first = first;
        this.most = most;
        this.random = random;
        this.next = first;
    }

    /** The wait before the next try: between half and all of the current step. */
    Duration next() {
        long nanos = next.toNanos();
        Duration wait = Duration.ofNanos(nanos / 2 + random.nextLong(nanos / 2 + 1));
        Duration doubled = next.multipliedBy(2);
        next = doubled.compareTo(most) < 0 ? doubled : most;
        return wait;
    }

    /** A try went well: begin anew with the smallest step. */
    void reset() {
        next = first;
    }
}
