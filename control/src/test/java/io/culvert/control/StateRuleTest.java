package io.culvert.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.control.StateRule.Facts;
import io.culvert.control.StateRule.Left;
import io.culvert.control.StateRule.Overdue;
import io.culvert.control.StateRule.Verdict;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StateRuleTest {
    private static final Instant NOON = Instant.parse("2026-01-02T12:00:05.5Z");

    @Test
    void withoutAnAgentItWaitsAndSaysSinceWhen() {
        assertThat(of(facts(false, false, false, 0)))
                .isEqualTo(new Verdict(
                        TunnelState.WAITING,
                        "no agent is connected: box left at 2026-01-02T12:00:05Z (connection reset)"));
        Facts never = new Facts(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                false,
                Optional.empty(),
                0,
                "",
                Optional.empty(),
                Optional.of(7L),
                Optional.of(5L),
                List.of());
        assertThat(of(never)).isEqualTo(new Verdict(TunnelState.WAITING, "no agent has connected yet"));
    }

    @Test
    void withAnAgentItIsUpOrDegraded() {
        assertThat(of(facts(false, false, false, 1))).isEqualTo(new Verdict(TunnelState.UP, "agent box is connected"));
        assertThat(of(facts(false, false, false, 3)).reason()).isEqualTo("3 agents are connected");
        assertThat(of(facts(false, false, true, 1)))
                .isEqualTo(new Verdict(TunnelState.DEGRADED, "expose: 80 is taken"));
    }

    @Test
    void targetsThatFailAreNamedTheFirstOfThem() {
        assertThat(of(failing(1, "target a:1: connection refused")))
                .isEqualTo(new Verdict(TunnelState.DEGRADED, "target a:1: connection refused"));
        assertThat(of(failing(1, "target a:1: connection refused", "target b:2: timed out b:2", "x"))
                        .reason())
                .isEqualTo("target a:1: connection refused; and 2 more");
        assertThat(of(failing(0, "target a:1: connection refused")).state()).isEqualTo(TunnelState.WAITING);
    }

    private static Facts failing(int sessions, String... targets) {
        return new Facts(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                false,
                Optional.empty(),
                sessions,
                "box",
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of(targets));
    }

    /** Each fact that is added outranks those before it. */
    @Test
    void theEndOutranksTheDrainAndSoOn() {
        Optional<String> none = Optional.empty();
        Overdue overdue = new Overdue(NOON, NOON.plusSeconds(60));
        Optional<String> paused = Optional.of("key-1");
        Optional<String> drain = Optional.of("ended by key-1");
        Optional<String> port = Optional.of("expose: 80 is taken");
        assertThat(of(full(none, none, Optional.empty(), none, false, none)))
                .isEqualTo(new Verdict(TunnelState.DEGRADED, "the volume of 1000 bytes is used up"));
        assertThat(of(full(none, none, Optional.empty(), none, false, port)).reason())
                .isEqualTo("expose: 80 is taken");
        assertThat(of(full(none, none, Optional.empty(), none, true, port)))
                .isEqualTo(new Verdict(TunnelState.DRAINING, "the server drains: it lets no new visitors in"));
        assertThat(of(full(none, none, Optional.empty(), paused, true, port)))
                .isEqualTo(new Verdict(TunnelState.PAUSED, "paused by key-1"));
        assertThat(of(full(none, none, Optional.of(overdue), paused, true, port)))
                .isEqualTo(new Verdict(
                        TunnelState.PAUSED,
                        "the lease ran out at 2026-01-02T12:00:05Z; renew it before 2026-01-02T12:01:05Z"));
        assertThat(of(full(none, drain, Optional.of(overdue), paused, true, port)))
                .isEqualTo(new Verdict(TunnelState.DRAINING, "ended by key-1"));
        assertThat(of(full(Optional.of("over"), drain, Optional.of(overdue), paused, true, port)))
                .isEqualTo(new Verdict(TunnelState.ENDED, "over"));
    }

    @Test
    void aMonthThatIsUsedUpIsTheProjectsAndOutranksTheTunnelsVolume() {
        assertThat(of(month(1)))
                .isEqualTo(
                        new Verdict(TunnelState.DEGRADED, "the project's 5000 bytes of this month (UTC) are used up"));
        assertThat(of(month(0)).state()).isEqualTo(TunnelState.WAITING);
    }

    private static Facts month(int sessions) {
        return new Facts(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                false,
                Optional.empty(),
                sessions,
                "box",
                Optional.empty(),
                Optional.of(5_000L),
                Optional.of(1_000L),
                List.of());
    }

    private static Verdict of(Facts facts) {
        return StateRule.of(facts);
    }

    private static Facts facts(boolean ended, boolean paused, boolean missing, int sessions) {
        return new Facts(
                ended ? Optional.of("over") : Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                paused ? Optional.of("key-1") : Optional.empty(),
                false,
                missing ? Optional.of("expose: 80 is taken") : Optional.empty(),
                sessions,
                "box",
                Optional.of(new Left("box left", NOON, "connection reset")),
                Optional.empty(),
                Optional.empty(),
                List.of());
    }

    private static Facts full(
            Optional<String> ended,
            Optional<String> drain,
            Optional<Overdue> overdue,
            Optional<String> paused,
            boolean serverDrains,
            Optional<String> port) {
        return new Facts(
                ended,
                drain,
                overdue,
                paused,
                serverDrains,
                port,
                2,
                "box",
                Optional.empty(),
                Optional.empty(),
                Optional.of(1_000L),
                List.of("target a:1: refused"));
    }
}
