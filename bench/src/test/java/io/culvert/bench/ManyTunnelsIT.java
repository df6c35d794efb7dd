package io.culvert.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The measurement of many tunnels, with few of them and the real jar. Its figures count on a quiet machine only; what is promised counts here, too. */
class ManyTunnelsIT {
    /** The promise is 100 ms; a busy build machine adds its own. */
    private static final double LATEST_MILLIS = 1000;

    @Test
    @Timeout(180)
    void aHundredTunnels() throws Exception {
        Path jar = Path.of(Objects.requireNonNull(System.getProperty("culvert.jar"), "culvert.jar"));

        Report report = ManyTunnels.measure(new ManyTunnelsSettings(jar, 100, 8, Duration.ofSeconds(8), "256m", false));

        assertThat(report.value("tunnels back with their ports")).isEqualTo(100);
        for (String where : new String[] {"", ", API busy"}) {
            assertThat(report.value("closed before the deadline" + where)).isZero();
            assertThat(report.value("closed after the deadline, all within" + where))
                    .isBetween(0.0, LATEST_MILLIS);
        }
        assertThat(report.value("calls answered meanwhile, API busy")).isPositive();
        assertThat(report.table()).contains("| tunnels back with their ports | 100 |");
        assertThat(report.json()).contains("\"tunnels back with their ports\"");
    }
}
