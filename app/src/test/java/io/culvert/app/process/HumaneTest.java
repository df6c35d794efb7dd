package io.culvert.app.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Figures and texts as people read them. */
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
    void manyLinesBecomeOne() {
        assertThat(Humane.line("no server:\n  \u001b[31mred\r\n\n")).isEqualTo("no server: | \uFFFD[31mred");
    }

    @Test
    void whatATerminalWouldObeyIsTakenOut() {
        assertThat(Humane.plain("a\u001b[31mb\r\n\u202Ec网")).isEqualTo("a\uFFFD[31mb\uFFFD\uFFFD\uFFFDc网");
    }
}
