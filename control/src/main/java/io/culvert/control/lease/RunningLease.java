package io.culvert.control.lease;

import io.culvert.control.lease.Due.End;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;

/**
 * One lease in its course. Times are nanoseconds of a ticker that may wrap, so they are compared by difference. Owned by a
 * {@link LeaseBook}, which takes it out of its order before it changes.
 *
 * <pre>
 *   RUNNING ──deadline──> GRACE ──its end──┐
 *    ^  │                   │              v
 *    └──┼─────renewal───────┘          DRAINING ──its end──> over
 *       └──deadline without grace, hard end, wish ──^
 * </pre>
 */
final class RunningLease {
    /** Where a lease is in its course. */
    enum Phase {
        RUNNING,
        GRACE,
        DRAINING
    }

    private static final long NEVER_NANOS = Long.MAX_VALUE / 4;

    final long id;
    /** Where the book has it in its order. */
    long at;

    private LeaseTimes times;
    private boolean hard;
    private long hardEnd;
    private boolean held;
    private long renewedAt;
    private Phase phase = Phase.RUNNING;
    private End why = End.WISH;
    private long drainEnd;
    private boolean cutWaits;
    /** Warnings up to these moments have been given, or were never to be. */
    private long softWarned;

    private long hardWarned;

    RunningLease(long id, LeaseTimes times, OptionalLong hardEnd, boolean held, long now) {
        this.id = id;
        this.times = times;
        this.held = held;
        this.renewedAt = now;
        this.softWarned = now;
        hard(hardEnd, now);
    }

    Phase phase() {
        return phase;
    }

    boolean held() {
        return held;
    }

    /** Changes what was agreed; the last renewal stays where it was. */
    void change(LeaseTimes other, OptionalLong otherHardEnd, boolean hold, long now) {
        if (phase == Phase.DRAINING) {
            return;
        }
        boolean restarts = held && !hold;
        times = other;
        held = hold;
        softWarned = now;
        hard(otherHardEnd, now);
        if (restarts) {
            renewedAt = now;
        }
        if (phase == Phase.GRACE && (!runs() || deadline() - now > 0)) {
            phase = Phase.RUNNING;
        }
    }

    /** Gives it its whole time again from then; a renewal that was overtaken by a later one takes nothing away. */
    void renew(long nanos) {
        if (phase == Phase.DRAINING) {
            return;
        }
        if (nanos - renewedAt > 0) {
            renewedAt = nanos;
            softWarned = nanos;
        }
        phase = Phase.RUNNING;
    }

    /** Stops the deadline from coming, or lets it come again with the whole time. */
    void hold(boolean hold, long now) {
        if (phase == Phase.DRAINING || held == hold) {
            return;
        }
        held = hold;
        renew(now);
    }

    void drain(End end, long until) {
        phase = Phase.DRAINING;
        why = end;
        drainEnd = until;
    }

    /** Whether no renewal of that moment could save it. */
    boolean isOver(long nanos) {
        if (phase == Phase.DRAINING || (hard && hardEnd - nanos <= 0)) {
            return true;
        }
        return runs() && deadline() + nanos(times.grace()) - nanos <= 0;
    }

    /** When {@link #step} has something to do next; far away where nothing is to come. */
    long next(long now) {
        if (phase == Phase.DRAINING) {
            return drainEnd;
        }
        long next = now + NEVER_NANOS;
        if (hard) {
            next = earlier(next, hardEnd);
            next = earlier(next, nextWarning(hardEnd, hardWarned, next));
        }
        if (runs()) {
            long end = softEnd();
            next = earlier(next, end);
            if (!hard || end - hardEnd < 0) {
                next = earlier(next, nextWarning(end, softWarned, next));
            }
            if (phase == Phase.GRACE && cutWaits) {
                next = earlier(next, deadline() + nanos(times.drain()));
            }
        }
        return next;
    }

    /** False where nothing will ever come to pass by itself. */
    boolean waits() {
        return hard || runs() || phase == Phase.DRAINING;
    }

    /** Does what is due, and notes it. True where the lease is over. */
    boolean step(long now, List<Due> done) {
        if (phase != Phase.DRAINING) {
            warn(now, done);
        }
        if (phase == Phase.DRAINING) {
            return over(now, done);
        }
        if (hard && hardEnd - now <= 0) {
            return end(End.HARD, now, done);
        }
        if (phase == Phase.RUNNING && runs() && deadline() - now <= 0) {
            if (times.grace().isZero()) {
                return end(End.DEADLINE, now, done);
            }
            phase = Phase.GRACE;
            cutWaits = !times.drain().isZero();
            softWarned = now;
            done.add(new Due.Overdue(id, cutWaits));
        }
        if (phase == Phase.GRACE) {
            if (cutWaits && deadline() + nanos(times.drain()) - now <= 0) {
                cutWaits = false;
                done.add(new Due.Cut(id));
            }
            if (softEnd() - now <= 0) {
                return end(End.GRACE, now, done);
            }
        }
        return false;
    }

    private boolean end(End end, long now, List<Due> done) {
        // Who was shut out at the deadline already has had a part of the drain, or all of it.
        long until = phase == Phase.GRACE
                ? (cutWaits ? deadline() + nanos(times.drain()) : now)
                : (end == End.HARD ? hardEnd : deadline()) + nanos(times.drain());
        drain(end, until);
        if (until - now > 0) {
            done.add(new Due.Draining(id, end, Duration.ofNanos(until - now)));
        }
        return over(now, done);
    }

    private boolean over(long now, List<Due> done) {
        if (drainEnd - now > 0) {
            return false;
        }
        done.add(new Due.Over(id, why));
        return true;
    }

    private void warn(long now, List<Due> done) {
        if (hard) {
            warn(End.HARD, hardEnd, hardWarned, now, done);
            hardWarned = now;
        }
        if (runs() && (!hard || softEnd() - hardEnd < 0)) {
            warn(phase == Phase.GRACE ? End.GRACE : End.DEADLINE, softEnd(), softWarned, now, done);
            softWarned = now;
        }
    }

    private void warn(End end, long moment, long warned, long now, List<Due> done) {
        if (moment - now <= 0) {
            return;
        }
        for (Duration before : times.warnings()) {
            long at = moment - nanos(before);
            if (at - warned > 0 && at - now <= 0) {
                done.add(new Due.Warning(id, before, end));
            }
        }
    }

    private long nextWarning(long end, long warned, long otherwise) {
        long next = otherwise;
        for (Duration before : times.warnings()) {
            long at = end - nanos(before);
            if (at - warned > 0) {
                next = earlier(next, at);
            }
        }
        return next;
    }

    private void hard(OptionalLong end, long now) {
        hard = end.isPresent();
        hardEnd = end.orElse(0);
        hardWarned = now;
    }

    /** Whether the deadline can come. */
    private boolean runs() {
        return !held && times.ttl().compareTo(Duration.ZERO) > 0;
    }

    private long deadline() {
        return renewedAt + nanos(times.ttl());
    }

    private long softEnd() {
        return phase == Phase.GRACE ? deadline() + nanos(times.grace()) : deadline();
    }

    private static long earlier(long one, long other) {
        return other - one < 0 ? other : one;
    }

    private static long nanos(Duration duration) {
        return LeaseBook.nanos(duration);
    }
}
