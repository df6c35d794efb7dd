package io.culvert.control.sql;

import io.culvert.control.event.Event;
import io.culvert.control.event.EventKind;
import io.culvert.control.hook.Attempt;
import io.culvert.control.hook.Delivery;
import io.culvert.control.hook.Webhook;
import io.culvert.control.hook.WebhookStore;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/** Webhooks and their deliveries in a relational database. Called by one thread at a time; each call waits for the disk. */
final class SqlWebhookStore implements WebhookStore {
    private final Transactions transactions;

    SqlWebhookStore(Transactions transactions) {
        this.transactions = transactions;
    }

    @Override
    public Restored load() {
        return transactions.run(handle -> new Restored(
                handle.createQuery("SELECT * FROM webhook ORDER BY id")
                        .map((row, context) -> webhook(row))
                        .list(),
                handle
                        .createQuery("SELECT * FROM webhook_delivery ORDER BY event_id, webhook_id")
                        .map((row, context) -> delivery(row))
                        .list()
                        .stream()
                        .flatMap(Optional::stream)
                        .toList(),
                counter(handle, "webhook"),
                counter(handle, "webhook_event") - 1));
    }

    @Override
    public void put(Stored webhook) {
        boolean unused = transactions.run(handle -> {
            handle.execute(
                    "INSERT INTO webhook (id, project, url, secret, kinds, labels, tunnel_id, active, created_at,"
                            + " since) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET url = excluded.url,"
                            + " secret = excluded.secret, kinds = excluded.kinds, labels = excluded.labels,"
                            + " tunnel_id = excluded.tunnel_id, active = excluded.active",
                    webhook.id(),
                    webhook.project().orElse(null),
                    EventRow.storable(webhook.url()),
                    webhook.sealedSecret(),
                    webhook.filter().kinds().stream()
                            .map(EventRow::kindName)
                            .sorted()
                            .collect(Collectors.joining(",")),
                    EventRow.text(webhook.filter().labels()),
                    EventRow.orNull(webhook.filter().tunnel()),
                    webhook.active() ? 1 : 0,
                    Transactions.micros(webhook.createdAt()),
                    webhook.since());
            handle.execute(
                    "UPDATE counter SET next_value = ? WHERE name = 'webhook' AND next_value < ?",
                    webhook.id() + 1,
                    webhook.id() + 1);
            return true;
        });
    }

    @Override
    public void remove(long webhook) {
        int unused = transactions.run(handle -> handle.execute("DELETE FROM webhook WHERE id = ?", webhook));
    }

    @Override
    public void apply(List<Delivery> put, Set<String> gone, long seen) {
        boolean unused = transactions.run(handle -> {
            PreparedBatch batch = handle.prepareBatch("INSERT INTO webhook_delivery (webhook_id, event_id, at, kind,"
                    + " tunnel_id, project, text, details, tries, due, last_at, last_nanos, status, outcome, dead_since)"
                    + " SELECT id, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM webhook WHERE id = ?"
                    + " ON CONFLICT (webhook_id, event_id) DO UPDATE SET tries = excluded.tries, due = excluded.due,"
                    + " last_at = excluded.last_at, last_nanos = excluded.last_nanos, status = excluded.status,"
                    + " outcome = excluded.outcome, dead_since = excluded.dead_since");
            put.forEach(delivery -> add(batch, delivery));
            Transactions.executeUnlessEmpty(batch);
            PreparedBatch deletes =
                    handle.prepareBatch("DELETE FROM webhook_delivery WHERE webhook_id = ? AND event_id = ?");
            for (String id : gone) {
                int dash = id.indexOf('-');
                deletes.add(Long.parseLong(id.substring(0, dash)), Long.parseLong(id.substring(dash + 1)));
            }
            Transactions.executeUnlessEmpty(deletes);
            handle.execute("UPDATE counter SET next_value = ? WHERE name = 'webhook_event'", seen + 1);
            return true;
        });
    }

    private static void add(PreparedBatch batch, Delivery delivery) {
        Event event = delivery.event();
        Optional<Attempt> last = delivery.last();
        OptionalInt status = last.map(Attempt::status).orElse(OptionalInt.empty());
        batch.add(
                event.id(),
                Transactions.micros(event.at()),
                EventRow.kindName(event.kind()),
                EventRow.orNull(event.tunnel()),
                event.project().orElse(null),
                EventRow.storable(event.text()),
                EventRow.text(event.details()),
                delivery.tries(),
                Transactions.micros(delivery.due()),
                last.map(attempt -> Transactions.micros(attempt.at())).orElse(null),
                last.map(attempt -> attempt.took().toNanos()).orElse(null),
                status.isPresent() ? status.getAsInt() : null,
                last.map(attempt -> EventRow.storable(attempt.outcome())).orElse(null),
                delivery.deadSince().map(Transactions::micros).orElse(null),
                delivery.webhook());
    }

    private static long counter(Handle handle, String name) {
        return handle.createQuery("SELECT next_value FROM counter WHERE name = ?")
                .bind(0, name)
                .mapTo(Long.class)
                .one();
    }

    private static Stored webhook(ResultSet row) throws SQLException {
        Set<EventKind> kinds = EnumSet.noneOf(EventKind.class);
        List<String> names = List.of(row.getString("kinds").split(",", -1));
        for (EventKind kind : EventKind.values()) {
            if (names.contains(EventRow.kindName(kind))) {
                kinds.add(kind);
            }
        }
        return new Stored(
                row.getLong("id"),
                TunnelRows.optional(row, "project"),
                row.getString("url"),
                row.getString("secret"),
                new Webhook.Filter(kinds, EventRow.map(row.getString("labels")), EventRow.number(row, "tunnel_id")),
                row.getInt("active") != 0,
                Transactions.instant(row.getLong("created_at")),
                row.getLong("since"));
    }

    private static Optional<Delivery> delivery(ResultSet row) throws SQLException {
        long webhook = row.getLong("webhook_id");
        Optional<Event> event = EventRow.read(row.getLong("event_id"), row);
        if (event.isEmpty()) {
            return Optional.empty();
        }
        OptionalLong lastAt = EventRow.number(row, "last_at");
        OptionalLong status = EventRow.number(row, "status");
        Optional<Attempt> last = lastAt.isEmpty()
                ? Optional.empty()
                : Optional.of(new Attempt(
                        Transactions.instant(lastAt.getAsLong()),
                        Duration.ofNanos(row.getLong("last_nanos")),
                        status.isPresent() ? OptionalInt.of((int) status.getAsLong()) : OptionalInt.empty(),
                        row.getString("outcome")));
        OptionalLong dead = EventRow.number(row, "dead_since");
        Optional<Instant> deadSince =
                dead.isPresent() ? Optional.of(Transactions.instant(dead.getAsLong())) : Optional.empty();
        return Optional.of(new Delivery(
                webhook + "-" + event.get().id(),
                webhook,
                event.get(),
                row.getInt("tries"),
                Transactions.instant(row.getLong("due")),
                last,
                deadSince));
    }
}
