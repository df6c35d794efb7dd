package io.culvert.app.process;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A process that has started and will run for months. No state, any thread. */
public final class LongRun {
    /** By then its first answers are given. */
    private static final Duration START = Duration.ofSeconds(2);

    private LongRun() {}

    /**
     * Waits for the end. Two seconds from now it gives back what the start took, by one full collection of some 30 ms: a password from a file is hashed
     * in 19 MB, and an idle process would collect nothing for hours. Java's own options say how much stays, and {@code -XX:+DisableExplicitGC} says no.
     */
    public static <T> T until(CompletableFuture<T> end) throws ExecutionException, InterruptedException {
        try {
            return end.get(START.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException started) {
            System.gc();
            return end.get();
        }
    }
}
