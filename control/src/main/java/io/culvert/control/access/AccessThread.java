package io.culvert.control.access;

import io.culvert.control.StoreUnavailableException;
import io.culvert.control.ThrottledException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.PriorityBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread {@code culvert-access}, which is there while there is something to do. Changes go before work that hashes a password, passwords of those
 * who come from where they came in before go before those of strangers, and of each kind so many may wait: whoever floods sign-ins delays neither
 * a revocation nor an admin at its desk, and does not fill the memory. Any thread.
 */
final class AccessThread implements AutoCloseable {
    /** Whose turn it is first; and how many may wait for it. */
    enum Turn {
        CHANGE(1_000),
        /** A password of somebody who is known where it comes from. */
        KNOWN(8),
        /** Any other password. At a tenth of a second each, the last one waits for a second. */
        STRANGER(8);

        private final int most;

        Turn(int most) {
            this.most = most;
        }

        int most() {
            return most;
        }
    }

    private static final Logger log = LoggerFactory.getLogger(AccessThread.class);
    private static final Duration IDLE = Duration.ofSeconds(10);
    private static final Duration SOON = Duration.ofSeconds(2);
    private static final Duration END = Duration.ofSeconds(10);

    private final ThreadPoolExecutor executor;
    private final AtomicLong order = new AtomicLong();
    private final AtomicInteger changes = new AtomicInteger();
    private final AtomicInteger known = new AtomicInteger();
    private final AtomicInteger strangers = new AtomicInteger();

    AccessThread() {
        this.executor = new ThreadPoolExecutor(
                1, 1, IDLE.toMillis(), TimeUnit.MILLISECONDS, new PriorityBlockingQueue<>(), work -> {
                    Thread thread = new Thread(work, "culvert-access");
                    thread.setDaemon(true);
                    return thread;
                });
        executor.allowCoreThreadTimeOut(true);
    }

    /**
     * Does it when its turn has come.
     *
     * @return fails with {@link StoreUnavailableException}, or {@link ThrottledException} for a password, where as many wait as may
     */
    <T> CompletionStage<T> run(Turn turn, Supplier<T> work) {
        AtomicInteger places = switch (turn) {
            case CHANGE -> changes;
            case KNOWN -> known;
            case STRANGER -> strangers;
        };
        if (places.incrementAndGet() > turn.most()) {
            places.decrementAndGet();
            return CompletableFuture.failedFuture(
                    turn == Turn.CHANGE
                            ? new StoreUnavailableException("too many changes wait; try again")
                            : new ThrottledException(SOON));
        }
        CompletableFuture<T> result = new CompletableFuture<>();
        try {
            executor.execute(new Task(turn, order.getAndIncrement(), () -> {
                places.decrementAndGet();
                try {
                    result.complete(work.get());
                } catch (RuntimeException | Error e) {
                    result.completeExceptionally(e);
                }
            }));
        } catch (RejectedExecutionException e) {
            places.decrementAndGet();
            result.completeExceptionally(new StoreUnavailableException("the server is stopping"));
        }
        return result;
    }

    /** Does what waits, and takes nothing more. Waits at most 10 s. */
    @Override
    public void close() {
        executor.shutdown();
        try {
            if (!executor.awaitTermination(END.toMillis(), TimeUnit.MILLISECONDS)) {
                log.error("access: changes were not written within {}", END);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What has the earlier turn first, and then what came first. */
    private record Task(Turn turn, long number, Runnable work) implements Runnable, Comparable<Task> {
        @Override
        public void run() {
            work.run();
        }

        @Override
        public int compareTo(Task other) {
            return turn != other.turn ? turn.compareTo(other.turn) : Long.compare(number, other.number);
        }
    }
}
