package io.culvert.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.app.config.ConfigException;
import io.culvert.control.Bridge;
import io.culvert.control.CreateTunnel;
import io.culvert.control.Expose;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PermanentFileTest {
    @TempDir
    Path directory;

    @Test
    void readsWhatTheSeedWrote() throws Exception {
        assertThat(read("[{\"innet\":22,\"expose\":22022,\"bridge\":33022,\"comment\":\"iMac 远程\",\"expire\":-1},"
                        + "{\"innet\":\"80\",\"expire\":1.5},{\"exposes\":\"22-22022, 80\",\"expire\":0}]"))
                .containsExactly(
                        new CreateTunnel(
                                List.of(new Expose("127.0.0.1", 22, 22022)),
                                Optional.of(new Bridge(33022, true, false)),
                                "iMac 远程",
                                Duration.ofSeconds(-1)),
                        new CreateTunnel(
                                List.of(new Expose("127.0.0.1", 80, 0)),
                                Optional.of(Bridge.ANY),
                                "",
                                Duration.ofMillis(1500)),
                        new CreateTunnel(
                                List.of(new Expose("127.0.0.1", 22, 22022), new Expose("127.0.0.1", 80, 0)),
                                Optional.of(Bridge.ANY),
                                "",
                                Duration.ZERO));
    }

    @Test
    void exposesMayBeAList() throws Exception {
        assertThat(read("[{\"exposes\":[\"22-22022\",80,\"81-0\"]}]").get(0).exposes())
                .extracting(Expose::targetPort)
                .containsExactly(22, 80, 81);
    }

    @Test
    void withoutExpireALeaseIsAsTheApiGivesIt() throws Exception {
        assertThat(read("[{\"innet\":22}]").get(0).lease().ttl()).isEqualTo(Duration.ofSeconds(60));
        assertThat(read("[{\"innet\":22,\"expire\":null}]").get(0).lease().ttl())
                .isEqualTo(Duration.ofSeconds(60));
    }

    @Test
    void theShortestTimeIsNotForEver() throws Exception {
        assertThat(read("[{\"innet\":22,\"expire\":1e-30}]").get(0).lease().ttl())
                .isPositive();
    }

    @Test
    void noTimeIsTooLongAgo() throws Exception {
        assertThat(read("[{\"innet\":22,\"expire\":-1e300}]").get(0).lease().ttl())
                .isEqualTo(Duration.ofDays(-3650));
    }

    @Test
    void anEmptyListIsAList() throws Exception {
        assertThat(read("[]")).isEmpty();
    }

    @Test
    void allFaultsAreToldWithTheirPlace() {
        assertThat(faults("[{\"innet\":0,\"port\":1},5,{},{\"innet\":22,\"expose\":70000,\"expire\":\"soon\"},"
                        + "{\"innet\":22,\"exposes\":\"22\"},{\"exposes\":\"22-x,0\"}]"))
                .containsExactly(
                        "import FILE[0]: 'port' (expected: one of innet, expose, exposes, bridge, comment, expire)",
                        "import FILE[0].innet: 0 (expected: 1 to 65535)",
                        "import FILE[1]: 5 (expected: a tunnel, as {\"innet\":22,\"expose\":22022})",
                        "import FILE[2]: neither innet nor exposes (expected: one of them)",
                        "import FILE[3].expose: 70000 (expected: 0 to 65535)",
                        "import FILE[3].expire: \"soon\" (expected: seconds, at most ten years; zero or less never expires)",
                        "import FILE[4]: exposes beside innet or expose (expected: exposes alone, or innet and expose)",
                        "import FILE[5].exposes: '22-x' (expected: INNET-EXPOSE or INNET, as 22-22022 or 80)",
                        "import FILE[5].exposes: '0' (expected: INNET-EXPOSE or INNET, as 22-22022 or 80)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{}", "5", "[", "[]x", "null", "[{\"innet\":22,\"innet\":23}]", "[{'innet':22}]"})
    void whatIsNoListIsRefused(String text) {
        assertThat(faults(text)).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "innet|true",
                "innet|[]",
                "innet|22.0",
                "innet|\"22 \"",
                "innet|\"+22\"",
                "innet|\"0x16\"",
                "innet|-1",
                "expose|{}",
                "bridge|65536",
                "bridge|\"a\"",
                "comment|5",
                "comment|[]",
                "expire|true",
                "expire|1e999",
                "expire|\"NaN\"",
                "expire|\"0x1p3\"",
                "expire|1e12",
                "exposes|[]",
                "exposes|\"\"",
                "exposes|[[22]]",
                "exposes|true",
                "exposes|22.5"
            })
    void badValuesAreNamed(String field, String json) {
        String rest = field.equals("innet") || field.equals("exposes") ? "" : "\"innet\":22,";
        assertThat(faults("[{" + rest + "\"" + field + "\":" + json + "}]"))
                .hasSize(1)
                .allSatisfy(fault -> assertThat(fault)
                        .startsWith("import FILE[0]." + field + ": ")
                        .contains("(expected: "));
    }

    @Test
    void aMissingFileIsNamed() {
        Path missing = directory.resolve("none.json");
        assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> PermanentFile.read(missing)))
                .hasMessage("import " + missing + ": no such file (expected: a list of tunnels in JSON)");
    }

    private List<CreateTunnel> read(String json) throws IOException, ConfigException {
        return PermanentFile.read(Files.writeString(directory.resolve("permanent.json"), json));
    }

    private List<String> faults(String json) {
        try {
            return List.of("no fault, but " + read(json));
        } catch (ConfigException e) {
            String file = directory.resolve("permanent.json").toString();
            return e.faults().stream().map(fault -> fault.replace(file, "FILE")).toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
