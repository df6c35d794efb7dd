package io.culvert.app.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.culvert.client.seed.CreatedTunnel;
import io.culvert.client.seed.NewTunnel;
import io.culvert.client.seed.SeedClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A real nginx behind a tunnel, read by a real curl. */
class NginxIT {
    private static final int REQUESTS = 500;
    private static final int BYTES = 24_000;
    private static final long BIG = 100L << 20;

    @RegisterExtension
    final World world = new World();

    @Test
    void severalRequestsShareAConnection() throws Exception {
        Nginx nginx = Nginx.start(world);
        CreatedTunnel tunnel = tunnel(world.server(), nginx);
        String url = "http://127.0.0.1:" + RunningServer.port(tunnel);
        Path file = nginx.file("a", 50_000, 1);

        List<String> words = curl("--write-out", "%{http_code} %{num_connects}\\n");
        for (int i = 0; i < 5; i++) {
            words.addAll(List.of("--output", "kept-" + i, url + "/a"));
        }
        Program curl = world.program("curl", Map.of(), words);
        assertThat(curl.exit()).isZero();
        // One connection for the first, none for the others.
        assertThat(curl.out().lines()).containsExactly("200 1", "200 0", "200 0", "200 0", "200 0");
        for (int i = 0; i < 5; i++) {
            assertThat(world.directory().resolve("kept-" + i)).hasSameBinaryContentAs(file);
        }
        assertThat(status(url + "/nothing")).isEqualTo("404");
    }

    @Test
    void aBigFileArrivesWhole() throws Exception {
        Nginx nginx = Nginx.start(world);
        CreatedTunnel tunnel = tunnel(world.server(), nginx);
        Path file = nginx.file("big", BIG, 2);
        List<String> words =
                curl("--fail", "--output", "big", "http://127.0.0.1:" + RunningServer.port(tunnel) + "/big");
        assertThat(world.program("curl", Map.of(), words).exit()).isZero();
        assertThat(TestFile.sha256(world.directory().resolve("big"))).isEqualTo(TestFile.sha256(file));
    }

    @Test
    void fiveHundredAtOnceEachGetTheirOwn() throws Exception {
        Nginx nginx = Nginx.start(world);
        RunningServer server = world.server();
        CreatedTunnel tunnel = tunnel(server, nginx);
        List<Path> files = new ArrayList<>();
        for (int i = 0; i < REQUESTS; i++) {
            files.add(nginx.file("slow/" + i, BYTES, i));
        }

        // One curl does 300 at a time at most.
        List<Program> curls = List.of(
                parallel(RunningServer.port(tunnel), 0, REQUESTS / 2),
                parallel(RunningServer.port(tunnel), REQUESTS / 2, REQUESTS));
        int most = mostVisitors(server.client(), tunnel, curls);
        for (Program curl : curls) {
            assertThat(curl.exit()).as(curl.report()).isZero();
            assertThat(curl.out().lines()).hasSize(REQUESTS / 2).containsOnly("200");
        }
        for (int i = 0; i < REQUESTS; i++) {
            assertThat(world.directory().resolve("got-" + i)).hasSameBinaryContentAs(files.get(i));
        }
        assertThat(most).as("visitors at the same time").isEqualTo(REQUESTS);
    }

    private Program parallel(int port, int from, int to) throws IOException {
        StringBuilder config = new StringBuilder();
        for (int i = from; i < to; i++) {
            config.append("url = \"http://127.0.0.1:" + port + "/slow/" + i + "\"\noutput = \"got-" + i + "\"\n");
        }
        Path file = Files.writeString(world.directory().resolve("curl-" + from), config);
        List<String> words = curl(
                "--parallel",
                "--parallel-immediate",
                "--parallel-max",
                String.valueOf(to - from),
                "--write-out",
                "%{http_code}\\n",
                "--config",
                file.toString());
        return world.program("curl", Map.of(), words);
    }

    private static int mostVisitors(SeedClient client, CreatedTunnel tunnel, List<Program> curls) throws IOException {
        int most = 0;
        while (curls.stream().anyMatch(Program::isAlive)) {
            most = Math.max(most, client.query(tunnel.tunnel().id()).visitors());
            // Looks often enough; a tighter loop would take the machine from those it looks at.
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
        return most;
    }

    private String status(String url) {
        Program curl = world.program("curl", Map.of(), curl("--output", "status", "--write-out", "%{http_code}", url));
        assertThat(curl.exit()).isZero();
        return curl.out();
    }

    private CreatedTunnel tunnel(RunningServer server, Nginx nginx) throws IOException {
        CreatedTunnel tunnel = server.client().create(NewTunnel.to(nginx.port(), Duration.ofMinutes(10)));
        world.agent(server, tunnel);
        await("the agent is connected")
                .atMost(Duration.ofSeconds(30))
                .until(() -> server.client().query(tunnel.tunnel().id()).sessions() == 1);
        return tunnel;
    }

    private static List<String> curl(String... words) {
        // -q: nobody's own configuration counts here.
        List<String> all = new ArrayList<>(List.of(
                World.tool("curl", "curl"), "-q", "--noproxy", "*", "--silent", "--show-error", "--max-time", "120"));
        all.addAll(List.of(words));
        return all;
    }
}
