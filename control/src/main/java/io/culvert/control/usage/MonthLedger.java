package io.culvert.control.usage;

import io.culvert.control.caller.MonthUse;
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
import java.util.function.Consumer;
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
    private final Consumer<Map<String, MonthUse>> listener;

    private final Map<String, Long> before = new HashMap<>();
    private final Map<String, Long> written = new HashMap<>();
    private final Map<String, Allowance> allowed = new HashMap<>();
    private YearMonth month;

    private MonthLedger(
            MonthStore store,
            InstantSource clock,
            DataPlane dataPlane,
            Supplier<Map<String, Quotas>> projects,
            Consumer<Map<String, MonthUse>> listener) {
        this.store = store;
        this.clock = clock;
        this.dataPlane = dataPlane;
        this.projects = projects;
        this.listener = listener;
        this.month = thisMonth();
    }

    /**
     * Reads what was carried before, and tells the data plane what is allowed. Waits for the disk; by the thread that starts the server, before a tunnel is open.
     *
     * @param projects those that there are, with their quotas
     * @param listener hears at once and at each turn what projects have carried in this month: those that have carried anything, or may not
     *     carry everything; called by the starting thread and then the ledger's
     */
    public static MonthLedger open(
            MonthStore store,
            InstantSource clock,
            DataPlane dataPlane,
            Supplier<Map<String, Quotas>> projects,
            Consumer<Map<String, MonthUse>> listener) {
        MonthLedger ledger = new MonthLedger(store, clock, dataPlane, projects, listener);
        // No tunnel is open yet, so nothing has been carried.
        ledger.begin(ledger.month, Map.of());
        ledger.act(Map.of());
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
        if (!now.equals(month)) {
            write(carried);
            begin(now, carried);
        }
        act(carried);
        write(carried);
    }

    /** Goes on in a month where it was left: of a clock that is set back over a month's end, and forward again, each month is told once. */
    private void begin(YearMonth next, Map<String, Long> carried) {
        Map<String, Long> stored = store.load(next);
        month = next;
        before.clear();
        carried.forEach((project, bytes) -> before.put(project, -bytes));
        stored.forEach((project, bytes) -> before.merge(project, bytes, Long::sum));
        written.clear();
        written.putAll(stored);
    }

    private void act(Map<String, Long> carried) {
        allow();
        Map<String, MonthUse> use = new HashMap<>();
        carried.forEach((project, bytes) -> use.put(project, use(project, bytes)));
        before.keySet().forEach(project -> use.putIfAbsent(project, use(project, 0)));
        projects.get().keySet().forEach(project -> use.putIfAbsent(project, use(project, 0)));
        listener.accept(use);
    }

    private MonthUse use(String project, long bytes) {
        Allowance allowance = allowed.getOrDefault(project, Allowance.ALL);
        long earlier = before.getOrDefault(project, 0L);
        return new MonthUse(
                earlier + bytes,
                allowance.bytes().isPresent()
                        ? OptionalLong.of(allowance.bytes().getAsLong() + earlier)
                        : OptionalLong.empty());
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
