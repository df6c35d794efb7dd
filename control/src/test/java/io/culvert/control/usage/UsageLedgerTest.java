package io.culvert.control.usage;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.control.Expose;
import io.culvert.control.SecretHash;
import io.culvert.control.StoreChanges;
import io.culvert.control.StoredTunnel;
import io.culvert.control.sql.SqlTunnelStore;
import io.culvert.gateway.Counts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Booking on a real database. Everything runs on the test's thread, and time is moved by hand. */
class UsageLedgerTest {
    private static final Instant START = Instant.parse("2026-03-04T05:06:07Z");

    @TempDir
    Path scratch;

    private final Map<Long, Counts> open = new HashMap<>();
    private Instant now = START;

    @Test
    void aMinuteEndsAndTheNextBegins() {
        try (SqlTunnelStore store = store(1)) {
            UsageLedger ledger = ledger(store.usage());
            carry(1, 100, 10);
            ledger.turn();
            now = now.plusSeconds(60);
            carry(1, 5, 0);
            ledger.turn();
            assertThat(read(ledger, 1, Grain.MINUTE))
                    .containsExactly(
                            new UsageSlot(Instant.parse("2026-03-04T05:06:00Z"), 100, 10, 1, 0),
                            new UsageSlot(Instant.parse("2026-03-04T05:07:00Z"), 5, 0, 1, 0));
            assertThat(read(ledger, 1, Grain.HOUR))
                    .containsExactly(new UsageSlot(Instant.parse("2026-03-04T05:00:00Z"), 105, 10, 2, 0));
            assertThat(read(ledger, 1, Grain.DAY))
                    .containsExactly(new UsageSlot(Instant.parse("2026-03-04T00:00:00Z"), 105, 10, 2, 0));
            assertThat(read(ledger, 2, Grain.DAY)).isEmpty();
        }
    }

