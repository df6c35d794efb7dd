package io.culvert.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class PlacesTest {
    private static final Duration TIME = Duration.ofSeconds(1);

    private final Places places = new Places(new WebLimits(1, 5, 3, TIME, TIME, TIME));

    @Test
    void oneAddressTakesItsShareAndLeavesRoomForOthers() {
        for (int i = 0; i < 3; i++) {
            assertThat(places.take("192.0.2.1")).isTrue();
        }
        assertThat(places.take("192.0.2.1")).isFalse();
        assertThat(places.take("192.0.2.2")).isTrue();
        assertThat(places.take("192.0.2.3")).isTrue();
        assertThat(places.take("192.0.2.4")).as("all places are taken").isFalse();
    }

    @Test
    void aPlaceThatIsLeftIsFreeAgain() {
        for (int i = 0; i < 3; i++) {
            places.take("192.0.2.1");
        }
        assertThat(places.take("192.0.2.1")).isFalse();
        places.leave("192.0.2.1");
        assertThat(places.take("192.0.2.1")).isTrue();
        for (int i = 0; i < 3; i++) {
            places.leave("192.0.2.1");
        }
        for (int i = 0; i < 2; i++) {
            assertThat(places.take("192.0.2.2")).isTrue();
            assertThat(places.take("192.0.2.3")).isTrue();
        }
    }
}
