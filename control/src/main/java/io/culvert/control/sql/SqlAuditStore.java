package io.culvert.control.sql;

import io.culvert.control.audit.AuditEntry;
import io.culvert.control.audit.AuditFilter;
import io.culvert.control.audit.AuditRecord;
import io.culvert.control.audit.AuditStore;
import io.culvert.control.caller.CallerKind;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jdbi.v3.core.statement.Query;

/** The audit in a relational database: rows are added, and none is ever changed or taken away. Called by one thread at a time; each call waits for the disk. */
final class SqlAuditStore implements AuditStore {
    private final Transactions transactions;

    SqlAuditStore(Transactions transactions) {
        this.transactions = transactions;
    }

    @Override
    public Head head() {
        return transactions.run(handle -> handle.createQuery("SELECT number, sha256 FROM audit_head")
                .map((row, context) -> new Head(row.getLong("number"), row.getString("sha256")))
                .one());
    }

    @Override
    public void append(List<AuditRecord> records) {
        boolean unused = transactions.run(handle -> {
            PreparedBatch batch = handle.prepareBatch("INSERT INTO audit (number, at, caller, owner, kind, address,"
                    + " operation, target, outcome, as_before, as_after, sha256)"
                    + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (number) DO NOTHING");
            for (AuditRecord record : records) {
                AuditEntry entry = record.entry();
                batch.add(
                        record.number(),
                        Transactions.micros(entry.at()),
                        entry.caller(),
                        owner(entry.caller()),
                        entry.kind().word(),
                        entry.address(),
                        entry.operation(),
                        entry.target(),
                        entry.outcome(),
                        entry.before().orElse(null),
                        entry.after().orElse(null),
                        record.hash());
            }
            Transactions.executeUnlessEmpty(batch);
            if (!records.isEmpty()) {
                AuditRecord last = records.get(records.size() - 1);
                handle.execute("UPDATE audit_head SET number = ?, sha256 = ?", last.number(), last.hash());
            }
            return true;
        });
    }

    @Override
    public List<AuditRecord> after(AuditFilter filter, long after, int most) {
        Where where = new Where(filter);
        where.add("number > ?", after);
        return read(where, "number", most);
    }

    @Override
    public List<AuditRecord> before(AuditFilter filter, OptionalLong before, int most) {
        Where where = new Where(filter);
        before.ifPresent(number -> where.add("number < ?", number));
        return read(where, "number DESC", most);
    }

    private List<AuditRecord> read(Where where, String order, int most) {
        return transactions.run(handle -> {
            Query query = handle.createQuery(
                    "SELECT * FROM audit" + where.sql() + " ORDER BY " + order + " LIMIT " + Math.max(1, most));
            for (int i = 0; i < where.values.size(); i++) {
                query.bind(i, where.values.get(i));
            }
            return query.map((row, context) -> record(row)).list();
        });
    }

    private static AuditRecord record(ResultSet row) throws SQLException {
        // A word that is none was not written by us: any kind will do, since the chain shows it.
        CallerKind kind = CallerKind.of(row.getString("kind")).orElse(CallerKind.NOBODY);
        AuditEntry entry = new AuditEntry(
                Transactions.instant(row.getLong("at")),
                row.getString("caller"),
                kind,
                row.getString("address"),
                row.getString("operation"),
                row.getString("target"),
                row.getString("outcome"),
                Optional.ofNullable(row.getString("as_before")),
                Optional.ofNullable(row.getString("as_after")));
        return new AuditRecord(row.getLong("number"), entry, row.getString("sha256"));
    }

    /** The user, where the caller is a key of one. */
    private static String owner(String caller) {
        int slash = caller.indexOf('/');
        return slash < 0 ? caller : caller.substring(0, slash);
    }

    /** Conditions and their values, in order. */
    private static final class Where {
        private final List<String> conditions = new ArrayList<>();
        private final List<Object> values = new ArrayList<>();

        Where(AuditFilter filter) {
            filter.caller().ifPresent(caller -> {
                add("owner = ?", owner(caller));
                if (caller.indexOf('/') >= 0) {
                    add("caller = ?", caller);
                }
            });
            filter.operation().ifPresent(operation -> add("operation = ?", operation));
            filter.target().ifPresent(target -> add("target = ?", target));
            filter.from().ifPresent(from -> add("at >= ?", Transactions.micros(from)));
            filter.to().ifPresent(to -> add("at < ?", Transactions.micros(to)));
        }

        void add(String condition, Object value) {
            conditions.add(condition);
            values.add(value);
        }

        String sql() {
            return conditions.isEmpty() ? "" : " WHERE " + String.join(" AND ", conditions);
        }
    }
}
