package io.culvert.bench;

import io.culvert.client.seed.CreatedTunnel;
import io.culvert.client.seed.NewTunnel;
import io.culvert.client.seed.SeedClient;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.LongAdder;

/**
 * Keeps an API busy: each of its threads creates a tunnel without an end, renews it, asks for it, lists all, removes it, and begins again.
 * One thread starts and stops it.
 */
final class ApiLoad {
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<Future<?>> running = new ArrayList<>();
    private final LongAdder calls = new LongAdder();
    private volatile boolean stopping;

    /**
     * Starts.
     *
     * @param threadCount 0 leaves the API in peace
     */
    ApiLoad(SeedClient client, int threadCount) {
        for (int i = 0; i < threadCount; i++) {
            running.add(threads.submit(() -> {
                while (!stopping) {
                    goRound(client);
                }
                return null;
            }));
        }
    }

    private void goRound(SeedClient client) throws IOException {
        CreatedTunnel created = client.create(NewTunnel.to(9, Duration.ZERO));
        long id = created.tunnel().id();
        client.heartbeat(id);
        var unusedOne = client.query(id);
        var unusedAll = client.list();
        client.remove(id);
        calls.add(5);
    }

    /** Lets each thread finish its round. Returns the calls that were answered; a call that failed fails this one. */
    long stop() throws IOException {
        stopping = true;
        try {
            for (Future<?> thread : running) {
                thread.get();
            }
        } catch (ExecutionException e) {
            throw new IOException("a call beside the measurement failed: " + e.getCause(), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while calls ended", e);
        } finally {
            threads.shutdownNow();
        }
        return calls.sum();
    }
}
