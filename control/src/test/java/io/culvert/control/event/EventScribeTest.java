package io.culvert.control.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.control.sql.SqlTunnelStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The log on a real database, through clean ends and through what a killed process leaves. */
class EventScribeTest {
    private static final int KEPT = 100;

    @TempDir
    Path scratch;

    @Test
    void everythingAboutAnEventComesBack() {
        Event odd;
        try (SqlTunnelStore store = SqlTunnelStore.open(scratch)) {
            EventScribe scribe = EventScribe.open(store.events(), KEPT);
            odd = scribe.log()
                    .add(
                            Instant.parse("2026-01-02T03:04:05.678901Z"),
                            EventKind.POLICY_HIT,
                            OptionalLong.empty(),
                            Optional.of("lab"),
                            "Grüße & 100 % = 'x'",
                            Map.of("a&b", "c=d %", "leer", ""));
            scribe.log()
                    .add(Instant.EPOCH, EventKind.UP, OptionalLong.of(3), Optional.empty(), "half \ud800 \0", Map.of());
            scribe.last();
        }
        try (SqlTunnelStore store = SqlTunnelStore.open(scratch)) {
            List<Event> back = EventScribe.open(store.events(), KEPT).log().after(0);
            assertThat(back).hasSize(2).contains(odd);
            assertThat(back.get(1).tunnel()).hasValue(3);
        }
    }

    @Test
    void aCleanEndLosesNeitherEventsNorNumbers() {
        try (SqlTunnelStore store = SqlTunnelStore.open(scratch)) {
            EventScribe scribe = EventScribe.open(store.events(), KEPT);
            EventLogTest.add(scribe.log(), 250);
            scribe.turn();
            EventLogTest.add(scribe.log(), 1);
            scribe.last();
            // Too late: nobody will know of it.
            EventLogTest.add(scribe.log(), 1);
        }
        try (SqlTunnelStore store = SqlTunnelStore.open(scratch)) {
            EventLog log = EventScribe.open(store.events(), KEPT).log();
            assertThat(log.lastId()).isEqualTo(251);
            assertThat(EventLogTest.ids(log.after(0)))
                    .hasSize(KEPT)
                    .startsWith(152L)
                    .endsWith(251L);
            EventLogTest.add(log, 1);
            EventLog.Subscription reader = log.subscribe(240, event -> {});
            assertThat(reader.gap()).isFalse();
            assertThat(EventLogTest.ids(reader.missed())).endsWith(251L, 252L);
        }
    }

    @Test
    void afterACrashNoNumberIsUsedTwiceAndReadersAreTold() throws IOException {
        Path killed = Files.createDirectory(scratch.resolve("killed"));
        long seen;
        try (SqlTunnelStore store = SqlTunnelStore.open(scratch.resolve("data"))) {
            EventScribe scribe = EventScribe.open(store.events(), KEPT);
            EventLogTest.add(scribe.log(), 5);
            scribe.turn();
            // Seen by readers, and lost.
            EventLogTest.add(scribe.log(), 5);
            seen = scribe.log().lastId();
            for (String name : List.of("culvert.db", "culvert.db-wal")) {
                Files.copy(scratch.resolve("data").resolve(name), killed.resolve(name));
            }
        }
        try (SqlTunnelStore store = SqlTunnelStore.open(killed)) {
            EventLog log = EventScribe.open(store.events(), KEPT).log();
            assertThat(EventLogTest.ids(log.after(0))).containsExactly(1L, 2L, 3L, 4L, 5L);
            EventLogTest.add(log, 1);
            assertThat(log.lastId()).isGreaterThan(seen);
            assertThat(log.subscribe(seen, event -> {}).gap()).isTrue();
            assertThat(log.subscribe(5, event -> {}).gap()).isTrue();
            assertThat(log.subscribe(log.lastId(), event -> {}).gap()).isFalse();
        }
    }

    @Test
    void theNextBlockIsReservedBeforeThisOneIsUsedUp() {
        try (SqlTunnelStore store = SqlTunnelStore.open(scratch)) {
            EventScribe scribe = EventScribe.open(store.events(), KEPT);
            for (int i = 0; i < 3; i++) {
                EventLogTest.add(scribe.log(), 400_000);
                scribe.turn();
            }
            assertThat(store.events().load(0).nextId())
                    .isGreaterThan(scribe.log().lastId() + EventScribe.BLOCK / 2 - 1);
        }
    }

    @Test
    void whatCouldNotBeWrittenIsWrittenWhenTheStoreIsBack() {
        EventScribe scribe;
        EventStore[] current = new EventStore[1];
        try (SqlTunnelStore store = SqlTunnelStore.open(scratch)) {
            current[0] = store.events();
            scribe = EventScribe.open(
                    new EventStore() {
                        @Override
                        public Restored load(int most) {
                            return current[0].load(most);
                        }

                        @Override
                        public void write(List<Event> events, long firstKept, long nextId) {
                            current[0].write(events, firstKept, nextId);
                        }
                    },
                    KEPT);
        }
        EventLogTest.add(scribe.log(), 150);
        assertThatThrownBy(scribe::turn).isInstanceOf(RuntimeException.class);
        try (SqlTunnelStore store = SqlTunnelStore.open(scratch)) {
            current[0] = store.events();
            scribe.turn();
            assertThat(EventLogTest.ids(store.events().load(KEPT).events()))
                    .hasSize(KEPT)
                    .startsWith(51L)
                    .endsWith(150L);
        }
    }
}
