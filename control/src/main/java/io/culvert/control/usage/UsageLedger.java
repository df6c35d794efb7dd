package io.culvert.control.usage;

import io.culvert.control.ledger.Duty;
import io.culvert.gateway.Counts;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Books what tunnels carry. Each turn reads the counts of all open tunnels, adds what is new to the running minute, hour and day, and
 * writes counts and slots in one transaction: they agree with each other at any moment, and {@code kill -9} loses what came since the last
 * turn of both alike.
 *
 * <pre>
 *   DataPlane counts ─ difference → tally ─ batch n → store (once, however often it is tried)
 * </pre>
 *
 * A write whose outcome is not known is tried again under its own number, which the store takes once; meanwhile the tally grows. Counts
 * never go down: a figure below the one that was booked counts for nothing until it has passed it. Methods may be called from any thread
 * but for those of {@link Duty}; they never wait.
 */
public final class UsageLedger implements UsageReader, Duty {
    private static final Logger log = LoggerFactory.getLogger(UsageLedger.class);
    private static final Duration PRUNE_EVERY = Duration.ofMinutes(1);
    /** What one turn lets go of, so that nobody waits long for the database behind it. */
    private static final int PRUNE_STEPS = 2;
    /** Slots that may wait for a store that is away; about 100 MB. Behind it, minutes are given up, hours and days stay exact. */
    private static final int MOST_WAITING = 500_000;

    private final UsageStore store;
    private final InstantSource clock;
    private final Executor thread;
    private final int mostWaiting;

    private final Map<Long, Counts> booked = new HashMap<>();
    /** Whose counts are newer than what was written. */
    private final Map<Long, Counts> changed = new HashMap<>();

    private final Map<Long, Instant> ended = new HashMap<>();
    private final Queue<Final> finals = new ConcurrentLinkedQueue<>();
    private Tally tally = new Tally();
    /** A batch that was made and may or may not have been written, and what it says. */
    private @Nullable Unsure unsure;

    private long batch;
    private Instant nextPrune = Instant.MIN;
    private volatile Supplier<Map<Long, Counts>> open = Map::of;

    private record Final(long tunnel, Counts last) {}

    private record Unsure(UsageStore.Batch batch, Tally tally) {}

    private UsageLedger(
            UsageStore store, UsageStore.Restored before, InstantSource clock, Executor thread, int mostWaiting) {
        this.store = store;
        this.clock = clock;
        this.thread = thread;
        this.mostWaiting = mostWaiting;
        this.batch = before.batch();
        booked.putAll(before.counts());
    }

    /**
     * Reads what was booked before. Waits for the disk; by the thread that starts the server.
     *
     * @param thread the ledger thread, the same that takes the turns
     */
    public static UsageLedger open(UsageStore store, InstantSource clock, Executor thread) {
        return open(store, clock, thread, MOST_WAITING);
    }

    static UsageLedger open(UsageStore store, InstantSource clock, Executor thread, int mostWaiting) {
        return new UsageLedger(store, store.load(clock.instant()), clock, thread, mostWaiting);
    }

    /**
     * From now on, each turn reads these counts.
     *
     * @param counts of all open tunnels; called by the ledger thread, and should be quick
     */
    public void watch(Supplier<Map<Long, Counts>> counts) {
        open = counts;
    }

    /**
     * A tunnel has ended for good.
     *
     * @param last what it had carried. Where the data plane still knows the tunnel for a moment, what it carries then is booked too
     */
    public void close(long tunnel, Counts last) {
        finals.add(new Final(tunnel, last));
    }