    /** The store fails now and then, before or behind the write, the server is killed or stopped, tunnels end, the clock goes back. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void randomTrafficSumsUp(long seed) throws Exception {
        Random random = new Random(seed);
        int life = 0;
        Map<Long, Counts> truth = new HashMap<>();
        Path directory = scratch.resolve("life-0");
        for (; life < 5; life++) {
            try (SqlTunnelStore store = store(directory, 20)) {
                FlakyStore flaky = new FlakyStore(store.usage(), random);
                UsageLedger ledger = ledger(flaky);
                open.clear();
                LongStream.rangeClosed(1, 20)
                        .forEach(id -> open.put(id, booked(store).getOrDefault(id, Counts.ZERO)));
                flaky.failing = true;
                for (int turn = 0; turn < 50; turn++) {
                    for (int i = random.nextInt(5); i > 0; i--) {
                        carry(1 + random.nextInt(20), random.nextInt(100_000), random.nextInt(1_000));
                    }
                    now = now.plusMillis(random.nextInt(40_000) - 2_000);
                    tryTurn(ledger);
                }
                flaky.failing = false;
                boolean kill = random.nextBoolean();
                if (kill) {
                    carry(1, 1_000_000, 1_000_000);
                } else {
                    ledger.last();
                    truth.clear();
                    truth.putAll(open);
                }
                Path next = Files.createDirectories(scratch.resolve("life-" + (life + 1)));
                copy(directory, next);
                directory = next;
            }
            try (SqlTunnelStore store = SqlTunnelStore.open(directory)) {
                UsageLedger ledger = ledger(store.usage());
                for (long id = 1; id <= 20; id++) {
                    Counts counts = booked(store).getOrDefault(id, Counts.ZERO);
                    for (Grain grain : Grain.values()) {
                        assertThat(sum(read(ledger, id, grain)))
                                .as("life %d, tunnel %d, %s", life, id, grain)
                                .isEqualTo(new Counts(
                                        counts.bytesIn(),
                                        counts.bytesOut(),
                                        counts.connections(),
                                        counts.refused(),
                                        0));
                    }
                    if (truth.containsKey(id) && truth.equals(open)) {
                        assertThat(counts).isEqualTo(truth.get(id));
                    }
                }
            }
        }
    }

    @Test
    void atMostTheLastTurnIsLostByAKill() throws IOException {
        Path killed = Files.createDirectory(scratch.resolve("killed"));
        try (SqlTunnelStore store = store(scratch.resolve("data"), 1)) {
            UsageLedger ledger = ledger(store.usage());
            carry(1, 700, 70);
            ledger.turn();
            carry(1, 1, 1);
            copy(scratch.resolve("data"), killed);
        }
        try (SqlTunnelStore store = SqlTunnelStore.open(killed)) {
            UsageLedger ledger = ledger(store.usage());
            assertThat(booked(store)).containsEntry(1L, new Counts(700, 70, 1, 0, 0));
            assertThat(read(ledger, 1, Grain.DAY).get(0).bytesIn()).isEqualTo(700);
        }
    }

    @Test
    void theEndOfATunnelIsBookedToTheByteAndOnlyOnce() {
        try (SqlTunnelStore store = store(2)) {
            UsageLedger ledger = ledger(store.usage());
            carry(1, 100, 100);
            carry(2, 100, 100);
            ledger.turn();
            ledger.close(1, new Counts(150, 160, 1, 0, 0));
            // The data plane knows it for a moment longer, and more came through.
            open.put(1L, new Counts(151, 160, 1, 0, 0));
            ledger.turn();
            ledger.turn();
            open.remove(1L);
            ledger.turn();
            ledger.turn();
            assertThat(sum(read(ledger, 1, Grain.MINUTE))).isEqualTo(new Counts(151, 160, 1, 0, 0));
            ledger.last();
        }
        try (SqlTunnelStore store = SqlTunnelStore.open(scratch)) {
            UsageLedger ledger = ledger(store.usage());
            assertThat(booked(store)).containsOnlyKeys(2L);
            assertThat(sum(read(ledger, 1, Grain.DAY)).bytesIn()).isEqualTo(151);
        }
    }

    @Test
    void aFigureThatFallsCountsForNothingUntilItHasPassed() {
        try (SqlTunnelStore store = store(1)) {
            UsageLedger ledger = ledger(store.usage());
            open.put(1L, new Counts(100, 100, 1, 0, 0));
            ledger.turn();
            open.put(1L, new Counts(90, 120, 1, 0, 0));
            ledger.turn();
            open.put(1L, new Counts(130, 120, 1, 0, 0));
            ledger.turn();
            assertThat(sum(read(ledger, 1, Grain.DAY))).isEqualTo(new Counts(130, 120, 1, 0, 0));
        }
    }

    @Test
    void aStoreThatIsAwayForLongCostsMinutesOnly() {
        try (SqlTunnelStore store = store(1)) {
            FlakyStore flaky = new FlakyStore(store.usage(), new Random(1));
            UsageLedger ledger = UsageLedger.open(flaky, () -> now, Runnable::run, 50);
            ledger.watch(() -> Map.copyOf(open));
            flaky.dead = true;
            for (int i = 0; i < 300; i++) {
                carry(1, 10, 1);
                now = now.plusSeconds(60);
                tryTurn(ledger);
            }
            flaky.dead = false;
            ledger.turn();
            assertThat(sum(read(ledger, 1, Grain.HOUR))).isEqualTo(new Counts(3_000, 300, 300, 0, 0));
            assertThat(read(ledger, 1, Grain.MINUTE)).hasSizeLessThan(60);
        }
    }

    /** What the store has of living tunnels. */
    private Map<Long, Counts> booked(SqlTunnelStore store) {
        return store.usage().load(now).counts();
    }

    @Test
    void oldSlotsGo() {
        try (SqlTunnelStore store = store(1)) {
            UsageLedger ledger = ledger(store.usage());
            carry(1, 1, 0);
            ledger.turn();
            now = now.plus(Duration.ofHours(25));
            turns(ledger);
            assertThat(read(ledger, 1, Grain.MINUTE)).isEmpty();
            assertThat(read(ledger, 1, Grain.HOUR)).hasSize(1);
            now = now.plus(Duration.ofDays(30));
            turns(ledger);
            assertThat(read(ledger, 1, Grain.HOUR)).isEmpty();
            assertThat(read(ledger, 1, Grain.DAY)).hasSize(1);
            now = now.plus(Duration.ofDays(3 * 365));
            turns(ledger);
            assertThat(read(ledger, 1, Grain.DAY)).isEmpty();
            // The tunnel lives, and so do its counts.
            assertThat(booked(store)).containsKey(1L);
        }
    }

