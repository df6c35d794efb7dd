package io.culvert.control.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.control.Transition;
import io.culvert.control.TunnelState;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What stands in JSON columns, now and in databases of before. */
class StoredJsonTest {
    private static final Transition UP =
            new Transition(TunnelState.UP, "an agent is there", Instant.parse("2026-11-29T01:09:25.123456789Z"));

    @Test
    void transitionsComeBackAsTheyWere() {
        String stored = StoredJson.transitions(List.of(UP)).toString();
        assertThat(StoredJson.transitions(StoredJson.parse(stored))).containsExactly(UP);
    }

    @Test
    void transitionsOfBeforeHaveTheirTimeAsText() {
        String stored =
                "[{\"state\":\"UP\",\"reason\":\"an agent is there\",\"since\":\"2026-11-29T01:09:25.123456789Z\"}]";
        assertThat(StoredJson.transitions(StoredJson.parse(stored))).containsExactly(UP);
    }
}
