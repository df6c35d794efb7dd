package io.culvert.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.control.Bridge;
import io.culvert.control.Expose;
import io.culvert.control.Lease;
import io.culvert.control.Policies;
import io.culvert.control.Protocol;
import io.culvert.control.Traffic;
import io.culvert.control.Transition;
import io.culvert.control.Tunnel;
import io.culvert.control.TunnelState;
import io.culvert.web.http.Answer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TunnelViewTest {
    private static final Instant LAST = Instant.ofEpochSecond(1562416269, 695_682_999);

    private static final Transition WAITING = new Transition(TunnelState.WAITING, "no agent is connected", LAST);

    private static String render(Duration ttl, Instant now, Traffic traffic) {
        Tunnel tunnel = new Tunnel(
                7,
                1,
                Optional.empty(),
                Map.of(),
                "default",
                "tester",
                List.of(new Expose("127.0.0.1", 22, 22022), new Expose(Protocol.UDP, "db", 5432, 40000)),
                33022,
                Optional.of(new Bridge(33022, false, true)),
                "iMac \"SSH\" \u2028 中",
                new Lease(ttl, LAST),
                Policies.NONE,
                LAST,
                WAITING,
                List.of(WAITING));
        Answer answer = json -> {
            json.writeStartObject();
            new TunnelView(tunnel, traffic, 7000, now).write(json);
            json.writeEndObject();
        };
        return new String(answer.bytes(), StandardCharsets.UTF_8);
    }

    @Test
    void theSeedsFieldsStandFirstAndInItsOrder() {
        assertThat(render(Duration.ofSeconds(-1), LAST.plusMillis(130_421), new Traffic(0, 0, 0, 0, 0, 0, 6)))
                .isEqualTo("{\"id\":7,\"tunnel\":{\"innet_port\":22,\"bridge_port\":33022,\"expose_port\":22022,"
                        + "\"comment\":\"iMac \\\"SSH\\\" \u2028 中\",\"expire_time\":-1,"
                        + "\"last_check_time\":1562416269.695682,\"from_last_check\":130.421000,"
                        + "\"exposes\":[{\"innet_port\":22,\"expose_port\":22022,\"innet_host\":\"127.0.0.1\",\"protocol\":\"tcp\"},"
                        + "{\"innet_port\":5432,\"expose_port\":40000,\"innet_host\":\"db\",\"protocol\":\"udp\"}],"
                        + "\"state\":\"waiting\",\"sessions\":0,\"visitors\":0,\"bytes_in\":0,\"bytes_out\":0,"
                        + "\"protocol\":\"tcp\",\"compress\":true,\"bridge_tls\":false,\"datagrams_dropped\":6,"
                        + "\"agent_port\":7000}}");
    }

    @ParameterizedTest
    @CsvSource({"PT1M,60", "PT0.5S,0.5", "PT0S,0", "PT-0.25S,-0.25", "PT87600H,315360000", "PT0.000000001S,0.000000001"
    })
    void secondsAreWrittenPlainly(Duration ttl, String shown) {
        assertThat(render(ttl, LAST, new Traffic(1, 2, 3, 4, 0, 0, 5))).contains("\"expire_time\":" + shown + ",");
    }

    @Test
    void aClockThatWasSetBackShowsNoTimeBelowZero() {
        assertThat(render(Duration.ZERO, LAST.minusSeconds(5), new Traffic(1, 0, 0, 0, 0, 0, 0)))
                .contains("\"from_last_check\":0.000000,")
                .contains("\"sessions\":1");
    }
}
