package io.culvert.app.e2e;

import io.culvert.client.seed.CreatedTunnel;
import io.culvert.client.seed.SeedClient;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;

/** Renews a lease five times a second, in a thread of its own, until it is closed; none may fail. */
final class Heartbeats implements AutoCloseable {
    private static final Duration PAUSE = Duration.ofMillis(200);

    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private volatile boolean enough;

    private Heartbeats() {}

    static Heartbeats of(SeedClient client, CreatedTunnel tunnel) {
        Heartbeats heartbeats = new Heartbeats();
        Thread thread = new Thread(() -> heartbeats.beat(client, tunnel.tunnel().id()), "heartbeats");
        thread.setDaemon(true);
        thread.start();
        return heartbeats;
    }

    private void beat(SeedClient client, long id) {
        try {
            do {
                client.heartbeat(id);
                LockSupport.parkNanos(PAUSE.toNanos());
            } while (!enough);
            ended.complete(null);
        } catch (IOException | RuntimeException e) {
            ended.completeExceptionally(e);
        }
    }

    /** Returns when the last one has been answered; fails where one failed. */
    @Override
    public void close() {
        enough = true;
        ended.join();
    }
}
