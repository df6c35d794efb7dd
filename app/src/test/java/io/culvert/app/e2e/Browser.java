package io.culvert.app.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ReducedMotion;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Debian's Chromium, without a window; nothing is ever fetched for it. One thread. */
final class Browser implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Playwright playwright;
    private final com.microsoft.playwright.Browser chromium;

    private Browser(Playwright playwright, com.microsoft.playwright.Browser chromium) {
        this.playwright = playwright;
        this.chromium = chromium;
    }

    static Browser start() {
        String executable = World.tool("chromium", "chromium");
        PlaywrightAssertions.setDefaultAssertionTimeout((double) PATIENCE.toMillis());
        Playwright playwright = Playwright.create(
                new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        return new Browser(
                playwright,
                playwright
                        .chromium()
                        .launch(new BrowserType.LaunchOptions()
                                .setExecutablePath(Path.of(executable))
                                // As root there is no sandbox; the rest keeps it from looking for anybody but us.
                                .setArgs(List.of(
                                        "--no-sandbox",
                                        "--disable-gpu",
                                        "--disable-quic",
                                        "--no-first-run",
                                        "--disable-background-networking",
                                        "--disable-component-update",
                                        "--disable-sync"))));
    }

    /** From now on, notes what a tab does. */
    void trace(Tab tab) {
        chromium.startTracing(
                tab.page,
                new com.microsoft.playwright.Browser.StartTracingOptions()
                        .setCategories(List.of("toplevel", "__metadata")));
    }

    /** Milliseconds of the processor that each task of pages' main threads took since {@link #trace}. */
    List<Double> processorTimes() throws IOException {
        JsonNode events = new ObjectMapper().readTree(chromium.stopTracing()).path("traceEvents");
        Set<String> mains = new HashSet<>();
        List<Double> times = new ArrayList<>();
        for (JsonNode event : events) {
            if (event.path("name").asText().equals("thread_name")
                    && event.path("args").path("name").asText().equals("CrRendererMain")) {
                mains.add(thread(event));
            }
        }
        for (JsonNode event : events) {
            if (event.has("tdur") && event.path("name").asText().endsWith("RunTask") && mains.contains(thread(event))) {
                times.add(event.path("tdur").asDouble() / 1_000);
            }
        }
        return times;
    }

    private static String thread(JsonNode event) {
        return event.path("pid").asText() + "/" + event.path("tid").asText();
    }

    /** A wide window of somebody who has never been here. */
    Tab tab(RunningServer server, String language) {
        return tab(server, language, ColorScheme.LIGHT, 1400, 860);
    }

    /**
     * A window of somebody who has never been here.
     *
     * @param language as browsers send it, for instance {@code zh-CN}
     */
    Tab tab(RunningServer server, String language, ColorScheme theme, int width, int height) {
        BrowserContext context = chromium.newContext(new com.microsoft.playwright.Browser.NewContextOptions()
                .setLocale(language)
                .setColorScheme(theme)
                .setReducedMotion(ReducedMotion.REDUCE)
                .setViewportSize(width, height));
        context.grantPermissions(List.of("clipboard-read", "clipboard-write"));
        context.setDefaultTimeout((double) PATIENCE.toMillis());
        Page page = context.newPage();
        return new Tab(page, server);
    }

    @Override
    public void close() {
        chromium.close();
        playwright.close();
    }
}
