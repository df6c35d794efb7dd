package io.culvert.app.e2e;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Each place and what is done there, without a mouse: Tab comes to it, one sees where one is, and a key does it. */
class KeyboardIT {
    @RegisterExtension
    static final World WORLD = new World();

    // More stops than any of the pages has.
    private static final int STOPS = 150;
    private static Browser browser;
    private static RunningServer server;
    private static Api api;

    @BeforeAll
    static void start() {
        browser = WORLD.closing(Browser.start());
        server = WORLD.server();
        api = new Api(server);
    }

    private static Tab tab(String place) {
        return browser.tab(server, "en-US").signIn(place);
    }

    private static void press(Tab tab, String... keys) {
        for (String key : keys) {
            tab.page.keyboard().press(key);
        }
    }

    /** Tabs to what a selector names, sees that the focus can be seen there, and presses a key. */
    private static void go(Tab tab, String selector, String key) {
        for (int i = 0; i < STOPS; i++) {
            press(tab, "Tab");
            if ((Boolean) tab.page.evaluate("what => document.activeElement.matches(what)", selector)) {
                assertThat((String) tab.page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle"))
                        .as(selector)
                        .isNotEqualTo("none");
                press(tab, key);
                return;
            }
        }
        throw new AssertionError(selector + ": not reached in " + STOPS + " steps (expected: a stop of the Tab key)");
    }

    /** Says yes where a dialog asks; it stands on no at first. */
    private static void confirm(Tab tab) {
        tab.await("dialog[open] button");
        go(tab, "dialog[open] .buttons button:first-child", "Enter");
        assertThat(tab.at("dialog[open]")).hasCount(0);
    }

    private static JsonNode make(String name) {
        return api.send(
                "POST",
                "/tunnels",
                "{'name': '" + name
                        + "', 'labels': {'run': 'keys'}, 'exposes': [{'target': '127.0.0.1:9'}], 'lease': {'ttl_seconds': 600}}");
    }

    @Test
    void theList() {
        make("one");
        make("two");
        try (Tab tab = tab("/ui/manager")) {
            tab.await(".list-body .name", "two");
            press(tab, "?");
            tab.await("dialog .keys");
            tab.isAccessible("keys");
            press(tab, "Escape", "/");
            assertThat(tab.at("#search")).isFocused();
            tab.page.keyboard().type("one");
            assertThat(tab.at(".list-body .row:not([hidden])")).hasCount(1);
            press(tab, "Control+a", "Delete");
            go(tab, ".chip.waiting", "Space");
            go(tab, ".chip.waiting", "Tab");
            press(tab, "Shift+Tab", "Space");
            go(tab, "#label", "r");
            tab.page.keyboard().type("un:keys");
            assertThat(tab.at(".list-body .row:not([hidden])")).hasCount(2);
            go(tab, ".c-name .sort", "Enter");
            // From the head into the list: one stop, and arrows from there.
            go(tab, ".list-body .row", "r");
            assertThat(tab.at(".said span")).containsText("Renewed");
            press(tab, "c");
            tab.await("dialog culvert-connect");
            go(tab, "#tab-own", "ArrowRight");
            assertThat(tab.at("#tab-goproxy")).isFocused();
            press(tab, "Escape", "Control+a");
            assertThat(tab.at(".bulk b")).containsText("2");
            for (int button = 1; button <= 2; button++) {
                go(tab, ".bulk button:nth-of-type(" + button + ")", "Enter");
                if (button == 2) {
                    confirm(tab);
                }
                go(tab, ".list-body .row", "Control+a");
            }
            assertThat(tab.at(".list-body .state.paused")).hasCount(2);
            go(tab, ".bulk button:nth-of-type(3)", "Enter");
            assertThat(tab.at(".list-body .state.paused")).hasCount(0);
            go(tab, ".list-body .row", "Control+a");
            go(tab, ".bulk .danger", "Enter");
            confirm(tab);
            tab.await(".empty h2");
            assertThat(api.get("/tunnels?label=run:keys").path("total").asInt()).isZero();
            tab.isClean();
        }
    }

    @Test
    void theTunnelsPage() {
        JsonNode made = make("whole");
        String path = "/tunnels/" + made.path("id").asLong();
        Path token = WORLD.secret("keys.token", made.path("join").asText());
        WORLD.culvert(
                "agent",
                Map.of(),
                "agent",
                "--server=127.0.0.1:" + made.path("agent_port").asInt(),
                "--token-file=" + token);
        try (Tab tab = tab("/ui/tunnel/" + made.path("id").asLong())) {
            tab.await("[aria-labelledby=h-sessions] tbody .danger");
            go(tab, ".expose-line button:nth-of-type(1)", "Enter");
            go(tab, ".expose-line button:nth-of-type(2)", "Enter");
            tab.await(".exposes .steps");
            go(tab, ".expose-line button:nth-of-type(3)", "Enter");
            go(tab, "#f-to", "Enter");
            assertThat(tab.at("dialog[open]")).hasCount(0);
            for (String[] change : new String[][] {
                {"about", "f-comment", "by keys"}, {"lease", "f-grace", "20"}, {"policies", "f-most", "7"}
            }) {
                go(tab, "[aria-labelledby=h-" + change[0] + "] h2 button", "Enter");
                tab.await("#edit-" + change[0]);
                go(tab, "#" + change[1], "Control+a");
                tab.page.keyboard().type(change[2]);
                press(tab, "Enter");
                assertThat(tab.at("#edit-" + change[0])).hasCount(0);
            }
            go(tab, "[aria-labelledby=h-usage] select", "ArrowDown");
            go(tab, "[aria-labelledby=h-joins] h2 button", "Enter");
            tab.await("dialog #f-uses");
            go(tab, "#f-uses", "Enter");
            tab.await("dialog pre");
            press(tab, "Escape");
            go(tab, "[aria-labelledby=h-joins] tbody .danger", "Enter");
            confirm(tab);
            assertThat(tab.at("[aria-labelledby=h-joins] tbody .danger")).hasCount(0);
            go(tab, "[aria-labelledby=h-sessions] tbody .danger", "Enter");
            confirm(tab);
            go(tab, ".title .buttons button:nth-of-type(2)", "Enter");
            assertThat(tab.at(".said span")).containsText("Renewed");
            go(tab, ".title .buttons button:nth-of-type(3)", "Enter");
            confirm(tab);
            tab.await(".reason .state.paused");
            go(tab, ".title .buttons .danger", "Enter");
            confirm(tab);
            tab.await(".reason .state.ended");
            JsonNode ended = api.get(path);
            assertThat(ended.path("comment").asText()).isEqualTo("by keys");
            assertThat(ended.path("lease").path("grace_seconds").asInt()).isEqualTo(20);
            assertThat(ended.path("policies").path("connections").path("most").asInt())
                    .isEqualTo(7);
            tab.isClean();
        }
    }

    @Test
    void theServersPage() {
        try (Tab tab = tab("/ui/server")) {
            tab.await(".reserve");
            go(tab, "#f-name", "k");
            press(tab, "Enter");
            tab.await("[aria-labelledby=h-ports] tbody tr");
            go(tab, "#port-filter", "k");
            go(tab, "[aria-labelledby=h-ports] tbody button", "Enter");
            confirm(tab);
            await().untilAsserted(
                            () -> assertThat(api.get("/ports").path("ports").findValuesAsText("reservation"))
                                    .doesNotContain("k"));
            for (boolean on : new boolean[] {true, false}) {
                go(tab, "[role=switch]", "Space");
                confirm(tab);
                assertThat(tab.at(".banner.calm")).hasCount(on ? 1 : 0);
            }
            go(tab, "#theme", "Enter");
            assertThat(tab.at("html")).hasAttribute("data-theme", "light");
            go(tab, "#language", "Enter");
            assertThat(tab.at("html")).hasAttribute("lang", "zh-CN");
            tab.isClean();
        }
    }

    @Test
    void theAccessPages() {
        try (Tab tab = tab("/ui/access")) {
            go(tab, "nav.tabs a[href$=keys]", "Enter");
            go(tab, "#h-keys button", "Enter");
            go(tab, "dialog #f-title", "t");
            go(tab, "dialog #f-user", "a");
            tab.page.keyboard().type("dmin");
            press(tab, "Enter");
            tab.await("dialog pre");
            press(tab, "Escape");
            go(tab, "[aria-labelledby=h-keys] tbody .danger", "Enter");
            confirm(tab);
            go(tab, "nav.tabs a[href$=projects]", "Enter");
            go(tab, "#h-projects button", "Enter");
            go(tab, "dialog #f-name", "p");
            press(tab, "Enter");
            tab.await("[aria-labelledby=h-projects] tbody .danger");
            go(tab, "[aria-labelledby=h-projects] tbody .danger", "Enter");
            confirm(tab);
            go(tab, "nav.tabs a[href$=users]", "Enter");
            go(tab, "#h-users button", "Enter");
            go(tab, "dialog #f-name", "u");
            press(tab, "Enter");
            tab.await("dialog pre");
            press(tab, "Escape");
            go(tab, "[aria-labelledby=h-users] tbody tr:last-child .danger", "Enter");
            confirm(tab);
            go(tab, "nav.tabs a[href$=audit]", "Enter");
            tab.await("[aria-labelledby=h-audit] tbody tr");
            go(tab, "[aria-labelledby=h-audit] .buttons button:first-of-type", "Enter");
            tab.await(".chain.good");
            go(tab, "#leave", "Enter");
            tab.page.waitForURL("**/ui/login");
            tab.isClean();
        }
    }
}
