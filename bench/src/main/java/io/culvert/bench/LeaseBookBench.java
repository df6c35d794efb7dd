package io.culvert.bench;

import io.culvert.control.lease.Due;
import io.culvert.control.lease.LeaseBook;
import io.culvert.control.lease.LeaseTimes;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What the control thread pays for 10,000 running leases. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class LeaseBookBench {
    private static final int LEASES = 10_000;
    private static final Duration TTL = Duration.ofSeconds(60);
    private static final LeaseTimes TIMES = LeaseTimes.of(TTL);
    /** Coprime to {@link #LEASES}: every lease has its turn, and never in the order of deadlines. */
    private static final int STRIDE = 7_919;

    private final LeaseBook running = new LeaseBook();
    private long now;
    private long turn;

    /** A book of 10,000 leases whose deadlines all differ. */
    public LeaseBookBench() {
        for (long id = 0; id < LEASES; id++) {
            running.start(id, TIMES, OptionalLong.empty(), false, now++);
        }
    }

    /** A heartbeat: one lease gets its whole time again. */
    @Benchmark
    public void renew() {
        turn = (turn + STRIDE) % LEASES;
        running.renew(turn, now++);
    }

    /** A tunnel that comes and goes while 10,000 run. */
    @Benchmark
    public void startAndEnd() {
        running.start(LEASES, TIMES, OptionalLong.empty(), false, now++);
        running.end(LEASES);
    }

    /** A look when nothing is due, and when to look again. */
    @Benchmark
    public long nothingDue() {
        List<Due> due = running.due(now);
        OptionalLong next = running.nextDeadline();
        if (!due.isEmpty() || next.isEmpty()) {
            throw new IllegalStateException(due.size() + " leases are due (expected: none)");
        }
        return next.getAsLong();
    }

    /** 10,000 leases that start together and end together; the time is that of one. */
    @Benchmark
    @OperationsPerInvocation(LEASES)
    public List<Due> startAndAllDue() {
        LeaseBook book = new LeaseBook();
        for (long id = 0; id < LEASES; id++) {
            book.start(id, TIMES, OptionalLong.empty(), false, now);
        }
        now += TTL.toNanos();
        List<Due> due = book.due(now);
        if (due.size() != LEASES) {
            throw new IllegalStateException(due.size() + " leases are due (expected: " + LEASES + ")");
        }
        return due;
    }
}
