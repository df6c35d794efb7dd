package io.culvert.link.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.socket.nio.NioSocketChannel;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DescriptorsTest {
    private static final List<String> LIMITS = List.of(
            "Limit                     Soft Limit           Hard Limit           Units     ",
            "Max processes             96424                96424                processes ",
            "Max open files            1024                 524288               files     ");

    @Test
    void theSoftLimitCounts() {
        assertThat(Descriptors.of(LIMITS).most()).isEqualTo(1024);
    }

    @Test
    void whereNobodySaysThereIsNone() {
        assertThat(Descriptors.of(List.of())).isEqualTo(Descriptors.UNLIMITED);
        assertThat(Descriptors.of(List.of("Max open files            unlimited            unlimited            files")))
                .isEqualTo(Descriptors.UNLIMITED);
    }

    @ParameterizedTest
    @CsvSource({
        "40, 20, 30, 35, 12",
        "128, 96, 112, 120, 12",
        "256, 192, 224, 240, 12",
        "1024, 768, 896, 960, 56",
        "1000000, 995872, 997936, 998968, 1024",
        "2147483647, 2147479519, 2147481583, 2147482615, 1024"
    })
    void visitorsAreGivenMoreThanPortsAgentsMoreThanThemAndTheApiTheRest(
            int most, int ports, int visitors, int strangers, int api) {
        Descriptors files = new Descriptors(most);
        assertThat(files.ports()).isEqualTo(ports);
        assertThat(files.visitors()).isEqualTo(visitors);
        assertThat(files.strangers()).isEqualTo(strangers);
        assertThat(files.api()).isEqualTo(api);
    }

    @Test
    void aTransportThatDoesNotTellIsNotCounted() {
        NioSocketChannel socket = new NioSocketChannel();
        assertThat(new Descriptors(1).sparesVisitor(socket)).isTrue();
        socket.unsafe().closeForcibly();
    }
}
