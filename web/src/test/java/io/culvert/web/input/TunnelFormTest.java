package io.culvert.web.input;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.control.Bridge;
import io.culvert.control.CreateTunnel;
import io.culvert.control.Expose;
import io.culvert.control.InvalidRequestException;
import io.culvert.control.Protocol;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TunnelFormTest {
    private static CreateTunnel read(String form) {
        Fields body = FormReader.read(form.getBytes(StandardCharsets.UTF_8));
        return TunnelForm.read(Parameters.of(Fields.NONE, List.of(), body, TunnelForm.PARAMETERS));
    }

    @Test
    void aPortAloneLeadsToTheAgentsOwnMachine() {
        assertThat(read("innet=22"))
                .isEqualTo(new CreateTunnel(
                        List.of(new Expose("127.0.0.1", 22, 0)),
                        Optional.of(new Bridge(0, true, false)),
                        "",
                        Duration.ofSeconds(60)));
    }

    @ParameterizedTest
    @CsvSource({
        "db.inner:5432, db.inner, 5432",
        "10.0.0.7:22, 10.0.0.7, 22",
        "[::1]:22, ::1, 22",
        "[fe80::1:2]:65535, fe80::1:2, 65535",
        "web-1:80, web-1, 80",
        "a_b:1, a_b, 1"
    })
    void aTargetMayNameItsHost(String innet, String host, int port) {
        assertThat(read("expose=30001&innet=" + innet).exposes()).containsExactly(new Expose(host, port, 30001));
        assertThat(read("exposes=" + innet + "-30001").exposes()).containsExactly(new Expose(host, port, 30001));
        assertThat(read("exposes=" + innet).exposes()).containsExactly(new Expose(host, port, 0));
    }

    @Test
    void theListKeepsItsOrder() {
        assertThat(read("exposes=22-22022,80,web-1:8080-80,web-1:81").exposes())
                .containsExactly(
                        new Expose("127.0.0.1", 22, 22022),
                        new Expose("127.0.0.1", 80, 0),
                        new Expose("web-1", 8080, 80),
                        new Expose("web-1", 81, 0));
    }

    @Test
    void aProtocolIsSaidForAllOrForOne() {
        Expose tcp = new Expose(Protocol.TCP, "127.0.0.1", 22, 0);
        Expose udp = new Expose(Protocol.UDP, "127.0.0.1", 53, 5353);
        assertThat(read("innet=udp://53&expose=5353").exposes()).containsExactly(udp);
        assertThat(read("innet=53&expose=5353&protocol=udp").exposes()).containsExactly(udp);
        assertThat(read("innet=udp://53&expose=5353&protocol=udp").exposes()).containsExactly(udp);
        assertThat(read("exposes=22,udp://53-5353").exposes()).containsExactly(tcp, udp);
        assertThat(read("exposes=udp://53-5353,tcp://22").exposes()).containsExactly(udp, tcp);
        assertThat(read("exposes=udp://[::1]:53-5353,udp://dns-1:53").exposes())
                .containsExactly(new Expose(Protocol.UDP, "::1", 53, 5353), new Expose(Protocol.UDP, "dns-1", 53, 0));
        assertThat(read("innet=udp://127.0.0.1:53&exposes=udp://53-5353").exposes())
                .containsExactly(udp);
    }

    @Test
    void aBridgeIsAsItIsAsked() {
        assertThat(read("innet=22&bridge=33022&compress=true&bridge_tls=false").bridge())
                .contains(new Bridge(33022, false, true));
        assertThat(read("innet=22&bridge=0&compress=&bridge_tls=").bridge()).contains(Bridge.ANY);
    }

    @Test
    void theFlatParametersMayRepeatTheFirstOfTheList() {
        List<Expose> wanted = List.of(new Expose("127.0.0.1", 22, 22022), new Expose("127.0.0.1", 80, 0));
        assertThat(read("innet=22&expose=22022&exposes=22-22022,80").exposes()).isEqualTo(wanted);
        assertThat(read("innet=127.0.0.1:22&exposes=22-22022,80").exposes()).isEqualTo(wanted);
        assertThat(read("expose=0&exposes=22-22022,80").exposes()).isEqualTo(wanted);
        assertThatThrownBy(() -> read("innet=80&exposes=22-22022,80"))
                .isInstanceOf(InvalidRequestException.class)
                .hasMessageContaining("innet: '80'");
    }

    @ParameterizedTest
    @CsvSource({
        "60, PT1M",
        "0.5, PT0.5S",
        "-1, PT-1S",
        "-0.5, PT-0.5S",
        "0, PT0S",
        "0.000000001, PT0.000000001S",
        "1.5e1, PT15S",
        "60.000000000000, PT1M",
        "315360000, PT87600H"
    })
    void aLeaseIsSecondsAndParts(String expire, Duration ttl) {
        assertThat(read("innet=22&expire=" + expire).lease().ttl()).isEqualTo(ttl);
    }

    @Test
    void sixtyFourExposesAreNotTooMany() {
        assertThat(read("exposes=22" + ",22".repeat(63)).exposes()).hasSize(64);
    }

    @Test
    void errorsShowAStrangersTextShortAndHarmless() {
        assertThatThrownBy(() -> read("innet=%1B%5B31m" + "x".repeat(500)))
                .hasMessageContaining("innet: '?[31mxxx")
                .hasMessageContaining("…")
                .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(200));
    }
}
