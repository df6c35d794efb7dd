package io.culvert.control;

import static io.culvert.control.World.MINUTE;
import static io.culvert.control.World.TESTER;
import static io.culvert.control.World.get;
import static io.culvert.control.World.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.culvert.control.event.EventLog;
import io.culvert.control.sql.SqlTunnelStore;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LeaseExpiryTest {
    @TempDir
    Path data;

    @Test
    void seed_pangolin_a_lease_ends_at_its_deadline_and_not_before() {
        try (World world = new World(data)) {
            int port = world.create(MINUTE, 0).tunnel().exposes().get(0).port();
            world.create(Duration.ZERO, 0);
            world.create(Duration.ofSeconds(-1), 0);
            world.pass(MINUTE.minusNanos(1));
            assertThat(world.service.list(World.TESTER)).hasSize(3);
            world.pass(Duration.ofNanos(1));
            assertThat(world.service.list(World.TESTER)).extracting(Tunnel::id).containsExactly(2L, 3L);
            assertThat(world.refused(world.service.heartbeat(TESTER, 1))).isInstanceOf(NoSuchTunnelException.class);
            await().untilAsserted(() -> assertThat(world.plane.ended).containsExactly("1 EXPIRED"));
            assertThat(world.plane.listens(port)).isFalse();
            world.pass(Duration.ofDays(3_000));
            assertThat(world.service.list(World.TESTER)).hasSize(2);
            assertThat(world.storedIds()).containsExactly(2L, 3L);
        }
    }

    @Test
    void aHeartbeatGivesTheWholeTimeAgain() {
        try (World world = new World(data)) {
            world.create(MINUTE, 0);
            for (int i = 1; i <= 5; i++) {
                world.pass(MINUTE.minusNanos(1));
                Tunnel renewed = get(world.service.heartbeat(TESTER, 1));
                assertThat(renewed.lease().lastHeartbeat()).isEqualTo(world.clock.instant());
                assertThat(renewed.lease().deadline())
                        .contains(world.clock.instant().plus(MINUTE));
                assertThat(world.service.find(World.TESTER, 1)).contains(renewed);
            }
            world.pass(MINUTE);
            assertThat(world.service.list(World.TESTER)).isEmpty();
        }
    }

    @Test
    void aHeartbeatThatWasInTimeCountsHoweverLateItIsHeard() {
        try (World world = new World(data)) {
            world.create(MINUTE, 0);
            world.create(MINUTE, 0);
            // The control thread is kept busy: what continues a stage runs on it.
            CompletableFuture<Void> gate = new CompletableFuture<>();
            CountDownLatch busy = new CountDownLatch(1);
            CountDownLatch free = new CountDownLatch(1);
            world.plane.gate = gate;
            CompletionStage<Boolean> create = world.service
                    .create(TESTER, request(MINUTE.multipliedBy(10), 0))
                    .thenApply(created -> {
                        busy.countDown();
                        return awaitWithin(free);
                    });
            gate.complete(null);
            assertThat(awaitWithin(busy)).isTrue();

            world.clock.move(MINUTE.minusNanos(1));
            CompletionStage<Tunnel> inTime = world.service.heartbeat(TESTER, 1);
            world.clock.move(Duration.ofNanos(1));
            CompletionStage<Tunnel> late = world.service.heartbeat(TESTER, 2);
            world.clock.move(MINUTE.dividedBy(2));
            free.countDown();

            assertThat(get(create)).isTrue();
            get(inTime);
            assertThat(world.refused(late)).isInstanceOf(NoSuchTunnelException.class);
            world.nudge();
            assertThat(world.service.list(World.TESTER)).extracting(Tunnel::id).containsExactly(1L, 3L);
        }
    }

    @Test
    void theTimeOfAHeartbeatIsStoredALittleLater() {
        try (World world = new World(data)) {
            world.create(MINUTE, 0);
            world.create(MINUTE, 0);
            world.pass(Duration.ofSeconds(10));
            get(world.service.heartbeat(TESTER, 1));
            get(world.service.heartbeat(TESTER, 2));
            world.nudge();
            assertThat(world.store.load())
                    .extracting(StoredTunnel::lastHeartbeat)
                    .containsOnly(HandClock.START);
            world.pass(ControlSettings.defaults().writeBehind());
            world.nudge();
            assertThat(world.store.load())
                    .extracting(StoredTunnel::lastHeartbeat)
                    .containsOnly(HandClock.START.plusSeconds(10));
        }
    }

    @Test
    void twoThousandLeasesEndTogether() {
        try (World world = new World(data)) {
            createMany(world.service, 2_000, MINUTE);
            int port = world.create(MINUTE.multipliedBy(2), 0)
                    .tunnel()
                    .exposes()
                    .get(0)
                    .port();
            assertThat(world.service.list(World.TESTER)).hasSize(2_001);
            world.pass(MINUTE);
            await().untilAsserted(() -> assertThat(world.plane.ended).hasSize(2_000));
            assertThat(world.refused(world.service.heartbeat(TESTER, 2_000))).isInstanceOf(NoSuchTunnelException.class);
            await().untilAsserted(() -> assertThat(world.service.list(World.TESTER))
                    .extracting(Tunnel::id)
                    .containsExactly(2_001L));
            assertThat(world.service.endedTunnels(World.TESTER)).hasSize(2_000);
            assertThat(world.plane.openTunnels()).isOne();
            assertThat(world.plane.listens(port)).isTrue();
            await().untilAsserted(() -> assertThat(world.storedIds()).containsExactly(2_001L));
        }
    }

    @Test
    void aTunnelIsFoundAtEveryMomentOfItsEnd() {
        try (World world = new World(data)) {
            createMany(world.service, 300, MINUTE);
            AtomicLong looked = new AtomicLong(1);
            AtomicLong missed = new AtomicLong();
            CompletableFuture<Void> reader = CompletableFuture.runAsync(() -> {
                for (long id = looked.get(); id > 0; id = looked.get()) {
                    if (world.service.findAny(World.TESTER, id).isEmpty()) {
                        missed.incrementAndGet();
                    }
                }
            });
            for (long id = 1; id <= 300; id++) {
                looked.set(id);
                get(world.service.remove(TESTER, id));
            }
            looked.set(0);
            reader.join();
            assertThat(missed).hasValue(0);
        }
    }

    /**
     * On the machine's own clock: nobody calls, the loop wakes by itself, and none waits for another. How late they are at most is measured by
     * {@code ./dev bench ManyTunnels}; the bound here only tells a loop that sleeps through a deadline from one that a busy machine holds up.
     */
    @Test
    void twoThousandLeasesEndAtTheirDeadlinesByThemselves() {
        Duration ttl = MINUTE;
        AtomicLong skipped = new AtomicLong();
        Ticker ticker = () -> System.nanoTime() + skipped.get();
        SocketDataPlane plane = new SocketDataPlane();
        TunnelService service = new TunnelService(
                plane,
                SqlTunnelStore.open(data),
                InstantSource.system(),
                ticker,
                ControlSettings.defaults(),
                new EventLog(10),
                Projects.onlyDefault());
        try {
            service.start();
            createMany(service, 2_000, ttl);
            List<CompletionStage<Tunnel>> heartbeats = new ArrayList<>();
            long[] deadlines = new long[2_001];
            for (int id = 1; id <= 2_000; id++) {
                deadlines[id] = System.nanoTime() + ttl.toNanos();
                heartbeats.add(service.heartbeat(TESTER, id));
            }
            heartbeats.forEach(World::get);
            // All but the last second of the lease is skipped; a heartbeat
            // for nobody makes the loop look at the clock again.
            long skip = ttl.minusSeconds(1).toNanos();
            skipped.set(skip);
            assertThat(service.heartbeat(TESTER, 9_999).toCompletableFuture()).failsWithin(Duration.ofSeconds(5));
            assertThat(service.list(World.TESTER)).hasSize(2_000);

            await().until(() -> plane.openTunnels() == 0);
            long slack = Duration.ofSeconds(2).toNanos();
            for (int id = 1; id <= 2_000; id++) {
                long closed = Objects.requireNonNull(plane.closeAsked.get((long) id));
                assertThat(closed - (deadlines[id] - skip)).as("tunnel %s", id).isBetween(0L, slack);
            }
        } finally {
            service.close();
            plane.close();
        }
    }

    @Test
    void aPortWhoseTunnelEndedThisMomentIsWaitedFor() {
        try (World world = new World(data)) {
            int port = world.create(MINUTE, 0).tunnel().exposes().get(0).port();
            CompletableFuture<Void> closing = new CompletableFuture<>();
            world.plane.closeGate = closing;
            world.pass(MINUTE);
            assertThat(world.service.list(World.TESTER)).isEmpty();
            assertThat(world.plane.listens(port)).isTrue();
            CompletionStage<CreatedTunnel> create = world.service.create(TESTER, request(MINUTE, port));
            // Heard before the create has an answer: it waits, and is neither refused nor in the way.
            assertThat(world.refused(world.service.heartbeat(TESTER, 1))).isInstanceOf(NoSuchTunnelException.class);
            assertThat(create.toCompletableFuture()).isNotDone();
            closing.complete(null);
            assertThat(get(create).tunnel().exposes()).extracting(Expose::port).containsExactly(port);
        }
    }

    private static boolean awaitWithin(CountDownLatch latch) {
        try {
            return latch.await(30, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void createMany(TunnelService service, int count, Duration ttl) {
        List<CompletionStage<CreatedTunnel>> creates = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            creates.add(service.create(TESTER, request(ttl, 0)));
        }
        creates.forEach(World::get);
    }
}