    @Override
    public CompletionStage<List<UsageSlot>> usage(long tunnel, Grain grain, Instant from, Instant to) {
        try {
            return CompletableFuture.supplyAsync(() -> read(tunnel, grain, from, to), thread);
        } catch (RejectedExecutionException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    @Override
    public String name() {
        return "usage";
    }

    @Override
    public boolean atPaceOnly() {
        return true;
    }

    @Override
    public void turn() {
        Instant now = clock.instant();
        Map<Long, Counts> current = open.get();
        gather(current, now);
        write();
        forgetEnded(current);
        prune(now);
    }

    @Override
    public void last() {
        gather(open.get(), clock.instant());
        write();
    }

    private void gather(Map<Long, Counts> current, Instant now) {
        current.forEach((tunnel, counts) -> book(tunnel, counts, now));
        for (Final end = finals.poll(); end != null; end = finals.poll()) {
            book(end.tunnel(), end.last(), now);
            Counts all = booked.getOrDefault(end.tunnel(), Counts.ZERO);
            if (ended.putIfAbsent(end.tunnel(), now) == null) {
                changed.put(end.tunnel(), all);
            }
        }
        if (tally.size() > mostWaiting) {
            log.warn("usage: {} slots wait for the store; minutes before this one are given up", tally.size());
            tally.forgetMinutesBefore(Grain.MINUTE.start(now));
        }
    }

    private void book(long tunnel, Counts counts, Instant now) {
        Counts before = booked.getOrDefault(tunnel, Counts.ZERO);
        if (counts.equals(before)) {
            return;
        }
        Counts after = larger(before, counts);
        if (after.equals(before)) {
            return;
        }
        booked.put(tunnel, after);
        changed.put(tunnel, after);
        tally.add(tunnel, now, before, after);
    }

    /** Figure by figure: threads may be a moment apart, and none of it is ever taken back. */
    private static Counts larger(Counts one, Counts other) {
        return new Counts(
                Math.max(one.bytesIn(), other.bytesIn()),
                Math.max(one.bytesOut(), other.bytesOut()),
                Math.max(one.connections(), other.connections()),
                Math.max(one.refused(), other.refused()),
                Math.max(one.datagramsDropped(), other.datagramsDropped()));
    }

    private void write() {
        writeUnsure();
        if (!changed.isEmpty()) {
            Map<Long, Instant> ends = new HashMap<>(ended);
            ends.keySet().retainAll(changed.keySet());
            unsure = new Unsure(new UsageStore.Batch(batch + 1, changed, ends, tally.shares()), tally);
            changed.clear();
            tally = new Tally();
            writeUnsure();
        }
    }

    private void writeUnsure() {
        Unsure waiting = unsure;
        if (waiting != null) {
            store.write(waiting.batch());
            batch = waiting.batch().number();
            unsure = null;
        }
    }

    /** Only those that the data plane does not know any more: it would look as if a new tunnel had carried it all. */
    private void forgetEnded(Map<Long, Counts> current) {
        ended.keySet().removeIf(tunnel -> {
            boolean over = !current.containsKey(tunnel) && !changed.containsKey(tunnel);
            if (over) {
                booked.remove(tunnel);
            }
            return over;
        });
    }

    private void prune(Instant now) {
        if (now.isBefore(nextPrune)) {
            return;
        }
        boolean more = false;
        for (Grain grain : Grain.values()) {
            for (int step = 0; step < PRUNE_STEPS; step++) {
                more = store.prune(grain, now.minus(grain.kept()));
                if (!more) {
                    break;
                }
            }
            if (more) {
                return;
            }
        }
        store.pruneEnded(now.minus(Grain.DAY.kept()));
        nextPrune = now.plus(PRUNE_EVERY);
    }

    private List<UsageSlot> read(long tunnel, Grain grain, Instant asked, Instant askedTo) {
        // No store has anything outside of this, and not every one can be asked.
        Instant latest = clock.instant().plus(Grain.DAY.length());
        Instant from = asked.isBefore(Instant.EPOCH) ? Instant.EPOCH : asked;
        Instant to = askedTo.isAfter(latest) ? latest : askedTo;
        if (!from.isBefore(to)) {
            return List.of();
        }
        UsageStore.Slots there = store.slots(tunnel, grain, from, to);
        Unsure waiting = unsure;
        Stream<UsageSlot> notThere = Stream.concat(
                waiting == null || waiting.batch().number() <= there.batch()
                        ? Stream.empty()
                        : waiting.tally().find(tunnel, grain, from, to),
                tally.find(tunnel, grain, from, to));
        Map<Instant, UsageSlot> slots = new TreeMap<>();
        Stream.concat(there.slots().stream(), notThere)
                .forEach(slot -> slots.merge(slot.start(), slot, UsageSlot::plus));
        return new ArrayList<>(slots.values());
    }
}
