package io.culvert.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What a number of calls took that several threads made as fast as they were answered. Immutable, any thread.
 *
 * @param wall from the first call to the last answer
 * @param each from a call to its answer
 */
record Calls(int count, Duration wall, Durations each) {
    /** One call. */
    @FunctionalInterface
    interface Call {
        /**
         * Makes the call and waits for its answer.
         *
         * @param index 0 to one less than the number of calls; each is used once
         */
        void make(int index) throws IOException;
    }

    /** Makes {@code count} calls from {@code threads} threads, and waits for all of them. The first that fails fails all. */
    static Calls make(int threads, int count, Call call) throws IOException {
        long[] nanos = new long[count];
        AtomicInteger next = new AtomicInteger();
        ExecutorService callers = Executors.newFixedThreadPool(threads);
        long begin = System.nanoTime();
        try {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                running.add(callers.submit(() -> {
                    for (int index = next.getAndIncrement(); index < count; index = next.getAndIncrement()) {
                        long sent = System.nanoTime();
                        call.make(index);
                        nanos[index] = System.nanoTime() - sent;
                    }
                    return null;
                }));
            }
            for (Future<?> caller : running) {
                caller.get();
            }
        } catch (ExecutionException e) {
            throw new IOException("a call failed: " + e.getCause(), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while calls were made", e);
        } finally {
            callers.shutdownNow();
        }
        return new Calls(count, Duration.ofNanos(System.nanoTime() - begin), new Durations(nanos));
    }

    /** Answered calls a second. */
    double perSecond() {
        return count / (wall.toNanos() / 1e9);
    }
}
