package io.culvert.control.sql;

import io.culvert.control.usage.Grain;
import io.culvert.control.usage.UsageSlot;
import io.culvert.control.usage.UsageStore;
import io.culvert.gateway.Counts;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/** Counts and usage in a relational database. Called by one thread at a time; each call waits for the disk. */
final class SqlUsageStore implements UsageStore {
    private final Transactions transactions;

    SqlUsageStore(Transactions transactions) {
        this.transactions = transactions;
    }

    @Override
    public Restored load(Instant now) {
        return transactions.run(handle -> {
            // A crash may have come between the end of a tunnel and the word of it.
            handle.execute(
                    "UPDATE usage_total SET ended_at = ? WHERE ended_at IS NULL AND tunnel_id NOT IN (SELECT id FROM tunnel)",
                    Transactions.micros(now));
            Map<Long, Counts> counts = handle
                    .createQuery("SELECT * FROM usage_total WHERE ended_at IS NULL")
                    .map((row, context) -> Map.entry(row.getLong("tunnel_id"), counts(row)))
                    .list()
                    .stream()
                    .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
            return new Restored(nextBatch(handle) - 1, counts);
        });
    }

    @Override
    public void write(Batch batch) {
        boolean unused = transactions.run(handle -> {
            long next = nextBatch(handle);
            if (next > batch.number()) {
                return true;
            }
            handle.execute("UPDATE counter SET next_value = ? WHERE name = 'usage'", batch.number() + 1);
            PreparedBatch totals = handle.prepareBatch("INSERT INTO usage_total (tunnel_id, bytes_in, bytes_out,"
                    + " connections, refused, datagrams_dropped, ended_at) VALUES (?, ?, ?, ?, ?, ?, ?)"
                    + " ON CONFLICT (tunnel_id) DO UPDATE SET bytes_in = excluded.bytes_in, bytes_out = excluded.bytes_out,"
                    + " connections = excluded.connections, refused = excluded.refused,"
                    + " datagrams_dropped = excluded.datagrams_dropped, ended_at = excluded.ended_at");
            batch.counts()
                    .forEach((tunnel, counts) -> totals.add(
                            tunnel,
                            counts.bytesIn(),
                            counts.bytesOut(),
                            counts.connections(),
                            counts.refused(),
                            counts.datagramsDropped(),
                            Optional.ofNullable(batch.ended().get(tunnel))
                                    .map(Transactions::micros)
                                    .orElse(null)));
            Transactions.executeUnlessEmpty(totals);
            PreparedBatch slots = handle.prepareBatch("INSERT INTO usage_slot (tunnel_id, grain, start, bytes_in,"
                    + " bytes_out, connections, refused) VALUES (?, ?, ?, ?, ?, ?, ?)"
                    + " ON CONFLICT (tunnel_id, grain, start) DO UPDATE SET"
                    + " bytes_in = usage_slot.bytes_in + excluded.bytes_in,"
                    + " bytes_out = usage_slot.bytes_out + excluded.bytes_out,"
                    + " connections = usage_slot.connections + excluded.connections,"
                    + " refused = usage_slot.refused + excluded.refused");
            for (Share share : batch.shares()) {
                UsageSlot slot = share.slot();
                slots.add(
                        share.tunnel(),
                        number(share.grain()),
                        Transactions.micros(slot.start()),
                        slot.bytesIn(),
                        slot.bytesOut(),
                        slot.connections(),
                        slot.refused());
            }
            Transactions.executeUnlessEmpty(slots);
            return true;
        });
    }

    @Override
    public Slots slots(long tunnel, Grain grain, Instant from, Instant to) {
        return transactions.run(handle -> new Slots(
                nextBatch(handle) - 1,
                handle.createQuery("SELECT start, bytes_in, bytes_out, connections, refused FROM usage_slot"
                                + " WHERE tunnel_id = ? AND grain = ? AND start >= ? AND start < ? ORDER BY start")
                        .bind(0, tunnel)
                        .bind(1, number(grain))
                        .bind(2, Transactions.micros(from))
                        .bind(3, Transactions.micros(to))
                        .map((row, context) -> new UsageSlot(
                                Transactions.instant(row.getLong("start")),
                                row.getLong("bytes_in"),
                                row.getLong("bytes_out"),
                                row.getLong("connections"),
                                row.getLong("refused")))
                        .list()));
    }

    @Override
    public boolean prune(Grain grain, Instant before) {
        Function<Handle, Optional<Long>> oldest = handle -> handle.createQuery(
                        "SELECT start FROM usage_slot WHERE grain = ? AND start < ? ORDER BY start LIMIT 1")
                .bind(0, number(grain))
                .bind(1, Transactions.micros(before))
                .mapTo(Long.class)
                .findOne();
        return transactions.run(handle -> {
            Optional<Long> start = oldest.apply(handle);
            start.ifPresent(
                    at -> handle.execute("DELETE FROM usage_slot WHERE grain = ? AND start = ?", number(grain), at));
            return start.isPresent();
        });
    }

    @Override
    public void pruneEnded(Instant before) {
        int unused = transactions.run(
                handle -> handle.execute("DELETE FROM usage_total WHERE ended_at < ?", Transactions.micros(before)));
    }

    private static long nextBatch(Handle handle) {
        return handle.createQuery("SELECT next_value FROM counter WHERE name = 'usage'")
                .mapTo(Long.class)
                .one();
    }

    private static int number(Grain grain) {
        return switch (grain) {
            case MINUTE -> 0;
            case HOUR -> 1;
            case DAY -> 2;
        };
    }

    private static Counts counts(ResultSet row) throws SQLException {
        return new Counts(
                row.getLong("bytes_in"),
                row.getLong("bytes_out"),
                row.getLong("connections"),
                row.getLong("refused"),
                row.getLong("datagrams_dropped"));
    }
}
