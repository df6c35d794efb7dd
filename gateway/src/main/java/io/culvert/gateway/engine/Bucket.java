package io.culvert.gateway.engine;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A rate as a row of places in time. Whoever wants to send reserves the next place and sends when it has come; everybody holds at most
 * one place, so those who want most of all take turns, on whatever loops they are. Any thread, without locks.
 *
 * <pre>
 *   past | now                     next
 *        |  A  |  B  |  C  |  A  |  ·     a place is as long as its bytes take at the rate
 * </pre>
 */
final class Bucket {
    /** Time that was not used and may be made up for: more than a busy loop is late, and 3.4 % of three seconds. */
    private static final long MOST_LATE = 100_000_000;
    /** What one place may take: short turns let everybody share, at the price of a timer for each. */
    private static final long TURNS_A_SECOND = 100;

    private static final int LARGEST_TURN = 256 * 1024;
    private static final long SECOND = 1_000_000_000;

    private final long rate;
    private final AtomicLong next;
    private final AtomicInteger waiting = new AtomicInteger();

    /**
     * A bucket without anything saved up.
     *
     * @param rate bytes a second, at least 1
     * @param now nanoseconds on the clock of the other calls
     */
    Bucket(long rate, long now) {
        this.rate = rate;
        this.next = new AtomicLong(now);
    }

    /** The most that one reservation should be for, 1 to 256 KiB. */
    int turn() {
        return (int) Math.max(1, Math.min(LARGEST_TURN, rate / TURNS_A_SECOND));
    }

    /**
     * Reserves the next place.
     *
     * @return when it begins; where that is behind {@code now}, the caller waits and then says {@link #arrived}
     */
    long reserve(int bytes, long now) {
        long cost = cost(bytes);
        while (true) {
            long free = next.get();
            long start = Math.max(free, now - MOST_LATE);
            if (next.compareAndSet(free, start + cost)) {
                if (start > now) {
                    waiting.incrementAndGet();
                }
                return start;
            }
        }
    }

    /** Somebody's place has come, or is waited for no longer. */
    void arrived() {
        waiting.decrementAndGet();
    }

    /** Gives a place back, of which no use was made. */
    void refund(int bytes) {
        next.getAndAdd(-cost(bytes));
    }

    /** Takes a place at once or not at all: for who cannot wait. Counts as one more in the row of those who can. */
    boolean take(int bytes, long now) {
        long cost = cost(bytes);
        // As far ahead as one who waits would stand: less would starve, more would push in.
        long patience = (waiting.get() + 1) * cost(turn());
        while (true) {
            long free = next.get();
            if (free > now + patience) {
                return false;
            }
            if (next.compareAndSet(free, Math.max(free, now - MOST_LATE) + cost)) {
                return true;
            }
        }
    }

    private long cost(int bytes) {
        return bytes * SECOND / rate + 1;
    }
}
