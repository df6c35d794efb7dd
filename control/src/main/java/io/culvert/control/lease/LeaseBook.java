package io.culvert.control.lease;

import io.culvert.control.lease.Due.End;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What comes to pass with which lease when: warnings, deadlines, graces, drains. Knows no clock and no thread: whoever owns it says what
 * time it is, in nanoseconds of a ticker that may wrap, and is the only one to call it. Each call costs O(log n).
 *
 * <p>Times are compared by difference, which is an order only while all of them lie within 2^63 ns of each other. So a time to live counts
 * as 36 years at most, a grace or a drain after it likewise, and a hard end lies 73 years away at most.
 */
public final class LeaseBook {
    private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE / 8);

    /** Which phase a lease is in, for who asks by {@link #phase}. */
    public enum Phase {
        /** Not in the book. */
        NONE,
        /** It runs, or is held from running. */
        RUNNING,
        /** Overdue, and can still be renewed. */
        GRACE,
        /** Over but for the visitors who are there. */
        DRAINING
    }

    private final Map<Long, RunningLease> byId = new HashMap<>();
    private final TreeSet<RunningLease> byTime = new TreeSet<>(LeaseBook::compare);

    /**
     * Starts a lease with its whole time.
     *
     * @param hardEnd the moment that no renewal moves; empty for none
     * @param held true while the deadline must not come
     * @throws IllegalStateException where the lease is running already
     */
    public void start(long id, LeaseTimes times, OptionalLong hardEnd, boolean held, long nowNanos) {
        if (byId.containsKey(id)) {
            throw new IllegalStateException("lease " + id + " is running already");
        }
        RunningLease lease = new RunningLease(id, times, hardEnd, held, nowNanos);
        byId.put(id, lease);
        enter(lease, nowNanos);
    }

    /**
     * Gives a lease its whole time again, counted from {@code nowNanos}; one that is in its grace runs again. A renewal that is overtaken by
     * a later one does not take time away. A lease that is draining or not in the book is left alone.
     */
    public void renew(long id, long nowNanos) {
        RunningLease lease = take(id);
        if (lease != null) {
            lease.renew(nowNanos);
            enter(lease, nowNanos);
        }
    }

    /** Keeps the deadline from coming, or lets it come with the whole time from now on. Either is a renewal where it changes anything. */
    public void hold(long id, boolean hold, long nowNanos) {
        RunningLease lease = take(id);
        if (lease != null) {
            lease.hold(hold, nowNanos);
            enter(lease, nowNanos);
        }
    }

    /** Agrees on other times; the last renewal stays where it was, so it may be due at once, or run again where it was in its grace. */
    public void change(long id, LeaseTimes times, OptionalLong hardEnd, boolean held, long nowNanos) {
        RunningLease lease = take(id);
        if (lease != null) {
            lease.change(times, hardEnd, held, nowNanos);
            enter(lease, nowNanos);
        }
    }

    /** Lets a lease end at that moment whatever renews. */
    public void drain(long id, long endNanos) {
        RunningLease lease = take(id);
        if (lease != null) {
            lease.drain(End.WISH, endNanos);
            enter(lease, endNanos);
        }
    }

    /** Ends a lease before its time; one that is not in the book is left alone. */
    public void end(long id) {
        if (take(id) != null) {
            byId.remove(id);
        }
    }

    /** Whether a renewal of that moment comes too late; false for one that is not in the book. */
    public boolean isOver(long id, long nowNanos) {
        RunningLease lease = byId.get(id);
        return lease != null && lease.isOver(nowNanos);
    }

    /** Which phase a lease is in. */
    public Phase phase(long id) {
        RunningLease lease = byId.get(id);
        return lease == null
                ? Phase.NONE
                : switch (lease.phase()) {
                    case RUNNING -> Phase.RUNNING;
                    case GRACE -> Phase.GRACE;
                    case DRAINING -> Phase.DRAINING;
                };
    }

    /** Whether the lease is kept from running. */
    public boolean held(long id) {
        RunningLease lease = byId.get(id);
        return lease != null && lease.held();
    }

    /** Does all that is due at {@code nowNanos} or was before, earliest first, and says what. */
    public List<Due> due(long nowNanos) {
        return due(nowNanos, Integer.MAX_VALUE);
    }

    /**
     * Does some of what is due at {@code nowNanos} or was before, earliest first, and says what.
     *
     * @param most how many leases, at least 1; fewer only where no more are due
     */
    public List<Due> due(long nowNanos, int most) {
        List<Due> done = new ArrayList<>();
        for (int left = most; left > 0 && !byTime.isEmpty() && byTime.first().at - nowNanos <= 0; left--) {
            RunningLease lease = byTime.pollFirst();
            if (lease == null) {
                break;
            }
            if (lease.step(nowNanos, done)) {
                byId.remove(lease.id);
            } else {
                enter(lease, nowNanos);
            }
        }
        return done;
    }

    /** When {@link #due} has something to say next; empty where nothing is to come. */
    public OptionalLong nextDeadline() {
        return byTime.isEmpty() ? OptionalLong.empty() : OptionalLong.of(byTime.first().at);
    }

    /** Leases in the book, those that never end among them. */
    public int size() {
        return byId.size();
    }

    /** A duration as the book counts it. */
    static long nanos(Duration duration) {
        return (duration.compareTo(LONGEST) < 0 ? duration : LONGEST).toNanos();
    }

    private @Nullable RunningLease take(long id) {
        RunningLease lease = byId.get(id);
        if (lease != null) {
            byTime.remove(lease);
        }
        return lease;
    }

    private void enter(RunningLease lease, long nowNanos) {
        if (lease.waits()) {
            lease.at = lease.next(nowNanos);
            byTime.add(lease);
        }
    }

    private static int compare(RunningLease one, RunningLease other) {
        int order = Long.signum(one.at - other.at);
        return order != 0 ? order : Long.compare(one.id, other.id);
    }
}
