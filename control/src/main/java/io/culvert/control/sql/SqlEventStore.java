package io.culvert.control.sql;

import io.culvert.control.event.Event;
import io.culvert.control.event.EventStore;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jdbi.v3.core.statement.PreparedBatch;

/** Events in a relational database. Called by one thread at a time; each call waits for the disk. */
final class SqlEventStore implements EventStore {
    private final Transactions transactions;

    SqlEventStore(Transactions transactions) {
        this.transactions = transactions;
    }

    @Override
    public Restored load(int most) {
        return transactions.run(handle -> {
            List<Event> newestFirst = handle
                    .createQuery(
                            "SELECT id, at, kind, tunnel_id, project, text, details FROM event ORDER BY id DESC LIMIT "
                                    + Math.max(0, most))
                    .map((row, context) -> EventRow.read(row.getLong("id"), row))
                    .list()
                    .stream()
                    .flatMap(Optional::stream)
                    .collect(Collectors.toCollection(ArrayList::new));
            Collections.reverse(newestFirst);
            long nextId = handle.createQuery("SELECT next_value FROM counter WHERE name = 'event'")
                    .mapTo(Long.class)
                    .one();
            return new Restored(newestFirst, nextId);
        });
    }

    @Override
    public void write(List<Event> events, long firstKept, long nextId) {
        boolean unused = transactions.run(handle -> {
            PreparedBatch batch =
                    handle.prepareBatch("INSERT INTO event (id, at, kind, tunnel_id, project, text, details)"
                            + " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING");
            for (Event event : events) {
                batch.add(
                        event.id(),
                        Transactions.micros(event.at()),
                        EventRow.kindName(event.kind()),
                        EventRow.orNull(event.tunnel()),
                        event.project().orElse(null),
                        EventRow.storable(event.text()),
                        EventRow.text(event.details()));
            }
            Transactions.executeUnlessEmpty(batch);
            handle.execute("DELETE FROM event WHERE id < ?", firstKept);
            handle.execute("UPDATE counter SET next_value = ? WHERE name = 'event'", nextId);
            return true;
        });
    }
}
