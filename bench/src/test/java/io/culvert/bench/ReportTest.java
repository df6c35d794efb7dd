package io.culvert.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class ReportTest {
    @Test
    void aLossIsToldAsOne() {
        Report report = new Report();
        report.add("creates", 999.9, "a second");
        report.add("memory", 20, "KiB");
        report.add("start", 3000.5, "ms");
        assertThat(report.aims(List.of(
                        Report.Aim.atLeast("creates", 1000),
                        Report.Aim.atMost("memory", 20),
                        Report.Aim.atMost("start", 3000))))
                .endsWith("""
                        | measured | aimed at | value | reached |
                        |---|---|---|---|
                        | creates | at least 1,000 a second | 1,000 a second | **no** |
                        | memory | at most 20 KiB | 20 KiB | yes |
                        | start | at most 3,000 ms | 3,001 ms | **no** |
                        """);
    }

    @Test
    void anAimAtNothingIsRefused() {
        assertThatThrownBy(() -> new Report().aims(List.of(Report.Aim.atLeast("creates", 1000))))
                .hasMessage("name: 'creates' (expected: one of [])");
    }
}
