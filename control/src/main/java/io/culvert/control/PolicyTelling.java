package io.culvert.control;

import java.time.Duration;
import java.util.OptionalLong;

/**
 * How often it is told that visitors meet with one policy of a tunnel: the first time at once, and then after pauses that double from
 * {@link #FIRST} to {@link #LONGEST} for as long as it goes on. A pause as long as the last one without any begins it anew. Times are a
 * ticker's nanoseconds. Control thread only.
 */
final class PolicyTelling {
    static final Duration FIRST = Duration.ofSeconds(10);
    static final Duration LONGEST = Duration.ofHours(1);

    /** When it may be told again; empty before the first time. */
    private OptionalLong next = OptionalLong.empty();

    private long pause;
    private long last;
    private long leftOut;

    /**
     * Counts visitors that met with it.
     *
     * @return how many are to be told of now, with those that were left out before; 0 for none
     */
    long hit(long now, long times) {
        boolean quiet = next.isEmpty() || now - last >= pause;
        boolean due = next.isEmpty() || next.getAsLong() - now <= 0;
        last = now;
        leftOut += times;
        if (!due) {
            return 0;
        }
        pause = quiet ? FIRST.toNanos() : Math.min(2 * pause, LONGEST.toNanos());
        next = OptionalLong.of(now + pause);
        long told = leftOut;
        leftOut = 0;
        return told;
    }
}
