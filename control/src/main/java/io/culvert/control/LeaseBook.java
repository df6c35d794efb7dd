package io.culvert.control;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeSet;

/**
 * Which lease ends when. Knows no clock and no thread: whoever owns it says what time it is, in nanoseconds of a {@link Ticker}, and
 * is the only one to call it. Each call costs O(log n).
 */
final class LeaseBook {
    /**
     * Deadlines are compared by difference, which is an order only while all of them lie within 2^63 ns of each other; 73 years on
     * either side of now keep that, and no lease may be asked for that long.
     */
    private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE / 4);

    private final Map<Long, Entry> byId = new HashMap<>();
    private final TreeSet<Entry> byDeadline = new TreeSet<>(LeaseBook::compare);

    /**
     * Starts a lease.
     *
     * @param ttl more than zero; longer than 73 years counts as 73 years
     * @throws IllegalStateException where the lease is running already
     */
    void start(long id, Duration ttl, long nowNanos) {
        if (ttl.isZero() || ttl.isNegative()) {
            throw new IllegalArgumentException("ttl: " + ttl + " (expected: more than zero)");
        }
        if (byId.containsKey(id)) {
            throw new IllegalStateException("lease " + id + " is running already");
        }
        long ttlNanos = (ttl.compareTo(LONGEST) < 0 ? ttl : LONGEST).toNanos();
        enter(new Entry(id, ttlNanos, nowNanos + ttlNanos));
    }

    /**
     * Gives a lease its whole time again, counted from {@code nowNanos}. A renewal that is overtaken by a later one does not take time
     * away. A lease that is not running is left alone.
     */
    void renew(long id, long nowNanos) {
        Entry entry = byId.get(id);
        if (entry == null) {
            return;
        }
        long deadline = nowNanos + entry.ttlNanos;
        if (deadline - entry.deadline > 0) {
            byDeadline.remove(entry);
            enter(new Entry(id, entry.ttlNanos, deadline));
        }
    }

    /** Ends a lease before its time; one that is not running is left alone. */
    void end(long id) {
        Entry entry = byId.remove(id);
        if (entry != null) {
            byDeadline.remove(entry);
        }
    }

    /** Whether the lease is running and its deadline is {@code nowNanos} or earlier. */
    boolean isDue(long id, long nowNanos) {
        Entry entry = byId.get(id);
        return entry != null && entry.deadline - nowNanos <= 0;
    }

    /** Takes every lease out whose deadline is {@code nowNanos} or earlier, earliest first. */
    List<Long> due(long nowNanos) {
        List<Long> ids = new ArrayList<>();
        while (!byDeadline.isEmpty() && byDeadline.first().deadline - nowNanos <= 0) {
            Entry entry = byDeadline.first();
            byDeadline.remove(entry);
            byId.remove(entry.id);
            ids.add(entry.id);
        }
        return ids;
    }

    /** When the next lease ends; empty where none is running. */
    OptionalLong nextDeadline() {
        return byDeadline.isEmpty() ? OptionalLong.empty() : OptionalLong.of(byDeadline.first().deadline);
    }

    /** Running leases. */
    int size() {
        return byId.size();
    }

    private void enter(Entry entry) {
        byId.put(entry.id, entry);
        byDeadline.add(entry);
    }

    private static int compare(Entry one, Entry other) {
        int order = Long.signum(one.deadline - other.deadline);
        return order != 0 ? order : Long.compare(one.id, other.id);
    }

    private record Entry(long id, long ttlNanos, long deadline) {}
}
