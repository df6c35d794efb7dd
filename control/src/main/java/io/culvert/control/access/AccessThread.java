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
 * The thread {@code culvert-access}, which is there while there is something to do. Changes go before work that hashes a password, and of that
 * little may wait: whoever floods sign-ins delays neither a revocation nor fills the memory. Any thread.
 */
final class AccessThread implements AutoCloseable {
    /** Passwords that wait; at a hash's tenth of a second each, the last one waits for a second or two. */
    static final int MOST_HASHES = 8;

    static final int MOST_CHANGES = 1_000;

    private static final Logger log = LoggerFactory.getLogger(AccessThread.class);
    private static final Duration IDLE = Duration.ofSeconds(10);
    private static final Duration END = Duration.ofSeconds(10);

    private final ThreadPoolExecutor executor;
    private final AtomicLong order = new AtomicLong();
    private final AtomicInteger hashes = new AtomicInteger();
    private final AtomicInteger changes = new AtomicInteger();

    AccessThread() {
        this.executor = new ThreadPoolExecutor(
                1, 1, IDLE.toMillis(), TimeUnit.MILLISECONDS, new PriorityBlockingQueue<>(), work -> {
                    Thread thread = new Thread(work, "culvert-access");
                    thread.setDaemon(true);
                    return thread;
                });
        executor.allowCoreThreadTimeOut(true);
    }

    /** Does a change; fails with {@link StoreUnavailableException} where a thousand wait already. */
    <T> CompletionStage<T> change(Supplier<T> work) {
        return run(0, changes, MOST_CHANGES, work, new StoreUnavailableException("too many changes wait; try again"));
    }

    /** Does work that hashes a password; fails with {@link ThrottledException} where some wait already. */
    <T> CompletionStage<T> hash(Supplier<T> work) {
        return run(1, hashes, MOST_HASHES, work, new ThrottledException(Duration.ofSeconds(2)));
    }

    private <T> CompletionStage<T> run(
            int rank, AtomicInteger places, int most, Supplier<T> work, RuntimeException full) {
        if (places.incrementAndGet() > most) {
            places.decrementAndGet();
            return CompletableFuture.failedFuture(full);
        }
        CompletableFuture<T> result = new CompletableFuture<>();
        try {
            executor.execute(new Task(rank, order.getAndIncrement(), () -> {
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

    /** Lower ranks first, and what came first before what came later. */
    private record Task(int rank, long number, Runnable work) implements Runnable, Comparable<Task> {
        @Override
        public void run() {
            work.run();
        }

        @Override
        public int compareTo(Task other) {
            return rank != other.rank ? Integer.compare(rank, other.rank) : Long.compare(number, other.number);
        }
    }
}
