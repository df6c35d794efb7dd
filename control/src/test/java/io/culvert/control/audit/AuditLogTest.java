package io.culvert.control.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.culvert.control.StoreUnavailableException;
import io.culvert.control.caller.CallerKind;
import io.culvert.control.ledger.LedgerThread;
import io.culvert.control.sql.SqlTunnelStore;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditLogTest {
    private static final Instant THEN = Instant.parse("2026-01-02T03:04:05.678901Z");

    @TempDir
    Path scratch;

    /** A real store behind a bad line: some appends fail, and some of those were made all the same. */
    private static final class Flaky implements AuditStore {
        private final AuditStore store;
        boolean refuses;
        boolean losesAnswers;
        /** Who holds it keeps appends waiting. */
        final Semaphore disk = new Semaphore(1);

        final AtomicInteger appends = new AtomicInteger();

        Flaky(AuditStore store) {
            this.store = store;
        }

        @Override
        public Head head() {
            return store.head();
        }

        @Override
        public void append(List<AuditRecord> records) {
            if (refuses) {
                throw new IllegalStateException("refused on purpose");
            }
            disk.acquireUninterruptibly();
            store.append(records);
            disk.release();
            appends.incrementAndGet();
            if (losesAnswers) {
                throw new IllegalStateException("lost on purpose");
            }
        }

        @Override
        public List<AuditRecord> after(AuditFilter filter, long after, int most) {
            return store.after(filter, after, most);
        }

        @Override
        public List<AuditRecord> before(AuditFilter filter, OptionalLong before, int most) {
            return store.before(filter, before, most);
        }
    }

    @Test
    void anEntryWhoseAnswerWasLostIsThereOnceAndInItsPlace() {
        try (SqlTunnelStore store = SqlTunnelStore.open(scratch)) {
            Flaky flaky = new Flaky(store.audit());
            AuditLog log = open(flaky);
            flaky.losesAnswers = true;
            log.add(entry("one"));
            assertThatThrownBy(log::turn).hasMessage("lost on purpose");
            log.add(entry("two"));
            assertThatThrownBy(log::turn).hasMessage("lost on purpose");
            flaky.losesAnswers = false;
            log.add(entry("three"));
            assertThat(operations(log)).containsExactly("one", "two", "three");
            assertThat(join(log.verify()).gap()).isEmpty();
        }
    }

    @Test
    void whileTheStoreIsAwayEntriesWaitAndTheLostOnesAreCounted() {
        try (SqlTunnelStore store = SqlTunnelStore.open(scratch)) {
            Flaky flaky = new Flaky(store.audit());
            AuditLog log = open(flaky);
            flaky.refuses = true;
            for (int i = 0; i < AuditLog.MOST_WAITING + 7; i++) {
                log.add(entry("op-" + i));
            }
            assertThatThrownBy(log::turn).hasMessage("refused on purpose");
            flaky.refuses = false;
            log.turn();
            AuditCheck check = join(log.verify());
            assertThat(check.gap()).isEmpty();
            assertThat(check.sound()).isEqualTo(AuditLog.MOST_WAITING + 1);
            AuditRecord last =
                    join(log.page(AuditFilter.ALL, OptionalLong.empty(), 1)).get(0);
            assertThat(last.entry().operation()).isEqualTo("audit.lost");
            assertThat(last.entry().after()).contains("{\"entries\":7}");
        }
    }

    @Test
    void aRestartGoesOnBehindTheLastEntry() {
        try (SqlTunnelStore store = SqlTunnelStore.open(scratch)) {
            AuditLog log = open(store.audit());
            log.add(entry("one"));
            log.last();
        }
        try (SqlTunnelStore store = SqlTunnelStore.open(scratch)) {
            AuditLog log = open(store.audit());
            log.add(entry("two"));
            assertThat(operations(log)).containsExactly("one", "two");
            assertThat(join(log.verify()).sound()).isEqualTo(2);
        }
    }

    /** Whoever changes a row, and gives it the hash that goes with it, must do so with all that follow. */
    @Test
    void aForgedRowWithItsRightHashShowsAtTheNextOne() throws SQLException {
        try (SqlTunnelStore store = SqlTunnelStore.open(scratch)) {
            AuditLog log = open(store.audit());
            for (int i = 0; i < 20; i++) {
                log.add(entry("op-" + i));
            }
            List<AuditRecord> all = join(log.export(AuditFilter.ALL, 0, 100));
            AuditRecord forged = AuditChain.next(9, all.get(8).hash(), entry("forged"));
            execute("UPDATE audit SET operation = 'forged', sha256 = '" + forged.hash() + "' WHERE number = 10");
            assertThat(join(log.verify()).gap())
                    .hasValueSatisfying(gap -> assertThat(gap.number()).isEqualTo(11));
            // And with all that follow: that is not what this server has written, which it knows as long as it runs.
            String hash = forged.hash();
            for (int number = 11; number <= 20; number++) {
                AuditRecord next =
                        AuditChain.next(number - 1, hash, all.get(number - 1).entry());
                execute("UPDATE audit SET sha256 = '" + next.hash() + "' WHERE number = " + number);
                hash = next.hash();
            }
            execute("UPDATE audit_head SET sha256 = '" + hash + "'");
            assertThat(join(log.verify()).gap())
                    .hasValueSatisfying(gap -> assertThat(gap.why()).contains("was written anew"));
        }
    }

    @Test
    void rowsThatNobodyWroteShow() throws SQLException {
        try (SqlTunnelStore store = SqlTunnelStore.open(scratch)) {
            AuditLog log = open(store.audit());
            log.add(entry("one"));
            assertThat(operations(log)).hasSize(1);
            execute(
                    "INSERT INTO audit SELECT 2, at, caller, owner, kind, address, operation, target, outcome, as_before,"
                            + " as_after, sha256 FROM audit");
            assertThat(join(log.verify()).gap())
                    .hasValueSatisfying(gap -> assertThat(gap.number()).isEqualTo(2));
        }
    }

    @Test
    void anExportSaysAllThatTheChainIsOver() {
        try (SqlTunnelStore store = SqlTunnelStore.open(scratch)) {
            AuditLog log = open(store.audit());
            log.add(new AuditEntry(
                    THEN,
                    "anna",
                    CallerKind.LOGIN,
                    "192.0.2.1",
                    "patchTunnel",
                    "tunnel/7",
                    AuditEntry.DONE,
                    Optional.of("{\"name\":\"a\nb\"}"),
                    Optional.empty()));
            AuditRecord record = join(log.export(AuditFilter.ALL, 0, 1)).get(0);
            assertThat(AuditLog.line(record))
                    .isEqualTo(
                            "{\"number\":1,\"at\":\"2026-01-02T03:04:05.678901Z\",\"caller\":\"anna\",\"kind\":\"login\","
                                    + "\"address\":\"192.0.2.1\",\"operation\":\"patchTunnel\",\"target\":\"tunnel/7\","
                                    + "\"outcome\":\"done\",\"before\":\"{\\\"name\\\":\\\"a\\nb\\\"}\",\"after\":null,"
                                    + "\"hash\":\"" + record.hash() + "\"}\n");
        }
    }

    /** Computed by another program from the layout that {@link AuditChain} describes, so that the layout does not change by accident. */
    @Test
    void theLayoutOfTheChainStaysAsItIs() {
        AuditEntry entry = new AuditEntry(
                THEN,
                "anna",
                CallerKind.LOGIN,
                "192.0.2.1",
                "patchTunnel",
                "tunnel/7",
                AuditEntry.DONE,
                Optional.of("{\"ä\":1}"),
                Optional.empty());
        assertThat(AuditChain.next(0, AuditChain.START, entry).hash())
                .isEqualTo("d8b516e8b1f159d9ad77e544838badb4073948a257249d07a00a285af9c38f4b");
    }

    @Test
    void theLedgerThreadWritesBehindAndReadersSeeWhatWasAddedBefore() {
        try (SqlTunnelStore store = SqlTunnelStore.open(scratch)) {
            LedgerThread ledger = new LedgerThread(System::nanoTime, Duration.ofSeconds(1));
            AuditLog log = AuditLog.open(store.audit(), () -> THEN, ledger, ledger::hurry);
            ledger.begin(List.of(log));
            List<String> expected = new ArrayList<>();
            for (int i = 0; i < 1_200; i++) {
                log.add(entry("op-" + i));
                expected.add("op-" + i);
            }
            assertThat(join(log.page(AuditFilter.ALL, OptionalLong.empty(), 1))
                            .get(0)
                            .number())
                    .isEqualTo(1_200);
            assertThat(join(log.verify()).sound()).isEqualTo(1_200);
            log.add(entry("last"));
            ledger.close();
            expected.add("last");
            assertThat(store.audit().after(AuditFilter.ALL, 0, 2_000))
                    .extracting(record -> record.entry().operation())
                    .isEqualTo(expected);
            assertThatThrownBy(() -> join(log.verify())).hasCauseInstanceOf(StoreUnavailableException.class);
        }
    }

    /** The ledger's second never comes here, so it is not that which brings them to the disk; nor is it a reader. */
    @Test
    void entriesAreWrittenAtOnceAndThoseThatComeMeanwhileTogether() {
        try (SqlTunnelStore store = SqlTunnelStore.open(scratch);
                LedgerThread ledger = new LedgerThread(() -> 0, Duration.ofHours(1))) {
            Flaky slow = new Flaky(store.audit());
            AuditLog log = AuditLog.open(slow, () -> THEN, ledger, ledger::hurry);
            ledger.begin(List.of(log));
            slow.disk.acquireUninterruptibly();
            log.add(entry("first"));
            await().until(slow.disk::hasQueuedThreads);
            for (int i = 0; i < 100; i++) {
                log.add(entry("op-" + i));
            }
            assertThat(store.audit().head().number()).isZero();
            slow.disk.release();
            await().until(() -> store.audit().head().number() == 101);
            assertThat(slow.appends).hasValue(2);
        }
    }

    @Test
    void pagesHaveBounds() {
        try (SqlTunnelStore store = SqlTunnelStore.open(scratch)) {
            AuditLog log = open(store.audit());
            assertThatThrownBy(() -> log.page(AuditFilter.ALL, OptionalLong.empty(), 1_001))
                    .hasMessage("most: 1001 (expected: 1 to 1000)");
            assertThatThrownBy(() -> log.export(AuditFilter.ALL, 0, 0)).hasMessageContaining("most: 0");
        }
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + scratch.resolve("culvert.db"));
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static AuditLog open(AuditStore store) {
        return AuditLog.open(store, () -> THEN, Runnable::run, duty -> {});
    }

    private static List<String> operations(AuditLog log) {
        return join(log.export(AuditFilter.ALL, 0, 1_000)).stream()
                .map(record -> record.entry().operation())
                .toList();
    }

    private static AuditEntry entry(String operation) {
        return new AuditEntry(
                THEN,
                "anna",
                CallerKind.LOGIN,
                "192.0.2.1",
                operation,
                "tunnel/7",
                AuditEntry.DONE,
                Optional.empty(),
                Optional.empty());
    }

    private static <T> T join(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(30, TimeUnit.SECONDS).join();
    }
}
