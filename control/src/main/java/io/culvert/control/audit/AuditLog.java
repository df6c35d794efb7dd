package io.culvert.control.audit;

import io.culvert.control.StoreUnavailableException;
import io.culvert.control.caller.CallerKind;
import io.culvert.control.ledger.Duty;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The audit of this server. Adding never waits; the ledger thread writes in the order in which entries were added, at once;
 * those that come while it writes go together with the next write. Methods may be
 * called from any thread but for those of {@link Duty}; stages complete on the ledger thread, and whoever continues them there must not wait.
 *
 * <pre>
 *   add → waiting ─ numbered, chained → batch → store (once, however often it is tried)
 * </pre>
 *
 * While the store is away entries wait; behind {@value #MOST_WAITING} of them an entry says how many were lost.
 */
public final class AuditLog implements Duty {
    /** Entries that may wait for a store that is away; some megabytes. */
    static final int MOST_WAITING = 10_000;

    private static final Logger log = LoggerFactory.getLogger(AuditLog.class);
    private static final int AT_ONCE = 500;
    /** What a reader may ask for in one go. */
    private static final int MOST_READ = 1_000;

    private final AuditStore store;
    private final InstantSource clock;
    private final Executor thread;
    private final Consumer<Duty> hurry;

    private final Deque<AuditEntry> waiting = new ArrayDeque<>();
    private long lost;

    /** Chained, and perhaps written: nothing else may take these numbers. */
    private List<AuditRecord> unsure = List.of();

    private AuditStore.Head head;

    private AuditLog(
            AuditStore store, InstantSource clock, Executor thread, Consumer<Duty> hurry, AuditStore.Head head) {
        this.store = store;
        this.clock = clock;
        this.thread = thread;
        this.hurry = hurry;
        this.head = head;
    }

    /**
     * Goes on where the store ends. Waits for the disk; by the thread that starts the server.
     *
     * @param clock for entries of its own
     * @param thread the ledger thread, the same that takes the turns
     * @param hurry asks that thread for a turn at once, {@code LedgerThread::hurry}
     */
    public static AuditLog open(AuditStore store, InstantSource clock, Executor thread, Consumer<Duty> hurry) {
        return new AuditLog(store, clock, thread, hurry, store.head());
    }

    /** Adds an entry. Texts that are too long are cut, documents that are too long are replaced by a word about it. */
    public void add(AuditEntry entry) {
        AuditEntry kept = AuditText.bounded(entry);
        synchronized (waiting) {
            if (waiting.size() >= MOST_WAITING) {
                lost++;
                return;
            }
            waiting.add(kept);
        }
        hurry.accept(this);
    }

    /**
     * A page, newest first, with all that was added before the call.
     *
     * @param before the cursor: the smallest number of the page before; empty for the first page
     * @param most 1 to 1,000
     */
    public CompletionStage<List<AuditRecord>> page(AuditFilter filter, OptionalLong before, int most) {
        checkMost(most);
        return onThread(() -> store.before(filter, before, most));
    }

    /**
     * A part of an export, oldest first, with all that was added before the call.
     *
     * @param after the largest number of the part before; 0 at first
     * @param most 1 to 1,000; fewer come only where there are no more
     */
    public CompletionStage<List<AuditRecord>> export(AuditFilter filter, long after, int most) {
        checkMost(most);
        return onThread(() -> store.after(filter, after, most));
    }

    /** Walks the whole chain, a part at a time, and tells where it breaks first. */
    public CompletionStage<AuditCheck> verify() {
        return verify(new AuditWalk());
    }

    private CompletionStage<AuditCheck> verify(AuditWalk walk) {
        return onThread(() -> {
                    List<AuditRecord> part = store.after(AuditFilter.ALL, walk.number(), MOST_READ);
                    return part.isEmpty() ? walk.end(head, store.head()) : walk.over(part);
                })
                .thenCompose(over -> over.map(
                                check -> (CompletionStage<AuditCheck>) CompletableFuture.completedFuture(check))
                        .orElseGet(() -> verify(walk)));
    }

    /** A record as one line of NDJSON, with the newline: all of it, so that the chain can be checked from an export alone. */
    public static String line(AuditRecord record) {
        return AuditLine.of(record);
    }

    @Override
    public String name() {
        return "audit";
    }

    /** Writes what waits, all of it. */
    @Override
    public void turn() {
        do {
            if (unsure.isEmpty()) {
                unsure = chained(take());
            }
            if (!unsure.isEmpty()) {
                store.append(unsure);
                AuditRecord last = unsure.get(unsure.size() - 1);
                head = new AuditStore.Head(last.number(), last.hash());
                unsure = List.of();
            }
        } while (somethingWaits());
    }

    private List<AuditRecord> chained(List<AuditEntry> entries) {
        List<AuditRecord> records = new ArrayList<>(entries.size());
        long number = head.number();
        String hash = head.hash();
        for (AuditEntry entry : entries) {
            AuditRecord record = AuditChain.next(number, hash, entry);
            records.add(record);
            number = record.number();
            hash = record.hash();
        }
        return records;
    }

    private List<AuditEntry> take() {
        synchronized (waiting) {
            List<AuditEntry> taken = new ArrayList<>();
            while (taken.size() < AT_ONCE && !waiting.isEmpty()) {
                taken.add(waiting.remove());
            }
            if (waiting.isEmpty() && lost > 0) {
                log.error("audit: {} entries were lost while the store was away", lost);
                taken.add(new AuditEntry(
                        clock.instant().truncatedTo(ChronoUnit.MICROS),
                        "server",
                        CallerKind.SERVER,
                        "",
                        "audit.lost",
                        "",
                        AuditEntry.DONE,
                        Optional.empty(),
                        Optional.of("{\"entries\":" + lost + "}")));
                lost = 0;
            }
            return taken;
        }
    }

    private boolean somethingWaits() {
        synchronized (waiting) {
            return !waiting.isEmpty();
        }
    }

    private <T> CompletionStage<T> onThread(Supplier<T> work) {
        try {
            return CompletableFuture.supplyAsync(
                    () -> {
                        turn();
                        return work.get();
                    },
                    thread);
        } catch (RejectedExecutionException e) {
            return CompletableFuture.failedFuture(new StoreUnavailableException("the server is stopping"));
        }
    }

    private static void checkMost(int most) {
        if (most < 1 || most > MOST_READ) {
            throw new IllegalArgumentException("most: " + most + " (expected: 1 to " + MOST_READ + ")");
        }
    }
}
