package io.culvert.control.usage;

import io.culvert.control.caller.Quotas;
import io.culvert.control.ledger.Duty;
import io.culvert.gateway.Allowance;
import io.culvert.gateway.DataPlane;
import java.time.InstantSource;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Supplier;

/**
 * Holds projects to the connections and the bytes of a month that they may have. The data plane counts and cuts; here its figures are turned into months
 * of UTC, which outlive the process, and quotas into how high its figures may rise:
 *
 * <pre>
 *   carried this month = before + data plane's figure      before: from the store, or minus the figure at the month's beginning
 *   allowance          = quota  - before
 * </pre>
 *
 * Each turn looks for another quota and another month, so both act within a second or two. {@code kill -9} loses what came since the last turn. Ledger
 * thread, but for {@link #open}.
 */
public final class MonthLedger implements Duty {
    private final MonthStore store;
    private final InstantSource clock;
    private final DataPlane dataPlane;
    private final Supplier<Map<String, Quotas>> projects;

    private final Map<String, Long> before = new HashMap<>();
    private final Map<String, Long> written = new HashMap<>();
    private final Map<String, Allowance> allowed = new HashMap<>();
    private YearMonth month;

    private MonthLedger(
            MonthStore store, InstantSource clock, DataPlane dataPlane, Supplier<Map<String, Quotas>> projects) {
        this.store = store;
        this.clock = clock;
        this.dataPlane = dataPlane;
        this.projects = projects;
        this.month = thisMonth();
    }

    /**
     * Reads what was carried before, and tells the data plane what is allowed. Waits for the disk; by the thread that starts the server, before a tunnel is open.
     *
     * @param projects those that there are, with their quotas
     */
    public static MonthLedger open(
            MonthStore store, InstantSource clock, DataPlane dataPlane, Supplier<Map<String, Quotas>> projects) {
        MonthLedger ledger = new MonthLedger(store, clock, dataPlane, projects);
        ledger.before.putAll(store.load(ledger.month));
        ledger.written.putAll(ledger.before);
        ledger.allow();
        return ledger;
    }

    @Override
    public String name() {
        return "months";
    }

    @Override
    public void turn() {
        Map<String, Long> carried = dataPlane.carried();
        YearMonth now = thisMonth();
        // A clock that is set back over a month's end gives nobody a second month.
        if (now.isAfter(month)) {
            month = now;
            before.clear();
            written.clear();
            carried.forEach((project, bytes) -> before.put(project, -bytes));
        }
        allow();
        write(carried);
    }

    private void allow() {
        projects.get().forEach((project, quotas) -> {
            long earlier = before.getOrDefault(project, 0L);
            Allowance next = new Allowance(
                    quotas.connections(),
                    quotas.bytesPerMonth().isPresent()
                            ? OptionalLong.of(quotas.bytesPerMonth().getAsLong() - earlier)
                            : OptionalLong.empty());
            if (!next.equals(allowed.getOrDefault(project, Allowance.ALL))) {
                dataPlane.allow(project, next);
            }
            allowed.put(project, next);
        });
    }

    private void write(Map<String, Long> carried) {
        Map<String, Long> news = new HashMap<>();
        carried.forEach((project, bytes) -> {
            long sum = before.getOrDefault(project, 0L) + bytes;
            if (sum != written.getOrDefault(project, 0L)) {
                news.put(project, sum);
            }
        });
        if (!news.isEmpty()) {
            store.write(month, news);
            written.putAll(news);
        }
    }

    private YearMonth thisMonth() {
        return YearMonth.from(clock.instant().atOffset(ZoneOffset.UTC));
    }
}
