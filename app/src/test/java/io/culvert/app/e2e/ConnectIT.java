package io.culvert.app.e2e;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.Download;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The lines that the connect help shows are run as they stand; only the places of files are others. */
class ConnectIT {
    @RegisterExtension
    final World world = new World();

    @Test
    void whatTheHelpShowsCanBeRun() throws Exception {
        RunningServer server = world.server();
        Api api = new Api(server);
        EchoService echo = world.closing(EchoService.start());
        JsonNode made = api.send(
                "POST",
                "/tunnels",
                "{'name': 'shown', 'exposes': [{'target': '127.0.0.1:" + echo.port()
                        + "'}], 'bridge': {}, 'lease': {'ttl_seconds': 600}}");
        String path = "/tunnels/" + made.path("id");
        Tab tab = world.closing(world.closing(Browser.start()).tab(server, "en-US"));
        tab.signIn("/ui/tunnel/" + made.path("id")).await(".title");
        tab.at(".title .buttons button").first().click();
        tab.await("culvert-connect #way p button").click();
        tab.await("dialog[open] .danger").click();
        Path token = world.secret(
                "culvert-" + made.path("id") + ".token",
                tab.await("#line-token").textContent());

        // Culvert's own agent, in a container's words first: what
        // stands behind the image is what its entrypoint is given.
        tab.at("#tab-docker").click();
        List<String> docker = words(tab.await("#line-docker").textContent());
        assertThat(docker)
                .startsWith("docker", "run", "-d")
                .contains("\"$PWD/" + token.getFileName() + ":/run/token:ro\"");
        List<String> inside = docker.subList(docker.indexOf("culvert") + 1, docker.size());
        tab.at("#tab-own").click();
        List<String> own = words(tab.await("#line-own").textContent());
        assertThat(inside)
                .hasSameSizeAs(own.subList(1, own.size()))
                .startsWith("agent", "--server")
                .contains("/run/token");
        Program agent = run(inside, "/run/token", token);
        assertThat(tab.at(".good")).isVisible();
        agent.terminate();
        assertThat(tab.at(".steps .failed").first()).isVisible();
        agent = run(own.subList(1, own.size()), token.getFileName().toString(), token);
        assertThat(tab.at(".good")).isVisible();
        agent.terminate();
        assertThat(tab.at(".steps .failed").first()).isVisible();

        // The unit starts what the build leaves beside culvert.jar, and systemd has nothing against it.
        tab.at("#tab-systemd").click();
        String unit = tab.await("#line-systemd").textContent().replace("=/opt/culvert/culvert ", "=" + starter() + " ");
        isGoodUnit(unit);
        List<String> service = words(unit.lines()
                .filter(line -> line.startsWith("ExecStart="))
                .findFirst()
                .orElseThrow());
        assertThat(service.get(0)).isEqualTo("ExecStart=" + starter());
        List<String> started = new ArrayList<>(service);
        started.replaceAll(word -> word.replace("ExecStart=", "").replace("%d/token", token.toString()));
        world.program("service", Map.of("JAVA_HOME", System.getProperty("java.home")), started);
        assertThat(tab.at(".good")).isVisible();
        assertThat(tab.at("#line-enable").textContent()).endsWith("culvert-" + made.path("id"));

        // Stock goproxy: the bundle has what its line names.
        tab.at("#tab-goproxy").click();
        Download bundle =
                tab.page.waitForDownload(() -> tab.at("#way button").first().click());
        try (ZipFile zip = new ZipFile(bundle.path().toFile())) {
            assertThat(zip.stream().map(Object::toString)).contains("proxy.crt", "proxy.key");
        }
        assertThat(tab.at("#line-goproxy").textContent())
                .isEqualTo(
                        "proxy client -P 127.0.0.1:" + made.path("bridge").path("port") + " -C proxy.crt -K proxy.key");

        // The heartbeat renews until the tunnel is gone, and then it ends by itself.
        tab.at("#tab-heartbeat").click();
        world.secret("culvert.header", "Authorization: Bearer " + server.key());
        String before = api.get(path).path("lease").path("last_renewal").asText();
        String loop = tab.await("#line-beat").textContent();
        assertThat(loop).contains("sleep 200");
        Program heart = world.program(
                "heartbeat",
                Map.of(),
                List.of("bash", "-c", "cd " + world.directory() + "\n" + loop.replace("sleep 200", "sleep 0.2")));
        await().atMost(Duration.ofSeconds(30))
                .until(() -> !api.get(path)
                        .path("lease")
                        .path("last_renewal")
                        .asText()
                        .equals(before));
        api.send("DELETE", path, "");
        assertThat(heart.exit(Duration.ofSeconds(30))).isZero();
        tab.isClean();
    }

    /** Words as a shell makes them of a line without spaces inside of words. */
    private static List<String> words(String line) {
        return List.of(line.replace("\\\n", " ").trim().split("\\s+"));
    }

    private static Path starter() {
        return Path.of(System.getProperty("culvert.jar"))
                .resolveSibling("culvert")
                .toAbsolutePath();
    }

    private Program run(List<String> line, String file, Path token) {
        List<String> words = new ArrayList<>(line);
        words.replaceAll(word -> word.equals(file) ? token.toString() : word);
        return world.culvert("agent", Map.of(), words.toArray(String[]::new));
    }

    private void isGoodUnit(String unit) throws IOException {
        Path file = Files.writeString(world.directory().resolve("culvert-shown.service"), unit + "\n");
        Program verify = world.program(
                "verify",
                Map.of(),
                List.of(World.tool("systemd-analyze", "systemd"), "verify", "--man=no", file.toString()));
        assertThat(verify.exit(Duration.ofSeconds(30))).as(verify.report()).isZero();
        assertThat(verify.err()).doesNotContain(file.getFileName().toString());
    }
}
