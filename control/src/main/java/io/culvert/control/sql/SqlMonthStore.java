package io.culvert.control.sql;

import io.culvert.control.usage.MonthStore;
import java.time.YearMonth;
import java.util.Map;
import java.util.stream.Collectors;
import org.jdbi.v3.core.statement.PreparedBatch;

/** What projects have carried in each month, in the database. */
final class SqlMonthStore implements MonthStore {
    private final Transactions transactions;

    SqlMonthStore(Transactions transactions) {
        this.transactions = transactions;
    }

    @Override
    public Map<String, Long> load(YearMonth month) {
        return transactions.run(handle -> handle
                .createQuery("SELECT project, bytes FROM project_months WHERE month = ?")
                .bind(0, month.toString())
                .map((row, context) -> Map.entry(row.getString("project"), row.getLong("bytes")))
                .list()
                .stream()
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)));
    }

    @Override
    public void write(YearMonth month, Map<String, Long> bytes) {
        boolean unused = transactions.run(handle -> {
            PreparedBatch rows =
                    handle.prepareBatch("INSERT INTO project_months (project, month, bytes) VALUES (?, ?, ?)"
                            + " ON CONFLICT (month, project) DO UPDATE SET bytes = excluded.bytes");
            bytes.forEach((project, sum) -> rows.add(project, month.toString(), sum));
            Transactions.executeUnlessEmpty(rows);
            return true;
        });
    }
}
