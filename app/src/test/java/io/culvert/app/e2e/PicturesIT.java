package io.culvert.app.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.microsoft.playwright.options.ColorScheme;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Takes the documents' pictures anew: {@code ./dev test -Dit.test=PicturesIT -Dculvert.images=$PWD/docs/images}. */
@EnabledIfSystemProperty(named = "culvert.images", matches = ".+")
class PicturesIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    // As long as it takes to fill a small chart.
    private static final int TRAFFIC_MS = 45_000;

    @RegisterExtension
    final World world = new World();

    private final HttpClient http = HttpClient.newHttpClient();

    @Test
    void picturesOfAnOrdinaryDay() throws Exception {
        RunningServer server = world.server();
        EchoService echo = world.closing(EchoService.start());
        String target = "'target': '127.0.0.1:" + echo.port() + "'";
        JsonNode preview = make(
                server,
                "{'name': 'build-4711', 'labels': {'ci': 'main', 'team': 'web'}, 'comment': 'preview of branch main', 'bridge': {}, 'exposes': [{"
                        + target
                        + "}], 'lease': {'ttl_seconds': 600, 'max_lifetime_seconds': 7200}, 'policies': {'connections': {'most': 200, 'most_per_address': 20}}}");
        JsonNode ssh = make(
                server,
                "{'name': 'nas-ssh', 'labels': {'site': 'home'}, 'comment': 'the NAS under the stairs', 'exposes': [{"
                        + target + "}], 'lease': {'ttl_seconds': null}}");
        make(
                server,
                "{'name': 'lab-jupyter', 'labels': {'room': '204'}, 'exposes': [{'target': '192.168.1.7:8888'}, {'target': '192.168.1.7:22'}], 'lease': {'ttl_seconds': 60, 'grace_seconds': 300}}");
        JsonNode game = make(
                server,
                "{'name': 'game', 'comment': 'Friday evenings', 'exposes': [{'protocol': 'udp', 'target': 'game.internal:27015'}], 'lease': {'ttl_seconds': 300, 'renew_by': 'session'}}");
        JsonNode demo = make(
                server,
                "{'name': 'customer-demo', 'labels': {'team': 'sales'}, 'exposes': [{'target': '10.0.0.8:443'}], 'lease': {'ttl_seconds': 28800}}");
        for (JsonNode each : List.of(preview, ssh, game)) {
            Path token =
                    world.secret("token-" + each.path("id"), each.path("join").asText());
            world.culvert(
                    "agent",
                    Map.of(),
                    "agent",
                    "--server=127.0.0.1:" + each.path("agent_port").asInt(),
                    "--token-file=" + token);
        }
        call(server, "/tunnels/" + demo.path("id") + "/pause", "");
        Browser browser = world.closing(Browser.start());
        Tab wide = world.closing(browser.tab(server, "en-US", ColorScheme.LIGHT, 1400, 560));
        wide.signIn("/ui/manager").await(".list-body .state.up");
        AtomicBoolean over = new AtomicBoolean();
        List<Thread> visitors = new ArrayList<>();
        for (JsonNode each : List.of(preview, preview, preview, ssh)) {
            int port = each.path("exposes").path(0).path("port").asInt();
            Thread visitor = new Thread(() -> visit(port, over), "visitor");
            visitors.add(visitor);
            visitor.start();
        }
        wide.page.waitForTimeout(TRAFFIC_MS);
        wide.picture("manager");
        Tab dark = world.closing(browser.tab(server, "zh-CN", ColorScheme.DARK, 1400, 560));
        dark.signIn("/ui/manager").await(".list-body .state.up");
        dark.page.waitForTimeout(TRAFFIC_MS / 2.0);
        dark.picture("manager-zh");
        Tab phone = world.closing(browser.tab(server, "en-US", ColorScheme.LIGHT, 390, 760));
        phone.signIn("/ui/manager").await(".list-body .state.up");
        phone.page.waitForTimeout(TRAFFIC_MS / 4.0);
        phone.picture("manager-phone");
        Tab one = world.closing(browser.tab(server, "en-US", ColorScheme.LIGHT, 1400, 900));
        one.signIn("/ui/tunnel/" + preview.path("id")).await("#live canvas");
        one.page.waitForTimeout(TRAFFIC_MS);
        one.picture("tunnel");
        one.at(".title .buttons button").first().click();
        one.await(".good");
        one.picture("connect");
        over.set(true);
        for (Thread visitor : visitors) {
            visitor.join();
        }
    }

    private JsonNode make(RunningServer server, String document) throws IOException, InterruptedException {
        return call(server, "/tunnels", document.replace('\'', '"'));
    }

    private JsonNode call(RunningServer server, String path, String body) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server.url() + "/api/v1" + path))
                .header("Authorization", "Bearer " + server.key())
                .POST(HttpRequest.BodyPublishers.ofString(body));
        if (!body.isEmpty()) {
            request.header("Content-Type", "application/json");
        }
        return JSON.readTree(
                http.send(request.build(), HttpResponse.BodyHandlers.ofString()).body());
    }

    /** Says something, hears it back, and rests for a moment, as people and programs do. */
    private static void visit(int port, AtomicBoolean over) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            while (!over.get()) {
                byte[] words = new byte[ThreadLocalRandom.current().nextInt(1_000, 200_000)];
                socket.getOutputStream().write(words);
                if (socket.getInputStream().readNBytes(words.length).length < words.length) {
                    return;
                }
                Thread.sleep(ThreadLocalRandom.current().nextInt(50, 400));
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
