package io.culvert.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.control.caller.MonthUse;
import io.culvert.control.caller.Quotas;
import io.culvert.control.sql.SqlTunnelStore;
import io.culvert.control.usage.MonthLedger;
import io.culvert.gateway.Allowance;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What projects may still carry, as months begin and processes end. */
class MonthLedgerTest {
    @TempDir
    Path data;

    private final HandClock clock = new HandClock();
    private final Map<String, Quotas> projects = new HashMap<>(Map.of("default", Quotas.NONE));
    private SocketDataPlane plane = new SocketDataPlane();

    @AfterEach
    void close() {
        plane.close();
    }

    private static Quotas quotas(OptionalInt connections, OptionalLong bytes) {
        return new Quotas(
                OptionalInt.empty(), OptionalInt.empty(), OptionalInt.empty(), connections, bytes, Optional.empty());
    }

    private static Allowance bytes(long bytes) {
        return new Allowance(OptionalInt.empty(), OptionalLong.of(bytes));
    }

    private Map<String, MonthUse> heard = Map.of();

    private Allowance lab() {
        return Objects.requireNonNull(plane.allowances.get("lab"));
    }

    private MonthLedger open(SqlTunnelStore store) {
        return MonthLedger.open(store.months(), clock, plane, () -> projects, use -> heard = use);
    }

    @Test
    void aRestartGoesOnWhereTheMonthWas() {
        projects.put("lab", quotas(OptionalInt.empty(), OptionalLong.of(1_000)));
        try (SqlTunnelStore store = SqlTunnelStore.open(data)) {
            MonthLedger months = open(store);
            assertThat(plane.allowances).isEqualTo(Map.of("lab", bytes(1_000)));
            plane.carried.put("lab", 300L);
            plane.carried.put("default", 7L);
            months.turn();
            plane.carried.put("lab", 400L);
            months.last();
        }
        plane.close();
        plane = new SocketDataPlane();
        try (SqlTunnelStore store = SqlTunnelStore.open(data)) {
            MonthLedger months = open(store);
            assertThat(plane.allowances).isEqualTo(Map.of("lab", bytes(600)));
            plane.carried.put("lab", 50L);
            months.turn();
        }
        try (SqlTunnelStore store = SqlTunnelStore.open(data)) {
            MonthLedger unused = open(store);
            assertThat(plane.allowances).containsEntry("lab", bytes(550));
        }
    }

    @Test
    void aMonthBeginsWithAllOfIt() {
        projects.put("lab", quotas(OptionalInt.of(3), OptionalLong.of(1_000)));
        try (SqlTunnelStore store = SqlTunnelStore.open(data)) {
            MonthLedger months = open(store);
            plane.carried.put("lab", 1_000L);
            months.turn();
            Instant next = Instant.parse("2026-04-01T00:00:00Z");
            clock.move(Duration.between(clock.instant(), next).minusSeconds(1));
            months.turn();
            assertThat(lab().bytes()).hasValue(1_000);
            clock.move(Duration.ofSeconds(1));
            months.turn();
            assertThat(lab().bytes()).hasValue(2_000);
            assertThat(lab().connections()).hasValue(3);
            plane.carried.put("lab", 1_100L);
            months.last();
        }
        try (SqlTunnelStore store = SqlTunnelStore.open(data)) {
            MonthLedger unused = open(store);
            assertThat(lab().bytes()).hasValue(900);
            clock.move(Duration.ofDays(40));
        }
        try (SqlTunnelStore store = SqlTunnelStore.open(data)) {
            MonthLedger unused = open(store);
            assertThat(lab().bytes())
                    .as("a month passed while the server was down")
                    .hasValue(1_000);
        }
    }

    @Test
    void anotherQuotaIsToldAndNoneIsEverything() {
        try (SqlTunnelStore store = SqlTunnelStore.open(data)) {
            MonthLedger months = open(store);
            assertThat(plane.allowances).isEmpty();
            projects.put("default", quotas(OptionalInt.of(2), OptionalLong.empty()));
            months.turn();
            assertThat(plane.allowances)
                    .isEqualTo(Map.of("default", new Allowance(OptionalInt.of(2), OptionalLong.empty())));
            projects.put("default", Quotas.NONE);
            months.turn();
            assertThat(plane.allowances).isEqualTo(Map.of("default", Allowance.ALL));
        }
    }

    /** A battery that is empty, a wrong time server: the clock goes back into a month that was over, the server is started there, and it goes forward again. */
    @Test
    void aClockThatIsSetBackOverAMonthsEndLosesNoMonthAndGivesNoneTwice() {
        projects.put("lab", quotas(OptionalInt.empty(), OptionalLong.of(1_000)));
        Duration toApril = Duration.between(clock.instant(), Instant.parse("2026-04-01T00:00:00Z"));
        Duration hour = Duration.ofHours(1);
        try (SqlTunnelStore store = SqlTunnelStore.open(data)) {
            MonthLedger months = open(store);
            plane.carried.put("lab", 700L);
            months.turn();
            clock.move(toApril);
            months.turn();
            plane.carried.put("lab", 900L);
            months.turn();
            assertThat(monthOfLab()).isEqualTo(new MonthUse(200, OptionalLong.of(1_000)));
            clock.move(hour.negated());
            months.turn();
            assertThat(monthOfLab()).as("March again, running").isEqualTo(new MonthUse(700, OptionalLong.of(1_000)));
            clock.move(hour);
            months.last();
            assertThat(monthOfLab().bytes()).isEqualTo(200);
        }
        clock.move(hour.negated());
        plane.close();
        plane = new SocketDataPlane();
        try (SqlTunnelStore store = SqlTunnelStore.open(data)) {
            MonthLedger months = open(store);
            assertThat(monthOfLab().bytes()).as("March again, started anew").isEqualTo(700);
            assertThat(lab()).isEqualTo(bytes(300));
            plane.carried.put("lab", 300L);
            months.turn();
            assertThat(monthOfLab().spent()).isTrue();
            clock.move(hour);
            months.turn();
            assertThat(monthOfLab()).as("April as it was").isEqualTo(new MonthUse(200, OptionalLong.of(1_000)));
            assertThat(lab()).as("300 were carried by this process in March").isEqualTo(bytes(1_100));
        }
        try (SqlTunnelStore store = SqlTunnelStore.open(data)) {
            assertThat(store.months().load(YearMonth.of(2026, 3))).isEqualTo(Map.of("lab", 1_000L));
            assertThat(store.months().load(YearMonth.of(2026, 4))).isEqualTo(Map.of("lab", 200L));
        }
    }

    private MonthUse monthOfLab() {
        return Objects.requireNonNull(heard.get("lab"));
    }
}
