package io.culvert.bench;

import java.util.Arrays;

/** Measured times, sorted. Immutable, any thread. */
final class Durations {
    private final long[] sorted;

    /**
     * Takes a copy.
     *
     * @param nanos at least one; negative ones are allowed
     */
    Durations(long[] nanos) {
        if (nanos.length == 0) {
            throw new IllegalArgumentException("times: none (expected: at least one)");
        }
        sorted = nanos.clone();
        Arrays.sort(sorted);
    }

    /**
     * The time that this part of all stay within, in milliseconds: the nearest rank, never a value between two measured ones.
     *
     * @param part more than 0, at most 1
     */
    double millis(double part) {
        if (!(part > 0) || part > 1) {
            throw new IllegalArgumentException("part: " + part + " (expected: more than 0, at most 1)");
        }
        return sorted[(int) Math.ceil(part * sorted.length) - 1] / 1e6;
    }

    /** The shortest, in milliseconds. */
    double leastMillis() {
        return sorted[0] / 1e6;
    }

    /** The longest, in milliseconds. */
    double mostMillis() {
        return millis(1);
    }
}
