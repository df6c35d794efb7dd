package io.culvert.app.remote;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.app.process.Terminal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Figures, texts and tables as people read them. */
class HumaneTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0 B",
        "9999, 9999 B",
        "10000, 10.0 kB",
        "93211, 93.2 kB",
        "999499, 999 kB",
        "999500, 1.00 MB",
        "1000000, 1.00 MB",
        "5000000000, 5.00 GB",
        "9223372036854775807, 9223 PB"
    })
    void bytesHaveThreeFigures(long bytes, String shown) {
        assertThat(Humane.bytes(bytes)).isEqualTo(shown);
    }

    @ParameterizedTest
    @CsvSource({
        "PT0S, 0s",
        "PT0.25S, 250ms",
        "PT9.5S, 9500ms",
        "PT48.9S, 48s",
        "PT60S, 1m",
        "PT72S, 1m 12s",
        "PT2H3M4S, 2h 3m",
        "PT76H, 3d 4h",
        "PT24H, 1d",
        "PT-5S, -5s"
    })
    void timesHaveTwoUnits(Duration time, String shown) {
        assertThat(Humane.time(time)).isEqualTo(shown);
    }

    @Test
    void aMomentThatIsPastIsNoTimeAway() {
        Instant now = Instant.EPOCH;
        assertThat(Humane.until(now.plusMillis(1600), now)).isEqualTo("2s");
        assertThat(Humane.until(now.minusSeconds(5), now)).isEqualTo("0s");
    }

    @Test
    void theServersMomentsAreToldByTheClockOnTheWall() {
        String local = Humane.moment(Instant.parse("2026-12-01T02:03:04Z"));
        assertThat(Humane.said("the lease ran out at 2026-12-01T02:03:04Z; renew it before 2026-12-01T02:03:04.5Z\n"))
                .isEqualTo("the lease ran out at " + local + "; renew it before " + local + "\uFFFD");
        assertThat(Humane.said("agent 9999-99-99T99:99:99Z is connected"))
                .isEqualTo("agent 9999-99-99T99:99:99Z is connected");
    }

    @Test
    void whatATerminalWouldObeyIsTakenOut() {
        assertThat(Humane.plain("a\u001b[31mb\r\n\u202Ec网")).isEqualTo("a\uFFFD[31mb\uFFFD\uFFFD\uFFFDc网");
    }

    @Test
    void columnsStandUnderEachOther() {
        Table table = new Table("NAME", ">BYTES", "TEXT").row("网络", 5, "x").row("b", 1234, "");
        assertThat(table.lines(Terminal.NONE)).containsExactly("NAME  BYTES  TEXT", "网络      5  x", "b      1234");
    }

    @Test
    void theLastColumnGivesWayToTheTerminal() {
        Table table = new Table("STATE", "REASON").row("up", "agent 网络网络网络网络 is connected since long");
        List<String> lines = table.lines(new Terminal(true, 24, false));
        assertThat(lines).allSatisfy(line -> assertThat(Humane.columns(line)).isLessThanOrEqualTo(24));
        assertThat(lines.get(1)).isEqualTo("up     agent 网络网络网…");
    }

    @Test
    void statesAreColouredWhereThatIsWanted() {
        Table table = new Table("ID", "STATE", "REASON").row("1", "up", "up and well");
        assertThat(table.lines(new Terminal(true, 80, true)))
                .containsExactly("\u001b[1mID  STATE  REASON\u001b[0m", "1   \u001b[32mup\u001b[0m     up and well");
        assertThat(table.lines(new Terminal(true, 80, false)))
                .containsExactly("ID  STATE  REASON", "1   up     up and well");
    }
}
