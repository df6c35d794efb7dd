package io.culvert.control;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The control thread's way to the store: one write at a time, each with a bound, and a list of what is still to be written. The disk
 * itself is waited for by the thread {@code culvert-store}, so that leases end and are renewed on time while a disk is slow or
 * stuck. Control thread only, but {@link #close}.
 *
 * <p>While the last write failed, changes are refused at once and the list is tried again by itself, after 250 ms at first and 5 s at
 * most. So the list never grows past what lived when the store failed.
 */
final class StoreDesk implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(StoreDesk.class);
    private static final Duration FIRST_RETRY = Duration.ofMillis(250);
    private static final Duration LAST_RETRY = Duration.ofSeconds(5);

    private final TunnelStore store;
    private final ControlLoop loop;
    private final Ticker ticker;
    private final ControlSettings settings;
    private final ExecutorService disk = Executors.newSingleThreadExecutor(work -> {
        Thread thread = new Thread(work, "culvert-store");
        thread.setDaemon(true);
        return thread;
    });

    private final Map<Long, StoredTunnel> put = new HashMap<>();
    private final Map<Long, Instant> heartbeats = new HashMap<>();
    private final Set<Long> gone = new HashSet<>();
    /** When the list is written; of no meaning while it is empty. */
    private long dueAt;

    private @Nullable StoreUnavailableException failure;
    private Duration retry = FIRST_RETRY;
    private CompletableFuture<?> running = CompletableFuture.completedFuture(null);

    StoreDesk(TunnelStore store, ControlLoop loop, Ticker ticker, ControlSettings settings) {
        this.store = store;
        this.loop = loop;
        this.ticker = ticker;
        this.settings = settings;
    }

    List<StoredTunnel> load() {
        return ask(store::load);
    }

    long nextId() {
        return ask(store::nextId);
    }

    /** Whether the store is known not to answer. */
    boolean failing() {
        return failure != null;
    }

    /** Refuses a change before anything is done for it, while the store is known not to answer. */
    void refuseWhileFailing() {
        if (failure != null) {
            throw new StoreUnavailableException(failure);
        }
    }

    /** Inserts a tunnel. Where that fails, whatever came of it is taken back as soon as the store answers again. */
    void insert(StoredTunnel tunnel) {
        refuseWhileFailing();
        // A tunnel that ended a moment ago may have held the same port: its row goes first.
        if (!gone.isEmpty()) {
            flush();
            refuseWhileFailing();
        }
        try {
            tell(() -> store.insert(tunnel));
        } catch (StoreUnavailableException e) {
            gone(tunnel.id());
            failed(e);
            throw e;
        }
    }

    /** Writes a tunnel anew that is there. After a failure the caller says with {@link #put} or {@link #gone} what is to be true. */
    void replace(StoredTunnel tunnel) {
        refuseWhileFailing();
        try {
            tell(() -> store.apply(new StoreChanges(List.of(tunnel), Map.of(), Set.of())));
        } catch (StoreUnavailableException e) {
            failed(e);
            throw e;
        }
    }

    /** Deletes a tunnel. After a failure the caller says with {@link #put} or {@link #gone} what is to be true. */
    void delete(long id) {
        refuseWhileFailing();
        try {
            tell(() -> store.apply(StoreChanges.gone(Set.of(id))));
        } catch (StoreUnavailableException e) {
            failed(e);
            throw e;
        }
        put.remove(id);
        heartbeats.remove(id);
    }

    /** Notes that a tunnel must be in the store. */
    void put(StoredTunnel tunnel) {
        assert loop.inLoop();
        hurry();
        put.put(tunnel.id(), tunnel);
    }

    /** Notes that a tunnel must not be in the store. */
    void gone(long id) {
        assert loop.inLoop();
        hurry();
        put.remove(id);
        heartbeats.remove(id);
        gone.add(id);
    }

    /** Notes the time of a heartbeat. */
    void heartbeat(long id, Instant at) {
        assert loop.inLoop();
        if (nothingToWrite()) {
            dueAt = ticker.nanos() + settings.writeBehind().toNanos();
        }
        heartbeats.put(id, at);
    }

    /** When {@link #writeWhatIsDue} has something to do next. */
    OptionalLong deadline() {
        return nothingToWrite() ? OptionalLong.empty() : OptionalLong.of(dueAt);
    }

    /** Writes the list where it is time. */
    void writeWhatIsDue() {
        if (!nothingToWrite() && dueAt - ticker.nanos() <= 0) {
            flush();
        }
    }

    /** Writes the list whether it is time or not; for the end. */
    void writeLast() {
        if (nothingToWrite()) {
            return;
        }
        flush();
        if (failure != null) {
            log.error(
                    "The store does not answer at the end: {} ended tunnels will be back at the next start, {} heartbeat times are lost",
                    gone.size(),
                    heartbeats.size());
        }
    }

    /** Lets go of the store, after the write that is running or the bound of a write. When the control thread has ended. */
    @Override
    public void close() {
        disk.shutdown();
        try {
            if (!disk.awaitTermination(settings.storeTimeout().toMillis(), TimeUnit.MILLISECONDS)) {
                log.error("The store is stuck in a write; closing it all the same");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        store.close();
    }

    private boolean nothingToWrite() {
        return put.isEmpty() && heartbeats.isEmpty() && gone.isEmpty();
    }

    private void hurry() {
        // While the store fails, the time of the next try stands.
        if (failure == null) {
            dueAt = ticker.nanos();
        }
    }

    private void flush() {
        StoreChanges changes = new StoreChanges(List.copyOf(put.values()), heartbeats, gone);
        try {
            tell(() -> store.apply(changes));
        } catch (StoreUnavailableException e) {
            failed(e);
            return;
        }
        // While the disk worked, leases may have ended or been renewed: only what was written is off the list.
        changes.put().forEach(tunnel -> put.remove(tunnel.id(), tunnel));
        changes.heartbeats().forEach(heartbeats::remove);
        gone.removeAll(changes.gone());
        if (failure != null) {
            log.info("The store answers again");
            failure = null;
            retry = FIRST_RETRY;
        }
        dueAt = ticker.nanos()
                + (put.isEmpty() && gone.isEmpty() ? settings.writeBehind().toNanos() : 0);
    }

    private void failed(StoreUnavailableException why) {
        if (failure == null) {
            log.error("The store does not answer: changes are refused until it does, living tunnels go on", why);
        }
        failure = why;
        dueAt = ticker.nanos() + retry.toNanos();
        retry = retry.multipliedBy(2).compareTo(LAST_RETRY) < 0 ? retry.multipliedBy(2) : LAST_RETRY;
    }

    private void tell(Runnable write) {
        boolean unused = ask(() -> {
            write.run();
            return true;
        });
    }

    private <T> T ask(Supplier<T> work) {
        if (!running.isDone()) {
            throw new StoreUnavailableException(new TimeoutException("an earlier write has not come back yet"));
        }
        CompletableFuture<T> answer = CompletableFuture.supplyAsync(work, disk);
        running = answer;
        try {
            return loop.await(answer, settings.storeTimeout());
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            throw cause instanceof StoreUnavailableException unavailable
                    ? unavailable
                    : new StoreUnavailableException(cause == null ? e : cause);
        } catch (TimeoutException e) {
            throw new StoreUnavailableException(e);
        }
    }
}
