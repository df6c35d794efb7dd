package io.culvert.app.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.microsoft.playwright.Page;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The list with ten thousand tunnels in it, all of them alive. */
class TenThousandRowsIT {
    private static final int TUNNELS = 10_000;
    private static final int AT_ONCE = 1_000;
    private static final double LONGEST_MS = 100;
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String SCROLL = """
            async () => {
              const list = document.querySelector('.list');
              let top = 0;
              let frames = 0;
              for (const end = performance.now() + 5000; performance.now() < end; frames++) {
                top = top > list.scrollHeight ? 0 : top + 397;
                list.scrollTop = top;
                await new Promise(requestAnimationFrame);
              }
              return frames;
            }""";

    // What the browser itself calls long: 50 ms by the clock.
    private static final String WATCH = """
            () => {
              window.longTasks = [];
              new PerformanceObserver((list) => list.getEntries().forEach((each) => window.longTasks.push(each.duration)))
                .observe({ type: 'longtask' });
            }""";
    private static final String LONG_TASKS =
            "() => `${window.longTasks.length} long ones, the longest ${Math.max(0, ...window.longTasks)} ms`";

    @RegisterExtension
    final World world = new World();

    private final HttpClient http = HttpClient.newHttpClient();

    /**
     * Scrolls through all of them while hundreds are renewed and some paused each second. A task is measured by what it takes of the
     * processor: how long it takes by the clock depends on who else is on the machine.
     */
    @Test
    void scrollingAndLiveUpdatesLeaveNoLongTask() throws Exception {
        RunningServer server = world.server();
        for (int i = 0; i < TUNNELS; i += AT_ONCE) {
            fill(server, i);
        }
        Browser browser = world.closing(Browser.start());
        Tab tab = world.closing(browser.tab(server, "en-US"));
        tab.signIn("/ui/manager").await(".list-body .row");
        tab.page.waitForFunction(
                "count => document.querySelector('.list').ariaRowCount === String(count + 1)",
                TUNNELS,
                new Page.WaitForFunctionOptions().setTimeout(60_000));
        tab.page.evaluate(WATCH);
        AtomicBoolean over = new AtomicBoolean();
        world.closing(() -> over.set(true));
        AtomicInteger renewed = new AtomicInteger();
        Thread changes = new Thread(() -> change(server, over, renewed), "changes");
        changes.start();
        browser.chromium()
                .startTracing(
                        tab.page,
                        new com.microsoft.playwright.Browser.StartTracingOptions()
                                .setCategories(List.of("toplevel", "__metadata")));
        Number frames = (Number) tab.page.evaluate(SCROLL);
        tab.at("#search").fill("n-99");
        tab.await(".count", "111");
        tab.at("#search").fill("");
        tab.at(".sort").nth(1).click();
        tab.await(".list-body [aria-rowindex='2'] .name", "n-0");
        byte[] trace = browser.chromium().stopTracing();
        over.set(true);
        changes.join();
        assertThat(renewed.get()).isGreaterThan(500);
        assertThat(frames.intValue()).isGreaterThan(20);
        assertThat(tab.at(".list-body .row").count()).isLessThan(80);
        List<Double> tasks = processorTimes(JSON.readTree(trace));
        double longest = tasks.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
        System.out.printf(
                "10,000 rows: %d frames in 5 s, %d tunnels renewed, %d tasks, the longest %.1f ms of the processor; by the clock %s%n",
                frames.intValue(), renewed.get(), tasks.size(), longest, tab.page.evaluate(LONG_TASKS));
        assertThat(tasks).hasSizeGreaterThan(100);
        assertThat(longest).isLessThan(LONGEST_MS);
        tab.isClean();
    }

    /** Milliseconds of the processor that each task of the page's main thread took. */
    private static List<Double> processorTimes(JsonNode trace) {
        JsonNode events = trace.path("traceEvents");
        List<String> mains = stream(events)
                .filter(event -> event.path("name").asText().equals("thread_name")
                        && event.path("args").path("name").asText().equals("CrRendererMain"))
                .map(TenThousandRowsIT::thread)
                .toList();
        return stream(events)
                .filter(event -> event.has("tdur")
                        && event.path("name").asText().endsWith("RunTask")
                        && mains.contains(thread(event)))
                .map(event -> event.path("tdur").asDouble() / 1_000)
                .toList();
    }

    private static String thread(JsonNode event) {
        return event.path("pid").asText() + "/" + event.path("tid").asText();
    }

    private static java.util.stream.Stream<JsonNode> stream(JsonNode array) {
        return IntStream.range(0, array.size()).mapToObj(array::get);
    }

    private void fill(RunningServer server, int first) throws IOException, InterruptedException {
        ArrayNode tunnels = JSON.createArrayNode();
        for (int i = first; i < first + AT_ONCE; i++) {
            ObjectNode tunnel = tunnels.addObject().put("name", "n-" + i).put("comment", "one of many");
            tunnel.putObject("labels").put("team", "t" + i % 7);
            tunnel.putObject("lease").put("ttl_seconds", 3_600);
            tunnel.putArray("exposes").addObject().put("target", "127.0.0.1:" + (1_000 + i));
        }
        JsonNode answer =
                post(server, "/tunnels/bulk-create", JSON.createObjectNode().set("tunnels", tunnels));
        assertThat(stream(answer.path("results"))
                        .map(each -> each.path("status").asInt()))
                .hasSize(AT_ONCE)
                .containsOnly(201);
    }

    /** Renews 200 at a time, and pauses one and lets it go on. */
    private void change(RunningServer server, AtomicBoolean over, AtomicInteger renewed) {
        try {
            while (!over.get()) {
                ObjectNode body = JSON.createObjectNode();
                ArrayNode ids = body.putArray("ids");
                ThreadLocalRandom.current().longs(200, 1, TUNNELS + 1L).forEach(ids::add);
                renewed.addAndGet(post(server, "/tunnels/bulk-renew", body)
                        .path("results")
                        .size());
                long one = ThreadLocalRandom.current().nextLong(1, TUNNELS + 1L);
                post(server, "/tunnels/" + one + "/pause", JSON.createObjectNode());
                post(server, "/tunnels/" + one + "/resume", JSON.createObjectNode());
            }
        } catch (IOException e) {
            if (!over.get()) {
                throw new AssertionError(e);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private JsonNode post(RunningServer server, String path, JsonNode body) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server.url() + "/api/v1" + path))
                .timeout(Duration.ofSeconds(60))
                .header("Authorization", "Bearer " + server.key());
        HttpResponse<byte[]> response = http.send(
                (body.isEmpty()
                                ? request.POST(HttpRequest.BodyPublishers.noBody())
                                : request.header("Content-Type", "application/json")
                                        .POST(HttpRequest.BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body))))
                        .build(),
                HttpResponse.BodyHandlers.ofByteArray());
        assertThat(response.statusCode()).isEqualTo(200);
        return JSON.readTree(response.body());
    }
}
