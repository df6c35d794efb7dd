package io.culvert.control.ledger;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread {@code culvert-ledger}: it waits for the disk on behalf of those who must not, once a second and when somebody is in a
 * hurry. A duty that fails is left alone for a while, 250 ms at first and 5 s at most, and disturbs no other one; the thread itself does not
 * end but by {@link #close}. Any thread.
 */
public final class LedgerThread implements Executor, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(LedgerThread.class);
    /** From a wish for haste to a turn of all others: what happened has most often something for them, too. */
    private static final Duration SOON = Duration.ofMillis(50);

    private static final Duration FIRST_PAUSE = Duration.ofMillis(250);
    private static final Duration LAST_PAUSE = Duration.ofSeconds(5);
    /** What all last turns together may take. */
    private static final Duration END = Duration.ofSeconds(15);

    private final LongSupplier ticker;
    private final Duration pace;
    private final ScheduledThreadPoolExecutor thread;
    /** Those whose turn waits in the queue. */
    private final Set<Duty> hurried = ConcurrentHashMap.newKeySet();

    private boolean soon;

    private List<Post> posts = List.of();
    private boolean closed;

    /**
     * Starts the thread; it has nothing to do before {@link #begin}.
     *
     * @param ticker nanoseconds that only go forward
     * @param pace from one turn to the next, more than zero
     */
    public LedgerThread(LongSupplier ticker, Duration pace) {
        if (pace.isZero() || pace.isNegative()) {
            throw new IllegalArgumentException("pace: " + pace + " (expected: more than zero)");
        }
        this.ticker = ticker;
        this.pace = pace;
        this.thread = new ScheduledThreadPoolExecutor(1, work -> {
            Thread made = new Thread(work, "culvert-ledger");
            made.setDaemon(true);
            return made;
        });
        thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        thread.setContinueExistingPeriodicTasksAfterShutdownPolicy(false);
    }

    /** Takes the duties on, each turn in this order. Called once. */
    public void begin(List<? extends Duty> duties) {
        List<Post> all = duties.stream().map(Post::new).toList();
        execute(() -> posts = all);
        var unused = thread.scheduleWithFixedDelay(this::turn, pace.toNanos(), pace.toNanos(), TimeUnit.NANOSECONDS);
    }

    /**
     * Asks for a turn of one duty at once, or as soon as this thread is free; such wishes that come before it begins are one. All
     * duties but those {@linkplain Duty#atPaceOnly at pace only} have a turn 50 ms later. A duty that fails is left alone all the same. Does nothing before {@link #begin} and after {@link #close}.
     */
    public void hurry(Duty duty) {
        if (hurried.add(duty)) {
            try {
                execute(() -> hurriedTurn(duty));
            } catch (RejectedExecutionException e) {
                log.debug("The ledger is closed");
            }
        }
    }

    /**
     * Does something on this thread, between two turns.
     *
     * @throws RejectedExecutionException after {@link #close}
     */
    @Override
    public void execute(Runnable work) {
        thread.execute(work);
    }

    /** Lets every duty have its last turn, last one first, and ends. Waits at most 15 s; a second call does nothing. */
    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        CompletableFuture<Void> end = CompletableFuture.runAsync(this::lastTurns, thread);
        thread.shutdown();
        try {
            end.get(END.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            log.error("What happened last could not be written down", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void turn() {
        soon = false;
        posts.forEach(Post::turn);
    }

    private void soonTurn() {
        soon = false;
        posts.stream().filter(post -> !post.duty.atPaceOnly()).forEach(Post::turn);
    }

    /** No longer waits once it begins: what comes from then on may be too late for it. */
    private void hurriedTurn(Duty duty) {
        hurried.remove(duty);
        posts.stream().filter(post -> post.duty.equals(duty)).forEach(Post::turn);
        if (!soon && !thread.isShutdown()) {
            soon = true;
            var unused = thread.schedule(this::soonTurn, SOON.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    private void lastTurns() {
        for (int i = posts.size() - 1; i >= 0; i--) {
            posts.get(i).last();
        }
        posts = List.of();
    }

    /** A duty and how it does. */
    private final class Post {
        private final Duty duty;
        private boolean failing;
        private long notBefore;
        private Duration pause = FIRST_PAUSE;

        Post(Duty duty) {
            this.duty = duty;
        }

        void turn() {
            if (failing && ticker.getAsLong() - notBefore < 0) {
                return;
            }
            try {
                duty.turn();
                if (failing) {
                    log.info("{}: written again", duty.name());
                }
                failing = false;
                pause = FIRST_PAUSE;
            } catch (RuntimeException | Error e) {
                if (!failing) {
                    log.error("{}: cannot be written; kept in memory and tried again", duty.name(), e);
                }
                failing = true;
                notBefore = ticker.getAsLong() + pause.toNanos();
                pause = pause.multipliedBy(2).compareTo(LAST_PAUSE) < 0 ? pause.multipliedBy(2) : LAST_PAUSE;
            }
        }

        void last() {
            try {
                duty.last();
            } catch (RuntimeException | Error e) {
                log.error("{}: what was not written yet is lost", duty.name(), e);
            }
        }
    }
}
