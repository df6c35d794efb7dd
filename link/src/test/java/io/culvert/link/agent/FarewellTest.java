package io.culvert.link.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class FarewellTest {
    @Test
    void theNumbersAreThoseOfTheProtocolPage() {
        assertThat(Arrays.stream(Farewell.values()).map(Farewell::code))
                .containsExactly(0, 1, 2, 0x101, 0x102, 0x103, 0x104, 0x105);
    }

    @Test
    void eachIsFoundByItsNumberAndNoOtherIs() {
        for (Farewell each : Farewell.values()) {
            assertThat(Farewell.of(each.code())).isSameAs(each);
        }
        assertThat(Farewell.of(3)).isNull();
        assertThat(Farewell.of(0x106)).isNull();
        assertThat(Farewell.of(-1)).isNull();
    }
}
