package io.culvert.app.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.client.CulvertApiException;
import io.culvert.client.seed.CreatedTunnel;
import io.culvert.client.seed.NewTunnel;
import io.culvert.client.seed.SeedClient;
import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Leases on the real clock, seen from outside. */
class LeaseIT {
    private static final Duration TTL = Duration.ofSeconds(1);
    private static final Duration PRECISION = Duration.ofMillis(100);
    private static final int HAMMERS = 4;

    @RegisterExtension
    final World world = new World();

    @Test
    void endsOnTimeWhileTheApiIsHammered() throws Exception {
        RunningServer server = world.server();
        EchoService service = world.closing(EchoService.start());
        SeedClient client = server.client();
        CreatedTunnel tunnel = client.create(NewTunnel.to(service.port(), Duration.ofSeconds(30)));
        Program agent = world.agent(server, tunnel);
        Visitor.awaitServed(RunningServer.port(tunnel));

        Instant deadline;
        Instant reset;
        Duration ownDelay;
        try (Hammers hammers = Hammers.on(server);
                Hiccups hiccups = Hiccups.measured()) {
            // Its lease began long ago, so the agent and the server are warm: only what follows is measured.
            CreatedTunnel shortLived = client.create(NewTunnel.to(service.port(), TTL));
            Program itsAgent = world.agent(server, shortLived);
            keepUntilServed(client, shortLived);
            try (Visitor visitor = Visitor.of(RunningServer.port(shortLived))) {
                visitor.says("hello");
                client.heartbeat(shortLived.tunnel().id());
                deadline =
                        client.query(shortLived.tunnel().id()).lastHeartbeat().plus(TTL);
                hammers.mustHaveHit();
                reset = visitor.awaitReset();
            }
            ownDelay = hiccups.longest();
            // The process of an agent whose tunnel has ended: exit code 3, as the README says.
            assertThat(itsAgent.exit(Duration.ofSeconds(10))).isEqualTo(3);
            assertThat(itsAgent.err()).contains("the tunnel's lease ran out");
            assertGone(client, shortLived);
            assertThat(hammers.failures()).isEmpty();
        }

        Duration late = Duration.between(deadline, reset);
        System.out.println("a lease of " + TTL.toMillis() + " ms ended " + late.toNanos() / 1_000_000.0
                + " ms after its deadline (this machine held the test itself up for " + ownDelay.toMillis() + " ms)");
        // A millisecond for the rounding of the wall clock; and what the machine owes to the test is not the server's.
        assertThat(late).isBetween(Duration.ofMillis(-1), PRECISION.plus(ownDelay));
        assertThat(agent.isAlive()).as("the other tunnel's agent").isTrue();
    }

    @Test
    @SuppressWarnings("try") // the lease is renewed while the visitor speaks
    void heartbeatsKeepItAndNothingElseDoes() throws Exception {
        RunningServer server = world.server();
        EchoService service = world.closing(EchoService.start());
        SeedClient client = server.client();
        CreatedTunnel tunnel = client.create(NewTunnel.to(service.port(), TTL));
        Program agent = world.agent(server, tunnel);
        keepUntilServed(client, tunnel);

        long id = tunnel.tunnel().id();
        try (Visitor visitor = Visitor.of(RunningServer.port(tunnel))) {
            Instant until = Instant.now().plus(TTL.multipliedBy(3));
            try (Heartbeats heartbeats = Heartbeats.of(client, tunnel)) {
                while (Instant.now().isBefore(until)) {
                    visitor.says("three leases long");
                }
            }
            Instant last = client.query(id).lastHeartbeat();
            // A busy visitor and a busy reader of the API are no owners: they renew nothing.
            assertThatThrownBy(() -> {
                        while (true) {
                            visitor.says("am I an owner?");
                            assertThat(client.query(id).lastHeartbeat()).isEqualTo(last);
                        }
                    })
                    .isInstanceOfAny(IOException.class, CulvertApiException.class);
            assertThat(Instant.now()).isAfterOrEqualTo(last.plus(TTL).minusMillis(1));
        }
        assertThat(agent.exit(Duration.ofSeconds(10))).isEqualTo(3);
        assertGone(client, tunnel);
    }

    private static void assertGone(SeedClient client, CreatedTunnel tunnel) {
        long id = tunnel.tunnel().id();
        assertThatThrownBy(() -> client.heartbeat(id)).satisfies(LeaseIT::isNotFound);
        assertThatThrownBy(() -> client.query(id)).satisfies(LeaseIT::isNotFound);
        assertThatThrownBy(() -> client.remove(id)).satisfies(LeaseIT::isNotFound);
        assertThatThrownBy(() -> Visitor.of(RunningServer.port(tunnel))).isInstanceOf(ConnectException.class);
    }

    private static void isNotFound(Throwable thrown) {
        assertThat(thrown)
                .isInstanceOfSatisfying(
                        CulvertApiException.class, e -> assertThat(e.status()).isEqualTo(404));
    }

    /** An agent's process takes longer to start than a short lease lasts. */
    @SuppressWarnings("try") // the lease is renewed while this waits
    private static void keepUntilServed(SeedClient client, CreatedTunnel tunnel) {
        try (Heartbeats heartbeats = Heartbeats.of(client, tunnel)) {
            Visitor.awaitServed(RunningServer.port(tunnel));
        }
    }

    /** Threads that ask for the list again and again. */
    private static final class Hammers implements AutoCloseable {
        private final AtomicBoolean enough = new AtomicBoolean();
        private final AtomicInteger hits = new AtomicInteger();
        private final List<CompletableFuture<Void>> threads = new ArrayList<>();

        static Hammers on(RunningServer server) {
            Hammers hammers = new Hammers();
            for (int i = 0; i < HAMMERS; i++) {
                SeedClient client = server.client();
                CompletableFuture<Void> ended = new CompletableFuture<>();
                Thread thread = new Thread(
                        () -> {
                            try {
                                hammers.hit(client);
                                ended.complete(null);
                            } catch (IOException | RuntimeException e) {
                                ended.completeExceptionally(e);
                            }
                        },
                        "hammer");
                thread.setDaemon(true);
                thread.start();
                hammers.threads.add(ended);
            }
            return hammers;
        }

        private void hit(SeedClient client) throws IOException {
            while (!enough.get()) {
                client.list();
                hits.incrementAndGet();
            }
        }

        void mustHaveHit() {
            assertThat(hits).hasValueGreaterThan(100);
        }

        /** Of those that ended early. */
        List<CompletableFuture<Void>> failures() {
            return threads.stream()
                    .filter(CompletableFuture::isCompletedExceptionally)
                    .toList();
        }

        @Override
        public void close() {
            enough.set(true);
            threads.forEach(thread -> thread.handle((done, failure) -> true).join());
        }
    }

    /** How long this machine keeps a thread of this process waiting that wants to run: what no server can be blamed for. */
    private static final class Hiccups implements AutoCloseable {
        private static final long NAP = Duration.ofMillis(1).toNanos();
        private final Thread thread = new Thread(this::measure, "hiccups");
        private volatile boolean enough;
        private volatile long longest;

        static Hiccups measured() {
            Hiccups hiccups = new Hiccups();
            hiccups.thread.setDaemon(true);
            hiccups.thread.start();
            return hiccups;
        }

        private void measure() {
            while (!enough) {
                long before = System.nanoTime();
                LockSupport.parkNanos(NAP);
                longest = Math.max(longest, System.nanoTime() - before - NAP);
            }
        }

        Duration longest() {
            return Duration.ofNanos(longest);
        }

        @Override
        public void close() {
            enough = true;
        }
    }
}
