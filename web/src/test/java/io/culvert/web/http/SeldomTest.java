package io.culvert.web.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class SeldomTest {
    private static final long MINUTE = Duration.ofMinutes(1).toNanos();

    @Test
    void oneOfManyIsDueInATime() {
        Seldom seldom = new Seldom(Duration.ofMinutes(1));
        long begin = Long.MAX_VALUE - 10;
        assertThat(seldom.isDue(begin)).isTrue();
        assertThat(seldom.isDue(begin)).isFalse();
        assertThat(seldom.isDue(begin + MINUTE - 1)).isFalse();
        assertThat(seldom.isDue(begin + MINUTE))
                .as("the clock has wrapped around")
                .isTrue();
        assertThat(seldom.isDue(begin + MINUTE + 1)).isFalse();
    }
}
