package io.culvert.control.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.control.event.Event;
import io.culvert.control.event.EventKind;
import io.culvert.control.hook.Attempt;
import io.culvert.control.hook.Delivery;
import io.culvert.control.hook.Webhook;
import io.culvert.control.hook.WebhookStore;
import io.culvert.control.usage.Grain;
import io.culvert.control.usage.MonthStore;
import io.culvert.control.usage.UsageSlot;
import io.culvert.control.usage.UsageStore;
import io.culvert.gateway.Counts;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the ledger writes, on both databases: each statement, with and without the values that may be missing. */
class LedgerStoresTest {
    private static final Instant THEN = Instant.parse("2026-01-02T03:04:05.678901Z");
    private static final Event EVENT =
            new Event(3, THEN, EventKind.UP, OptionalLong.of(7), Optional.of("lab"), "up", Map.of("a", "b"));
    private static final Event SERVERS = new Event(
            4, THEN, EventKind.SERVER_STARTED, OptionalLong.empty(), Optional.empty(), "started \0", Map.of());

    @TempDir
    Path scratch;

    @Test
    void sqliteKeepsIt() {
        try (SqlTunnelStore store = SqlTunnelStore.open(scratch)) {
            keepsEvents(store);
            keepsWebhooks(store.webhooks());
            keepsUsage(store.usage());
            keepsMonths(store.months());
        }
    }

    @Test
    void postgresKeepsIt() {
        try (TestPostgres server = TestPostgres.start(scratch);
                SqlTunnelStore store = SqlTunnelStore.open(scratch.resolve("data"), server.newDatabase())) {
            keepsEvents(store);
            keepsWebhooks(store.webhooks());
            keepsUsage(store.usage());
            keepsMonths(store.months());
        }
    }

    private static void keepsMonths(MonthStore months) {
        YearMonth may = YearMonth.of(2026, 5);
        months.write(may, Map.of("default", 5L, "lab", 1L << 50));
        months.write(may, Map.of("default", 7L));
        assertThat(months.load(may)).isEqualTo(Map.of("default", 7L, "lab", 1L << 50));
        months.write(may.plusMonths(1), Map.of("default", 1L));
        assertThat(months.load(may.plusMonths(1))).isEqualTo(Map.of("default", 1L));
        assertThat(months.load(may)).isEqualTo(Map.of("default", 7L, "lab", 1L << 50));
    }

    private static void keepsEvents(SqlTunnelStore store) {
        assertThat(store.events().load(10).nextId()).isEqualTo(1);
        store.events().write(List.of(EVENT, SERVERS), 0, 100);
        store.events().write(List.of(EVENT), 4, 100);
        assertThat(store.events().load(10).nextId()).isEqualTo(100);
        assertThat(store.events().load(10).events()).singleElement().satisfies(event -> {
            assertThat(event.tunnel()).isEmpty();
            assertThat(event.text()).isEqualTo("started \uFFFD");
        });
    }

    private static void keepsWebhooks(WebhookStore store) {
        WebhookStore.Stored one = new WebhookStore.Stored(
                1, Optional.of("lab"), "http://example.org/", "sealed", Webhook.Filter.ALL, true, THEN, 2);
        WebhookStore.Stored two = new WebhookStore.Stored(
                2,
                Optional.empty(),
                "http://example.org/2",
                "sealed",
                new Webhook.Filter(Set.of(EventKind.UP, EventKind.POLICY_HIT), Map.of("k", "v=w"), OptionalLong.of(7)),
                false,
                THEN,
                2);
        store.put(two);
        store.put(one);
        store.put(two);
        Delivery fresh = new Delivery("1-3", 1, EVENT, 0, THEN, Optional.empty(), Optional.empty());
        Attempt refused = new Attempt(THEN, Duration.ofNanos(5), OptionalInt.empty(), "refused");
        Attempt busy = new Attempt(THEN, Duration.ofSeconds(1), OptionalInt.of(503), "HTTP 503");
        Delivery dead = new Delivery("2-3", 2, EVENT, 8, THEN, Optional.of(refused), Optional.of(THEN));
        Delivery ofNobody = new Delivery("9-3", 9, EVENT, 0, THEN, Optional.empty(), Optional.empty());
        store.apply(List.of(fresh, dead, ofNobody), Set.of(), 3);
        WebhookStore.Restored there = store.load();
        assertThat(there.webhooks()).containsExactly(one, two);
        assertThat(there.deliveries()).containsExactly(fresh, dead);
        assertThat(there.nextId()).isEqualTo(3);
        assertThat(there.seen()).isEqualTo(3);
        Delivery again = new Delivery("1-3", 1, EVENT, 1, THEN.plusSeconds(1), Optional.of(busy), Optional.empty());
        store.apply(List.of(again), Set.of("2-3"), 4);
        assertThat(store.load().deliveries()).containsExactly(again);
        store.remove(1);
        assertThat(store.load().webhooks()).containsExactly(two);
        assertThat(store.load().deliveries()).isEmpty();
    }

    private static void keepsUsage(UsageStore store) {
        Instant minute = Grain.MINUTE.start(THEN);
        UsageSlot slot = new UsageSlot(minute, 1, 2, 3, 4);
        UsageStore.Batch first = new UsageStore.Batch(
                1,
                Map.of(5L, new Counts(1, 2, 3, 4, 5)),
                Map.of(),
                List.of(new UsageStore.Share(5, Grain.MINUTE, slot)));
        store.write(first);
        store.write(first);
        store.write(new UsageStore.Batch(
                2,
                Map.of(5L, new Counts(2, 4, 6, 8, 5)),
                Map.of(5L, THEN),
                List.of(new UsageStore.Share(5, Grain.MINUTE, slot))));
        UsageStore.Slots there = store.slots(5, Grain.MINUTE, minute, THEN);
        assertThat(there.batch()).isEqualTo(2);
        assertThat(there.slots()).containsExactly(new UsageSlot(minute, 2, 4, 6, 8));
        assertThat(store.load(THEN).counts()).isEmpty();
        assertThat(store.load(THEN).batch()).isEqualTo(2);
        assertThat(store.prune(Grain.MINUTE, minute)).isFalse();
        assertThat(store.prune(Grain.MINUTE, THEN)).isTrue();
        assertThat(store.slots(5, Grain.MINUTE, minute, THEN).slots()).isEmpty();
        store.pruneEnded(THEN.plusSeconds(1));
    }
}