    @Test
    void tenThousandIdleTunnelsCostNextToNothing() {
        int tunnels = 10_000;
        try (SqlTunnelStore store = store(tunnels)) {
            UsageLedger ledger = ledger(store.usage());
            LongStream.rangeClosed(1, tunnels).forEach(id -> carry(id, 100, 100));
            long busy = time(ledger::turn);
            long idle = Long.MAX_VALUE;
            for (int i = 0; i < 50; i++) {
                idle = Math.min(idle, time(ledger::turn));
            }
            LongStream.rangeClosed(1, tunnels).forEach(id -> carry(id, 100, 100));
            long again = time(ledger::turn);
            System.out.printf(
                    "10,000 tunnels: first round %.1f ms, all busy %.1f ms, all idle %.2f ms%n",
                    busy / 1e6, again / 1e6, idle / 1e6);
            assertThat(Duration.ofNanos(idle)).isLessThan(Duration.ofMillis(50));
            assertThat(sum(read(ledger, tunnels, Grain.MINUTE)).bytesIn()).isEqualTo(200);
        }
    }

    private static long time(Runnable work) {
        long from = System.nanoTime();
        work.run();
        return System.nanoTime() - from;
    }

    private void turns(UsageLedger ledger) {
        for (int i = 0; i < 3; i++) {
            ledger.turn();
            now = now.plusSeconds(61);
        }
    }

    private static void tryTurn(UsageLedger ledger) {
        try {
            ledger.turn();
        } catch (FlakyStore.Failure e) {
            assertThat(e).hasMessage("on purpose");
        }
    }

    private UsageLedger ledger(UsageStore store) {
        UsageLedger ledger = UsageLedger.open(store, () -> now, Runnable::run);
        // Fresh objects, as from a data plane.
        ledger.watch(() -> {
            Map<Long, Counts> copy = new HashMap<>();
            open.forEach((id, c) -> copy.put(
                    id, new Counts(c.bytesIn(), c.bytesOut(), c.connections(), c.refused(), c.datagramsDropped())));
            return copy;
        });
        return ledger;
    }

    private void carry(long tunnel, long in, long out) {
        Counts c = open.getOrDefault(tunnel, Counts.ZERO);
        open.put(
                tunnel,
                new Counts(
                        c.bytesIn() + in, c.bytesOut() + out, c.connections() + 1, c.refused(), c.datagramsDropped()));
    }

    private static List<UsageSlot> read(UsageLedger ledger, long tunnel, Grain grain) {
        return ledger.usage(tunnel, grain, Instant.MIN, Instant.MAX)
                .toCompletableFuture()
                .orTimeout(10, TimeUnit.SECONDS)
                .join();
    }

    private static Counts sum(List<UsageSlot> slots) {
        UsageSlot all =
                slots.stream().reduce(new UsageSlot(Instant.EPOCH, 0, 0, 0, 0), (one, other) -> one.plus(other));
        return new Counts(all.bytesIn(), all.bytesOut(), all.connections(), all.refused(), 0);
    }

    private SqlTunnelStore store(int tunnels) {
        return store(scratch, tunnels);
    }

    private static SqlTunnelStore store(Path directory, int tunnels) {
        SqlTunnelStore store = SqlTunnelStore.open(directory);
        store.apply(new StoreChanges(
                LongStream.rangeClosed(1, tunnels)
                        .mapToObj(UsageLedgerTest::tunnel)
                        .toList(),
                Map.of(),
                Set.of()));
        return store;
    }

    private static StoredTunnel tunnel(long id) {
        return new StoredTunnel(
                id,
                List.of(new Expose("127.0.0.1", 22, (int) (20_000 + id))),
                Optional.empty(),
                "",
                Duration.ZERO,
                START,
                START,
                SecretHash.of("s" + id),
                Optional.empty());
    }

    /** What a killed process leaves: the files as they are, nothing closed. */
    private static void copy(Path from, Path to) throws IOException {
        for (String name : List.of("culvert.db", "culvert.db-wal")) {
            Files.copy(from.resolve(name), to.resolve(name));
        }
    }
}
