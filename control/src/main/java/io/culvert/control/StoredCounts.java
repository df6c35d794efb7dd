package io.culvert.control;

/**
 * What a tunnel had carried over its whole life when it was last written: where its counts go on after a restart. Immutable, any thread.
 *
 * @param bytesIn from visitors, at least 0
 * @param bytesOut for visitors, at least 0
 * @param connections visitors that an agent took, at least 0
 * @param refused visitors that were turned away, at least 0
 * @param datagramsDropped at least 0
 */
public record StoredCounts(long bytesIn, long bytesOut, long connections, long refused, long datagramsDropped) {
    /** Nothing yet. */
    public static final StoredCounts ZERO = new StoredCounts(0, 0, 0, 0, 0);

    public StoredCounts {
        if (bytesIn < 0 || bytesOut < 0 || connections < 0 || refused < 0 || datagramsDropped < 0) {
            throw new IllegalArgumentException("counts: " + bytesIn + ", " + bytesOut + ", " + connections + ", "
                    + refused + ", " + datagramsDropped + " (expected: each at least 0)");
        }
    }
}
