package io.culvert.control;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
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

    private final Backlog backlog = new Backlog();
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

    List<EndedTunnel> loadEnded() {
        return ask(store::loadEnded);
    }

    PortChanges loadPorts() {
        return ask(store::loadPorts);
    }

    boolean loadDraining() {
        return ask(store::draining);
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

    /**
     * Inserts tunnels, in one transaction where the store takes it, else each for itself: what is wrong with one row must not cost the others
     * theirs. Of each that fails, whatever came of it is taken back as soon as the store answers again.
     *
     * @return those that failed, and why
     */
    Map<Long, StoreUnavailableException> insertEach(List<StoredTunnel> tunnels) {
        if (tunnels.isEmpty()) {
            return Map.of();
        }
        try {
            refuseWhileFailing();
            // A tunnel that ended a moment ago may have held the same port: its row goes first.
            if (backlog.hasGone()) {
                flush();
                refuseWhileFailing();
            }
        } catch (StoreUnavailableException e) {
            return failures(tunnels, e);
        }
        try {
            tell(() -> store.insertAll(tunnels));
            return Map.of();
        } catch (StoreUnavailableException e) {
            Map<Long, StoreUnavailableException> failed =
                    tunnels.size() == 1 ? failures(tunnels, e) : putOneByOne(tunnels);
            failed.keySet().forEach(this::gone);
            if (failed.size() == tunnels.size()) {
                failed(e);
            } else {
                log.warn("{} of {} tunnels could not be stored", failed.size(), tunnels.size(), e);
            }
            return failed;
        }
    }

    /** By {@code put}, since it is not known whether the rows are there already. Two failures in a row: it is the store, not the rows. */
    private Map<Long, StoreUnavailableException> putOneByOne(List<StoredTunnel> tunnels) {
        Map<Long, StoreUnavailableException> failed = new HashMap<>();
        boolean before = false;
        for (int i = 0; i < tunnels.size(); i++) {
            StoredTunnel tunnel = tunnels.get(i);
            try {
                tell(() -> store.apply(StoreChanges.put(List.of(tunnel))));
                before = false;
            } catch (StoreUnavailableException e) {
                failed.put(tunnel.id(), e);
                if (before) {
                    failed.putAll(failures(tunnels.subList(i, tunnels.size()), e));
                    return failed;
                }
                before = true;
            }
        }
        return failed;
    }

    private static Map<Long, StoreUnavailableException> failures(
            List<StoredTunnel> tunnels, StoreUnavailableException why) {
        Map<Long, StoreUnavailableException> failed = new HashMap<>();
        tunnels.forEach(tunnel -> failed.put(tunnel.id(), why));
        return failed;
    }

    /**
     * Makes changes now. After a failure the caller says with {@link #put} or {@link #gone} what is to be true: whether they were made is not
     * known then.
     */
    void apply(StoreChanges changes) {
        refuseWhileFailing();
        // What was noted before must not be written over this later.
        if (!backlog.canWait()) {
            flush();
            refuseWhileFailing();
        }
        try {
            tell(() -> store.apply(changes));
        } catch (StoreUnavailableException e) {
            failed(e);
            throw e;
        }
        changes.gone().forEach(backlog::forget);
    }

    /** Notes that a tunnel must be in the store. */
    void put(StoredTunnel tunnel) {
        assert loop.inLoop();
        hurry();
        backlog.put(tunnel);
    }

    /** Notes that a tunnel must not be in the store. */
    void gone(long id) {
        assert loop.inLoop();
        hurry();
        backlog.gone(id);
    }

    /** Notes that a tunnel must be remembered as ended. */
    void ended(EndedTunnel tunnel) {
        assert loop.inLoop();
        hurry();
        backlog.ended(tunnel);
    }

    /** Notes that ended tunnels of before that moment are to be forgotten. */
    void forget(Instant before) {
        assert loop.inLoop();
        hurry();
        backlog.forgetBefore(before);
    }

    /** Notes that ports rest. */
    void rest(List<RestingPort> ports) {
        assert loop.inLoop();
        if (!ports.isEmpty()) {
            hurry();
            backlog.rest(ports);
        }
    }

    /** Notes that a port rests no more. */
    void wake(HeldPort port) {
        assert loop.inLoop();
        hurry();
        backlog.wake(port);
    }

    /** Notes that a reservation must be in the store. */
    void reserve(Reservation reservation) {
        assert loop.inLoop();
        hurry();
        backlog.reserve(reservation);
    }

    /** Notes that a reservation must not be in the store. */
    void unreserve(HeldPort port) {
        assert loop.inLoop();
        hurry();
        backlog.unreserve(port);
    }

    /** Notes whether the server drains. */
    void draining(boolean on) {
        assert loop.inLoop();
        hurry();
        backlog.draining(on);
    }

    /** Notes the time of a heartbeat. */
    void heartbeat(long id, Instant at) {
        assert loop.inLoop();
        behind();
        backlog.heartbeat(id, at);
    }

    /** Notes the last transitions of a tunnel. */
    void transitions(long id, List<Transition> last) {
        assert loop.inLoop();
        behind();
        backlog.transitions(id, last);
    }

    /** When {@link #writeWhatIsDue} has something to do next. */
    OptionalLong deadline() {
        return backlog.isEmpty() ? OptionalLong.empty() : OptionalLong.of(dueAt);
    }

    /** Writes the list where it is time. */
    void writeWhatIsDue() {
        if (!backlog.isEmpty() && dueAt - ticker.nanos() <= 0) {
            flush();
        }
    }

    /** Writes the list whether it is time or not; for the end. */
    void writeLast() {
        if (backlog.isEmpty()) {
            return;
        }
        flush();
        if (failure != null) {
            log.error(
                    "The store does not answer at the end: {} ended tunnels will be back at the next start, {} heartbeat times are lost",
                    backlog.goneCount(),
                    backlog.heartbeatCount());
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

    private void behind() {
        if (backlog.isEmpty()) {
            dueAt = ticker.nanos() + settings.writeBehind().toNanos();
        }
    }

    private void hurry() {
        // While the store fails, the time of the next try stands.
        if (failure == null) {
            dueAt = ticker.nanos();
        }
    }

    private void flush() {
        StoreChanges changes = backlog.changes();
        try {
            tell(() -> store.apply(changes));
        } catch (StoreUnavailableException e) {
            failed(e);
            return;
        }
        // While the disk worked, leases may have ended or been renewed: only what was written is off the list.
        backlog.written(changes);
        if (failure != null) {
            log.info("The store answers again");
            failure = null;
            retry = FIRST_RETRY;
        }
        dueAt = ticker.nanos() + (backlog.canWait() ? settings.writeBehind().toNanos() : 0);
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
