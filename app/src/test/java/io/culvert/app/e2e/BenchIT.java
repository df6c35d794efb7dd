package io.culvert.app.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** {@code culvert bench} measures a tunnel of its own, and one that is there. */
class BenchIT {
    private static final List<String> MEASURED = List.of("up", "down", "echo_p50", "echo_p99", "connections");
    private static final Pattern SERVES = Pattern.compile("target of 'culvert bench' on 127\\.0\\.0\\.1:(\\d+); .*");
    private static final Pattern LEADS = Pattern.compile("127\\.0\\.0\\.1:(\\d+) leads to .*");

    private static final Pattern WAYS =
            Pattern.compile("measuring 127\\.0\\.0\\.2:\\d+ beside 127\\.0\\.0\\.1:\\d+, for 32 s");

    @RegisterExtension
    final World world = new World();

    /** Agents and visitors come by another address than that of the API, as with {@code ssh -L}. */
    @Test
    void measuresATunnelThatItMakesForTheTime() throws Exception {
        List<String> words = new ArrayList<>(world.serverWords("--http=127.0.0.1:0"));
        words.replaceAll(word -> word.replaceFirst("^(--bridge|--expose-host)=127\\.0\\.0\\.1", "$1=0.0.0.0"));
        Program program = world.culvert("server", Map.of(), words.toArray(String[]::new));
        RunningServer server = RunningServer.of(
                program, world.directory().resolve("data"), program.awaitLine(RunningServer::isReadyLine));
        Program bench = world.culvert(
                "bench",
                Map.of(),
                "bench",
                "--server=" + server.url(),
                "--key-file=" + world.secret("key", server.key()),
                "--bridge=" + server.bridge().replace("0.0.0.0", "127.0.0.2"),
                "--seconds=1",
                "--streams=2",
                "-o=json");
        assertThat(bench.exit()).isZero();
        JsonNode document = new ObjectMapper().readTree(bench.out());
        assertThat(document.path("streams").intValue()).isEqualTo(2);
        assertThat(measured(document, "tunnel").keySet()).containsExactlyInAnyOrderElementsOf(MEASURED);
        assertThat(measured(document, "tunnel").values()).allMatch(value -> value > 0);
        assertThat(measured(document, "direct").values()).allMatch(value -> value > 0);
        assertThat(document.path("rounds").intValue()).isEqualTo(3);
        assertThat(bench.err()).as("two ways").containsPattern(WAYS);
        // A byte may come back sooner through the tunnel. What is always so: the server has seen what was measured.
        Program told = world.culvert(
                "told",
                Map.of(),
                "tunnel",
                "get",
                "1",
                "--server=" + server.url(),
                "--key-file=" + world.secret("key", server.key()),
                "-o=json");
        assertThat(told.exit()).as(told.err()).isZero();
        JsonNode traffic = new ObjectMapper().readTree(told.out()).path("traffic");
        // A second of it at least; Mbit/s are rounded.
        assertThat(traffic.path("bytes_in").longValue() * 8 / 1e6)
                .isGreaterThan(measured(document, "tunnel").getOrDefault("up", Double.MAX_VALUE) - 1);
        assertThat(traffic.path("bytes_out").longValue() * 8 / 1e6)
                .isGreaterThan(measured(document, "tunnel").getOrDefault("down", Double.MAX_VALUE) - 1);
        assertThat(server.client().list()).isEmpty();
    }

    @Test
    void measuresATunnelThatLeadsToItsTarget() throws Exception {
        RunningServer server = world.server();
        Program target = world.culvert("target", Map.of(), "bench", "--serve=127.0.0.1:0");
        String port =
                group(SERVES, target.awaitLine(line -> SERVES.matcher(line).matches()));
        String key = world.secret("key", server.key()).toString();
        Program expose =
                world.culvert("expose", Map.of(), "expose", port, "--server=" + server.url(), "--key-file=" + key);
        expose.awaitLine(line -> LEADS.matcher(line).matches());
        Program bench = world.culvert(
                "bench",
                Map.of(),
                "bench",
                "--server=" + server.url(),
                "--key-file=" + key,
                "--tunnel=1",
                "--seconds=1");
        assertThat(bench.exit()).isZero();
        assertThat(bench.out())
                .contains("MEASURED", "TUNNEL/DIRECT", "new connections")
                .containsPattern("up +Mbit/s +[0-9.]+ +- +-");
    }

    @Test
    void saysWhatIsMissingBehindATunnel() throws Exception {
        RunningServer server = world.server();
        String key = world.secret("key", server.key()).toString();
        Program none = world.culvert(
                "none", Map.of(), "bench", "--server=" + server.url(), "--key-file=" + key, "--tunnel=no-such");
        assertThat(none.exit()).isEqualTo(3);
        assertThat(none.err()).contains("no living tunnel has the name 'no-such'");
        Program wrong = world.culvert("wrong", Map.of(), "bench", "--seconds=0", "--streams=65", "--serve=here");
        assertThat(wrong.exit()).isEqualTo(2);
        assertThat(wrong.err())
                .contains("'0' (expected: 1 to 60)", "'65' (expected: 1 to 64)", "'here' (expected: HOST:PORT");
    }

    private static Map<String, Double> measured(JsonNode document, String way) {
        Map<String, Double> values = new HashMap<>();
        document.path("measured")
                .forEach(row ->
                        values.put(row.path("name").textValue(), row.path(way).doubleValue()));
        return values;
    }

    private static String group(Pattern pattern, String line) {
        Matcher matcher = pattern.matcher(line);
        assertThat(matcher.matches()).isTrue();
        return matcher.group(1);
    }
}
