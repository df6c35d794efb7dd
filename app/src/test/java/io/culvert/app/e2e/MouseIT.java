package io.culvert.app.e2e;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.options.ColorScheme;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What can be pressed is pressed, in both languages, and the server is asked whether it was done. One server, one browser. */
class MouseIT {
    @RegisterExtension
    static final World WORLD = new World();

    private static final String FORM = "dialog form button:not([type])";
    private static Browser browser;
    private static RunningServer server;
    private static Api api;

    @BeforeAll
    static void start() {
        browser = WORLD.closing(Browser.start());
        server = WORLD.server();
        api = new Api(server);
    }

    private static Tab tab(String language, ColorScheme theme, String place) {
        Tab tab = browser.tab(server, language, theme, 1400, 860);
        tab.signIn(place);
        return tab;
    }

    private static JsonNode make(String name, String more) {
        return api.send(
                "POST",
                "/tunnels",
                "{'name': '" + name + "', 'bridge': null, 'exposes': [{'target': '127.0.0.1:9'}]" + more + "}");
    }

    private static Locator rows(Tab tab) {
        return tab.at(".list-body .row:not([hidden])");
    }

    @ParameterizedTest
    @CsvSource({
        "en-US, LIGHT, Renewed: 3 tunnels, Paused: 3 tunnels, Visitors are let in again: 3 tunnels, Ended: 3 tunnels, No tunnel fits",
        "zh-CN, DARK, 已续租：3 条隧道, 已暂停：3 条隧道, 已重新放入访客：3 条隧道, 已结束：3 条隧道, 没有符合的隧道"
    })
    void theListIsFilteredAndSortedAndManyAreChangedAtOnce(
            String language,
            ColorScheme theme,
            String renewed,
            String paused,
            String resumed,
            String ended,
            String none) {
        for (String name : new String[] {"b", "c", "a"}) {
            make(name + "-" + language, ", 'labels': {'run': '" + language + "'}, 'lease': {'ttl_seconds': 600}");
        }
        make("other-" + language, "");
        try (Tab tab = tab(language, theme, "/ui/manager")) {
            tab.await(".list-body .name", "other-" + language);
            tab.at("#label").fill("run:" + language);
            assertThat(rows(tab)).hasCount(3);
            tab.at(".sort").nth(1).click();
            assertThat(tab.at(".list-body .row:not([hidden])[aria-rowindex='2'] .name"))
                    .hasText("a-" + language);
            tab.at(".sort").nth(1).click();
            assertThat(tab.at(".list-body .row:not([hidden])[aria-rowindex='2'] .name"))
                    .hasText("c-" + language);
            tab.at(".chip.paused").click();
            assertThat(tab.at(".empty h2")).hasText(none);
            tab.at(".chip.paused").click();
            tab.at(".list-head input").check();
            tab.at(".bulk button").nth(0).click();
            assertThat(tab.at(".said span")).hasText(renewed);
            tab.at(".list-head input").check();
            tab.at(".bulk button").nth(4).click();
            assertThat(tab.at(".said span")).not().hasText(renewed);
            assertThat(((String) tab.page.evaluate("navigator.clipboard.readText()")).lines())
                    .hasSize(3)
                    .allMatch(line -> line.startsWith("127.0.0.1:"));
            tab.at(".bulk button").nth(1).click();
            tab.await("dialog[open] .danger");
            tab.at("dialog[open] .danger").click();
            assertThat(tab.at(".said span")).hasText(paused);
            assertThat(tab.at(".list-body .state.paused")).hasCount(3);
            tab.at(".list-head input").check();
            tab.at(".bulk button").nth(2).click();
            assertThat(tab.at(".said span")).hasText(resumed);
            assertThat(tab.at(".list-body .state.paused")).hasCount(0);
            tab.at(".list-head input").check();
            tab.at(".bulk .danger").click();
            tab.at("dialog[open] [value=drain]").check();
            tab.at("dialog[open] .short").fill("never");
            assertThat(tab.at("dialog[open] .fault")).not().isEmpty();
            assertThat(tab.at("dialog[open] .danger")).isDisabled();
            tab.at("dialog[open] [value=cut]").check();
            tab.at("dialog[open] .danger").click();
            assertThat(tab.at(".said span")).hasText(ended);
            assertThat(tab.at(".empty h2")).hasText(none);
            tab.at(".empty button").click();
            tab.await(".list-body .name", "other-" + language);
            assertThat(api.get("/tunnels?label=run:" + language).path("total").asInt())
                    .isZero();
            tab.isClean();
        }
    }

