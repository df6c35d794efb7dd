package io.culvert.app.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.options.ColorScheme;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Takes the documents' pictures anew: {@code ./dev test -Dit.test=PicturesIT -Dculvert.images=$PWD/docs/images}. */
@EnabledIfSystemProperty(named = "culvert.images", matches = ".+")
class PicturesIT {
    private static final double PATIENCE_MS = 120_000;
    private static final int VISITORS = 4;
    // A point each two seconds, and a chart shows a minute; with half of it one sees what it is.
    private static final String FULL =
            "() => [...document.querySelectorAll('.spark path.in')].some((path) => path.getAttribute('d').split('L').length > 16)";

    @RegisterExtension
    final World world = new World();

    @Test
    void picturesOfAnOrdinaryDay() throws Exception {
        RunningServer server = world.server();
        Api api = new Api(server);
        EchoService echo = world.closing(EchoService.start());
        String target = "'target': '127.0.0.1:" + echo.port() + "'";
        JsonNode preview = api.send(
                "POST",
                "/tunnels",
                "{'name': 'build-4711', 'labels': {'ci': 'main', 'team': 'web'}, 'comment': 'preview of branch main', 'bridge': {}, 'exposes': [{"
                        + target
                        + "}], 'lease': {'ttl_seconds': 600, 'max_lifetime_seconds': 7200}, 'policies': {'connections': {'most': 200, 'most_per_address': 20}}}");
        JsonNode ssh = api.send(
                "POST",
                "/tunnels",
                "{'name': 'nas-ssh', 'labels': {'site': 'home'}, 'comment': 'the NAS under the stairs', 'exposes': [{"
                        + target + "}], 'lease': {'ttl_seconds': null}}");
        api.send(
                "POST",
                "/tunnels",
                "{'name': 'lab-jupyter', 'labels': {'room': '204'}, 'exposes': [{'target': '192.168.1.7:8888'}, {'target': '192.168.1.7:22'}], 'lease': {'ttl_seconds': 60, 'grace_seconds': 300}}");
        JsonNode game = api.send(
                "POST",
                "/tunnels",
                "{'name': 'game', 'comment': 'Friday evenings', 'exposes': [{'protocol': 'udp', 'target': 'game.internal:27015'}], 'lease': {'ttl_seconds': 300, 'renew_by': 'session'}}");
        JsonNode demo = api.send(
                "POST",
                "/tunnels",
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
        api.send("POST", "/tunnels/" + demo.path("id") + "/pause", "");
        Browser browser = world.closing(Browser.start());
        Tab wide = world.closing(browser.tab(server, "en-US", ColorScheme.LIGHT, 1400, 560));
        wide.page.setDefaultTimeout(PATIENCE_MS);
        wide.signIn("/ui/manager").await(".list-body .state.up");
        ScheduledExecutorService visitors = Executors.newScheduledThreadPool(VISITORS);
        world.closing(visitors::shutdownNow);
        for (JsonNode each : List.of(preview, preview, preview, ssh)) {
            int port = each.path("exposes").path(0).path("port").asInt();
            visit(visitors, world.closing(new Socket(InetAddress.getLoopbackAddress(), port)));
        }
        // All watch at the same time, until a small chart is full.
        Tab dark = world.closing(browser.tab(server, "zh-CN", ColorScheme.DARK, 1400, 560));
        dark.page.setDefaultTimeout(PATIENCE_MS);
        dark.signIn("/ui/manager").await(".list-body .state.up");
        Tab phone = world.closing(browser.tab(server, "en-US", ColorScheme.LIGHT, 390, 760));
        phone.page.setDefaultTimeout(PATIENCE_MS);
        phone.signIn("/ui/manager").await(".list-body .state.up");
        Tab one = world.closing(browser.tab(server, "en-US", ColorScheme.LIGHT, 1400, 900));
        one.signIn("/ui/tunnel/" + preview.path("id")).await("#live canvas");
        wide.page.waitForFunction(FULL);
        wide.picture("manager");
        dark.page.waitForFunction(FULL);
        dark.picture("manager-zh");
        phone.page.waitForFunction(FULL);
        phone.picture("manager-phone");
        one.await("[aria-labelledby=h-connections] tbody tr");
        one.picture("tunnel");
        one.at(".title .buttons button").first().click();
        one.await(".good");
        one.picture("connect");
    }

    /** Says something, hears it back, and does so again after a moment, as people and programs do. */
    private static void visit(ScheduledExecutorService visitors, Socket socket) {
        visitors.schedule(
                () -> {
                    byte[] words = new byte[ThreadLocalRandom.current().nextInt(1_000, 200_000)];
                    socket.getOutputStream().write(words);
                    if (socket.getInputStream().readNBytes(words.length).length == words.length) {
                        visit(visitors, socket);
                    }
                    return words.length;
                },
                ThreadLocalRandom.current().nextInt(50, 400),
                TimeUnit.MILLISECONDS);
    }
}
