package io.culvert.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The settings of {@code agent} and {@code expose}. */
class CommandConfigTest {
    @Test
    void anAgentNeedsItsServerAndItsToken() {
        assertThatThrownBy(() -> AgentConfig.read(Flags.of(Map.of()), Map.of()))
                .isInstanceOfSatisfying(
                        ConfigException.class,
                        e -> assertThat(e.faults())
                                .satisfiesExactly(
                                        fault -> assertThat(fault)
                                                .startsWith("--server is missing (expected: HOST:PORT")
                                                .contains("CULVERT_AGENT_SERVER"),
                                        fault -> assertThat(fault).startsWith("--token-file is missing")));
    }

    @Test
    void anAgentDialsWhatItIsAllowed() throws Exception {
        AgentConfig config = AgentConfig.read(
                Flags.of(Map.of("server", List.of("a.example:7000"), "token-file", List.of("-"))),
                Map.of("CULVERT_AGENT_ALLOW", "127.0.0.1:22, [::1]:80"));
        assertThat(config)
                .isEqualTo(new AgentConfig(
                        new Address("a.example", 7000),
                        Path.of("-"),
                        List.of(new Address("127.0.0.1", 22), new Address("::1", 80)),
                        1,
                        Optional.empty()));
    }

    @Test
    void anEmptyListOfWhatIsAllowedIsNotEverything() {
        assertThatThrownBy(() -> AgentConfig.read(
                        Flags.of(Map.of("server", List.of("a.example:7000"), "token-file", List.of("t"))),
                        Map.of("CULVERT_AGENT_ALLOW", "")))
                .hasMessageStartingWith("environment CULVERT_AGENT_ALLOW: '' (expected: HOST:PORT");
    }

    @ParameterizedTest
    @CsvSource({"8080, 127.0.0.1:8080", "nas.local:22, nas.local:22", "[::1]:80, [::1]:80"})
    void aTargetIsAPortOrAnAddress(String operand, String target) throws Exception {
        ExposeConfig config = ExposeConfig.read(Flags.of(Map.of()), List.of(operand), Map.of());
        assertThat(config.target()).hasToString(target);
        assertThat(config.ttl()).isEqualTo(Duration.ofSeconds(60));
        assertThat(config.client().server()).isEmpty();
        assertThat(config.comment()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "65536", "host", "host:0", "::1:80", ""})
    void anythingElseIsNoTarget(String operand) {
        assertThatThrownBy(() -> ExposeConfig.read(Flags.of(Map.of()), List.of(operand), Map.of()))
                .hasMessageStartingWith("TARGET: '" + operand + "' (expected: one PORT or HOST:PORT");
    }

    @Test
    void oneTargetIsExpected() {
        assertThatThrownBy(() -> ExposeConfig.read(Flags.of(Map.of()), List.of(), Map.of()))
                .hasMessageStartingWith("TARGET is missing");
        assertThatThrownBy(() -> ExposeConfig.read(Flags.of(Map.of()), List.of("80", "81"), Map.of()))
                .hasMessageStartingWith("TARGET: '80 81'");
    }

    @Test
    void variablesOfOtherCommandsAreNoFault() throws Exception {
        ExposeConfig.read(
                Flags.of(Map.of()),
                List.of("80"),
                Map.of("CULVERT_HTTP", "127.0.0.1:1", "CULVERT_AGENT_SERVER", "a:1", "CULVERT_EXPOSE_TTL", "5m"));
    }
}