    @ParameterizedTest
    @CsvSource({"en-US, LIGHT, Saved, Somebody else changed", "zh-CN, DARK, 已保存, 已有人先行修改"})
    void aTunnelIsChangedInPlace(String language, ColorScheme theme, String saved, String stale) {
        JsonNode made = make("place-" + language, ", 'lease': {'ttl_seconds': 600}");
        String path = "/tunnels/" + made.path("id").asLong();
        Path token = WORLD.secret("token-" + made.path("id"), made.path("join").asText());
        WORLD.culvert(
                "agent",
                Map.of(),
                "agent",
                "--server=127.0.0.1:" + made.path("agent_port").asInt(),
                "--token-file=" + token);
        try (Tab tab = tab(language, theme, "/ui/tunnel/" + made.path("id").asLong())) {
            // Another port: first one that is taken, then one that the server picks.
            tab.await(".expose-line");
            tab.at(".expose-line button").nth(2).click();
            tab.at("#f-to").fill("70000");
            tab.at(FORM).click();
            assertThat(tab.at("#f-to")).hasAttribute("aria-invalid", "true");
            tab.at("#f-to").fill("");
            tab.at(FORM).click();
            assertThat(tab.at("dialog")).hasCount(0);
            int moved = api.get(path).path("exposes").path(0).path("port").asInt();
            assertThat(moved)
                    .isNotEqualTo(made.path("exposes").path(0).path("port").asInt());
            assertThat(tab.at(".expose-line a")).hasAttribute("href", "http://127.0.0.1:" + moved + "/");

            // The agent is sent away, and comes back.
            String session = "[aria-labelledby=h-sessions] tbody .danger";
            tab.await(session).click();
            tab.at("dialog[open] .danger").click();
            tab.await(".reason .state.up");

            // Two change the same: nothing is lost, and nothing is laid over unseen.
            tab.at("[aria-labelledby=h-about] h2 button").click();
            tab.at("#f-comment").fill("by mouse");
            tab.at("#f-labels").fill("room:204, wing");
            tab.at("#edit-about button").first().click();
            assertThat(tab.at("#f-labels")).hasAttribute("aria-invalid", "true");
            tab.at("#f-labels").fill("room:204");
            api.send("PATCH", path, "{'comment': 'by somebody else'}");
            tab.failing(() -> {
                tab.at("#edit-about button").first().click();
                tab.await("#edit-about .fault", stale);
            });
            assertThat(tab.at("#f-comment")).hasValue("by mouse");
            tab.at("#edit-about button").first().click();
            assertThat(tab.at(".said span")).hasText(saved);
            assertThat(api.get(path).path("comment").asText()).isEqualTo("by mouse");
            assertThat(api.get(path).path("labels").path("room").asText()).isEqualTo("204");
            tab.at("[aria-labelledby=h-lease] h2 button").click();
            tab.at("#f-ttl").fill("2h");
            tab.at("#f-action").selectOption("drain");
            tab.at("#f-drain").fill("10");
            tab.at("#edit-lease button").first().click();
            assertThat(tab.at("#edit-lease")).hasCount(0);
            JsonNode lease = api.get(path).path("lease");
            assertThat(lease.path("ttl_seconds").asInt()).isEqualTo(7_200);
            assertThat(lease.path("on_expiry").path("drain_seconds").asInt()).isEqualTo(10);

            // A new token: the old one is told nowhere any more.
            tab.at(".title .buttons button").first().click();
            tab.await("culvert-connect #way p button").click();
            tab.await("dialog[open] .danger").click();
            assertThat(tab.await("#line-token").textContent())
                    .contains("." + made.path("id").asLong() + ".")
                    .isNotEqualTo(made.path("join").asText());
            tab.page.keyboard().press("Escape");

            // Politely to its end.
            tab.at(".title .buttons button").nth(3).click();
            tab.at("dialog[open] .danger").click();
            tab.await(".reason .state.ended");
            tab.isClean();
        }
    }

    @ParameterizedTest
    @CsvSource({"en-US, LIGHT, Say for which name", "zh-CN, DARK, 请填写名称"})
    void portsAreReservedAndTheServerDrains(String language, ColorScheme theme, String nameless) {
        try (Tab tab = tab(language, theme, "/ui/server")) {
            String name = "kept-" + language;
            tab.await(".reserve");
            tab.at(".reserve button").click();
            assertThat(tab.at("#fault-name")).hasText(nameless);
            tab.at("#f-name").fill(name);
            tab.at(".reserve button").click();
            Locator row = tab.await("[aria-labelledby=h-ports] tbody tr", name);
            tab.at("#port-filter").fill("no such port");
            assertThat(row).isHidden();
            tab.at("#port-filter").fill(name);
            row.locator("button").click();
            tab.await("dialog[open] .danger");
            tab.at("dialog[open] .danger").click();
            assertThat(row).hasCount(0);
            assertThat(api.get("/ports").toString()).doesNotContain(name);

            tab.at("[role=switch]").click();
            tab.await("dialog[open] .danger");
            tab.at("dialog[open] .danger").click();
            tab.await(".banner.calm");
            assertThat(api.get("/server").path("draining").asBoolean()).isTrue();
            tab.at("[role=switch]").click();
            tab.at("dialog[open] button").first().click();
            assertThat(tab.at(".banner.calm")).hasCount(0);
            assertThat(api.get("/server").path("draining").asBoolean()).isFalse();
            tab.isClean();
        }
    }

