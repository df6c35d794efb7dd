package io.culvert.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class DurationsTest {
    @Test
    void partsAreNearestRanks() {
        Durations hundred = new Durations(
                LongStream.rangeClosed(1, 100).map(i -> (101 - i) * 1_000_000).toArray());
        assertThat(hundred.leastMillis()).isEqualTo(1);
        assertThat(hundred.millis(0.5)).isEqualTo(50);
        assertThat(hundred.millis(0.99)).isEqualTo(99);
        assertThat(hundred.millis(0.991)).isEqualTo(100);
        assertThat(hundred.mostMillis()).isEqualTo(100);
        assertThat(new Durations(new long[] {-2_000_000}).millis(0.01)).isEqualTo(-2);
    }

    @Test
    void refusesNoTimesAndNoPart() {
        assertThatIllegalArgumentException().isThrownBy(() -> new Durations(new long[0]));
        assertThatIllegalArgumentException().isThrownBy(() -> new Durations(new long[1]).millis(0));
        assertThatIllegalArgumentException().isThrownBy(() -> new Durations(new long[1]).millis(1.01));
    }
}