    @ParameterizedTest
    @CsvSource({"en-US, LIGHT", "zh-CN, DARK"})
    void aTunnelIsMadeWithEachField(String language, ColorScheme theme) {
        int taken = make("holder-" + language, "")
                .path("exposes")
                .path(0)
                .path("port")
                .asInt();
        try (Tab tab = tab(language, theme, "/ui/manager")) {
            tab.await(".list-body .name", "holder-" + language);
            tab.at("#create").click();
            tab.at("dialog summary").click();
            tab.at("#f-target0").fill("22");
            // Wrong before it is sent: the page knows who has that port.
            tab.at("#f-port0").fill(String.valueOf(taken));
            tab.await("#fault-port0:not(:empty)");
            tab.at("#f-port0").fill("");
            // Wrong once it is sent: only the server knows who has that name.
            tab.at("#f-name").fill("holder-" + language);
            tab.failing(() -> {
                tab.at("form.create button:not([type])").click();
                tab.await("#fault-name:not(:empty)");
            });
            String name = "whole-" + language;
            Map<String, String> fields = Map.ofEntries(
                    Map.entry("name", name),
                    Map.entry("comment", "each field"),
                    Map.entry("labels", "team:lab"),
                    Map.entry("bind", "127.0.0.1"),
                    Map.entry("expire", "10m"),
                    Map.entry("grace", "20"),
                    Map.entry("lifetime", "1d"),
                    Map.entry("allow", "127.0.0.0/8"),
                    Map.entry("deny", "192.0.2.0/24"),
                    Map.entry("most", "7"),
                    Map.entry("perAddress", "6"),
                    Map.entry("perSecond", "5"),
                    Map.entry("rateIn", "4 MB"),
                    Map.entry("rateOut", "3 MB"),
                    Map.entry("eachIn", "2 MB"),
                    Map.entry("eachOut", "1 MB"),
                    Map.entry("volume", "9 GB"),
                    Map.entry("idle", "5m"),
                    Map.entry("longest", "8h"));
            fields.forEach((field, text) -> tab.at("#f-" + field).fill(text));
            tab.at("#f-renewBy").selectOption("session");
            tab.at("#f-action").selectOption("drain");
            tab.at("#f-drain").fill("15");
            tab.at("#f-proxy").selectOption("v2");
            tab.at("details fieldset .buttons button").first().click();
            tab.at("#f-target1").fill("192.168.1.7:53");
            tab.at("#f-protocol1").selectOption("udp");
            tab.at("form.create button:not([type])").click();
            tab.await("culvert-connect");
            JsonNode made = api.get("/tunnels?label=team:lab").path("tunnels").path(0);
            api.send("DELETE", "/tunnels/" + made.path("id"), "");
            assertThat(made.path("name").asText()).isEqualTo(name);
            assertThat(made.path("exposes").path(0).path("bind").asText()).isEqualTo("127.0.0.1");
            assertThat(made.path("exposes").path(1).path("protocol").asText()).isEqualTo("udp");
            assertThat(made.path("lease").toString())
                    .contains("\"ttl_seconds\":600", "\"grace_seconds\":20", "\"max_lifetime_seconds\":86400")
                    .contains("\"renew_by\":\"session\"", "\"drain_seconds\":15");
            assertThat(made.path("policies").toString())
                    .contains("127.0.0.0/8", "192.0.2.0/24", "\"most\":7", "\"most_per_address\":6")
                    .contains("\"new_per_second\":5", "\"in\":4000000", "\"out\":3000000")
                    .contains("\"connection_in\":2000000", "\"connection_out\":1000000", "\"volume_bytes\":9000000000")
                    .contains("\"idle_seconds\":300", "\"longest_seconds\":28800", "\"proxy_protocol\":\"v2\"");
            tab.isClean();
        }
    }

    @ParameterizedTest
    @CsvSource({"en-US, 简体中文, zh-CN", "zh-CN, English, en"})
    void themeAndLanguageAreChosenAndRemembered(String language, String other, String lang) {
        try (Tab tab = tab(language, ColorScheme.LIGHT, "/ui/server")) {
            tab.await(".facts");
            tab.at("#theme").click();
            assertThat(tab.at("html")).hasAttribute("data-theme", "light");
            tab.at("#theme").click();
            assertThat(tab.at("html")).hasAttribute("data-theme", "dark");
            tab.at("#language").click();
            assertThat(tab.at("html")).hasAttribute("lang", lang);
            tab.go("/ui/manager").await("#create");
            assertThat(tab.at("html")).hasAttribute("lang", lang);
            assertThat(tab.at("html")).hasAttribute("data-theme", "dark");
            assertThat(tab.at("#language")).not().hasText(other);
            tab.isClean();
        }
    }
}
