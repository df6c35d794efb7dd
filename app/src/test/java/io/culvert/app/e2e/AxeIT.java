package io.culvert.app.e2e;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.options.ColorScheme;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Each page and each dialog, looked at on a phone and on a wide screen, by day and by night: axe finds nothing, what is to be pressed is 24
 * pixels wide and high (WCAG 2.5.8), and 360 pixels are enough for all of it.
 */
class AxeIT {
    private static final String PASSWORD = "a long and winding password";
    private static final String SEND = "dialog form button:not([type])";
    // Tables may be wider, and are moved in a frame of their own.
    private static final String TOO_WIDE = """
            () => [...document.querySelectorAll('html, main, dialog[open], .list, .said, .banner, .top, .tools')]
              .filter((each) => each.scrollWidth > Math.max(each.clientWidth, each.offsetWidth) || each.getBoundingClientRect().right > innerWidth)
              .map((each) => `${each.tagName}.${each.className}: ${each.scrollWidth} of ${each.clientWidth}`)""";

    // Nothing moves for anybody, so nobody has to ask for less of it.
    private static final String MOVES = "() => document.getAnimations().map((each) => each.effect.target.outerHTML)";

    @RegisterExtension
    final World world = new World();

    @ParameterizedTest
    @CsvSource({"en-US, LIGHT, true", "zh-CN, DARK, false"})
    void nothingIsFoundAnywhere(String language, ColorScheme theme, boolean axe) throws Exception {
        // Of ports it knows: the page offers free ones and draws a map.
        RunningServer server = world.lastingServer();
        Tab tab = world.closing(world.closing(Browser.start()).tab(server, language, theme, 1400, 860));
        Walk walk = new Walk(tab, new Api(server), theme, axe);
        walk.everywhere();
        System.out.println(walk.looks + " pages and dialogs were looked at");
        assertThat(walk.found).isEmpty();
        tab.isClean();
    }

    /** From the door through all pages and dialogs and back to it. */
    private final class Walk {
        private final Tab tab;
        private final Api api;
        private final ColorScheme wide;
        // What axe looks for is the same in each language; widths are not.
        private final boolean axe;
        private final List<String> found = new ArrayList<>();
        private int looks;

        Walk(Tab tab, Api api, ColorScheme wide, boolean axe) {
            this.tab = tab;
            this.api = api;
            this.wide = wide;
            this.axe = axe;
        }

        void everywhere() throws Exception {
            String first = api.send("POST", "/users", "{'name': 'anna', 'admin': true}")
                    .path("password")
                    .asText();
            door(first);
            nothingYet();
            tunnel(list());
            serversPage();
            oneself();
            access();
            audit();
            codeAtTheDoor();
            tab.go("/docs").await("h3");
            look("documents");
        }

        /** Looks at what is there now; all that is found is told at the end. */
        private void look(String what) {
            ColorScheme narrow = wide == ColorScheme.LIGHT ? ColorScheme.DARK : ColorScheme.LIGHT;
            if (axe) {
                tab.seenBy(narrow, 390, 760);
                note(what + ", phone, " + narrow, tab.violations());
            }
            tab.seenBy(narrow, 360, 640);
            note(what + ", 360 pixels", tab.texts(TOO_WIDE));
            note(what + ", moves", tab.texts(MOVES));
            tab.seenBy(wide, 1400, 860);
            if (axe) {
                note(what + ", wide, " + wide, tab.violations());
            }
            looks++;
        }

        private void note(String what, List<String> faults) {
            faults.forEach(fault -> found.add(what + ": " + fault));
        }

        private void lookAndLeave(String what) {
            tab.await("dialog[open]");
            look(what);
            tab.page.keyboard().press("Escape");
        }

        /** Presses something by which a dialog comes, and looks at that. */
        private void dialog(String what, String button) {
            tab.await(button).click();
            lookAndLeave(what);
        }

        private void door(String first) {
            tab.go("/ui/login").await("[name=user]");
            look("login");
            tab.at("#login-way").click();
            tab.await("[name=key]").fill("not-the-key");
            tab.failing(() -> {
                tab.at("#login button").first().click();
                tab.await("#fault:not(:empty)");
            });
            look("wrong key");
            tab.at("#login-way").click();
            tab.await("[name=user]").fill("anna");
            tab.at("[name=password]").fill(first);
            tab.at("#login button").first().click();
            tab.await(".empty button");
            look("password first");
            tab.at(".empty button").click();
            tab.at("#f-old").fill("not this one");
            tab.at("#f-fresh").fill("short");
            tab.failing(() -> {
                tab.at(SEND).click();
                tab.await("dialog .fault:not(:empty)");
            });
            look("wrong password");
            tab.at("#f-old").fill(first);
            tab.at("#f-fresh").fill(PASSWORD);
            tab.at(SEND).click();
            tab.page.waitForURL("**/ui/manager");
        }

        private void nothingYet() {
            tab.await(".empty ol");
            look("no tunnels");
            dialog("keys", ".help-keys");
            tab.at("#create").click();
            tab.at("dialog summary").click();
            tab.at("#f-action").selectOption("drain");
            tab.at("details fieldset .buttons button").first().click();
            tab.at("#f-target0").fill("nonsense");
            tab.await("#fault-target0:not(:empty)");
            look("create");
            tab.at("#f-target0").fill("9");
            tab.at("#f-target1").fill("8");
            tab.at("form.create button:not([type])").click();
            tab.await("#line-token");
            look("made");
            tab.page.keyboard().press("Escape");
        }

        /** Gives back one tunnel of the two that are there then. */
        private JsonNode list() throws Exception {
            EchoService echo = world.closing(EchoService.start());
            JsonNode made = api.send(
                    "POST",
                    "/tunnels",
                    "{'name': 'looked-at', 'bridge': {'tls': true}, 'labels': {'team': 'lab'}, 'exposes': [{'target': '127.0.0.1:"
                            + echo.port() + "'}], 'lease': {'ttl_seconds': 600}}");
            Path token = world.secret("axe.token", made.path("join").asText());
            world.culvert(
                    "agent",
                    Map.of(),
                    "agent",
                    "--server=127.0.0.1:" + made.path("agent_port").asInt(),
                    "--token-file=" + token);
            tab.await(".list-body .state.up");
            look("list");
            tab.at(".list-body input[type=checkbox]").first().check();
            tab.at(".list-body .more").first().click();
            tab.await("[role=menu]");
            look("menu");
            tab.page.keyboard().press("Escape");
            dialog("pause", ".bulk button:nth-of-type(2)");
            tab.at(".bulk .danger").click();
            tab.at("dialog[open] [value=drain]").check();
            tab.at("dialog[open] .short").fill("never");
            lookAndLeave("end");
            tab.at("#search").fill("no such tunnel");
            tab.await(".empty h2");
            look("no tunnel fits");
            tab.at(".empty button").click();
            return made;
        }

        private void tunnel(JsonNode made) throws Exception {
            tab.await(".list-body .name", "looked-at").click();
            tab.await("#usage canvas");
            int port = made.path("exposes").path(0).path("port").asInt();
            try (Visitor visitor = Visitor.served(port)) {
                visitor.says("hello");
                tab.await("[aria-labelledby=h-connections] tbody .danger");
                tab.at(".expose-line button").nth(1).click();
                tab.await(".exposes .steps");
                look("tunnel");
                dialog("cut connection", "[aria-labelledby=h-connections] tbody .danger");
            }
            dialog("end session", "[aria-labelledby=h-sessions] tbody .danger");
            tab.at(".title .buttons button").first().click();
            dialog("new token", "culvert-connect #way p button");
            for (String way : List.of("own", "goproxy", "systemd", "docker", "heartbeat")) {
                tab.await("#tab-" + way).click();
                look("connect " + way);
            }
            tab.page.keyboard().press("Escape");
            tab.at(".expose-line button").nth(2).click();
            tab.at("#f-to").fill("70000");
            tab.at(SEND).click();
            tab.await("#fault-to:not(:empty)");
            lookAndLeave("move");
            for (String part : List.of("about", "lease", "policies")) {
                tab.at("[aria-labelledby=h-" + part + "] h2 button").click();
                tab.await("#edit-" + part);
                look("edit " + part);
            }
            tab.at("[aria-labelledby=h-joins] h2 button").click();
            tab.at("#f-uses").fill("many");
            tab.at(SEND).click();
            tab.await("#fault-uses:not(:empty)");
            look("join token");
            tab.at("#f-uses").fill("1");
            tab.at(SEND).click();
            tab.await("dialog pre");
            lookAndLeave("join token, told once");
            dialog("revoke join token", "[aria-labelledby=h-joins] tbody .danger");
            tab.at(".title .buttons .danger").click();
            tab.await("dialog[open] .danger").click();
            tab.await(".reason .state.ended");
            look("ended");
        }

        private void serversPage() {
            tab.at(".top nav a[href='/ui/server']").click();
            tab.await(".log li");
            tab.await(".reserve button").click();
            tab.await("#fault-name:not(:empty)");
            look("server");
            tab.at("#f-name").fill("kept");
            tab.at(".reserve button").click();
            tab.await("[aria-labelledby=h-ports] tbody tr", "kept")
                    .locator("button")
                    .click();
            lookAndLeave("release");
            tab.at("[role=switch]").click();
            look("drain the server");
            tab.at("dialog[open] .danger").click();
            tab.await(".banner.calm");
            look("draining");
            tab.at("[role=switch]").click();
            tab.await("dialog[open] button").click();
            assertThat(tab.at(".banner.calm")).hasCount(0);
        }

        private void part(String part) {
            tab.await("nav.tabs a[href$=" + part + "]").click();
            tab.await("#h-" + (part.equals("self") ? "logins" : part));
        }

        private void oneself() {
            tab.at(".top nav a[href='/ui/access']").click();
            tab.await("[aria-labelledby=h-logins] tbody tr");
            look("oneself");
            tab.at("[aria-labelledby=h-me] .buttons button").nth(1).click();
            Authenticator phone = new Authenticator(tab.await("dialog pre").textContent());
            look("second factor");
            tab.at("#f-code").fill(phone.code());
            tab.at(SEND).click();
            tab.await("dialog:not(:has(form)) pre");
            look("recovery codes");
            tab.page.waitForResponse(
                    "**/api/v1/logins", () -> tab.page.keyboard().press("Escape"));
            dialog("new recovery codes", "[aria-labelledby=h-me] .buttons button:nth-of-type(2)");
            dialog("second factor off", "[aria-labelledby=h-me] .buttons .danger");
        }

        private void access() {
            part("keys");
            tab.at("#h-keys button").click();
            look("new key");
            tab.at("#f-title").fill("one");
            tab.at(SEND).click();
            tab.await("dialog pre");
            lookAndLeave("key, told once");
            tab.await("[aria-labelledby=h-keys] tbody .danger");
            look("keys");
            dialog("revoke key", "[aria-labelledby=h-keys] tbody .danger");
            part("projects");
            tab.at("#h-projects button").click();
            tab.at("#f-name").fill("lab");
            tab.at("#f-tunnels").fill("many");
            tab.at(SEND).click();
            tab.await("#fault-tunnels:not(:empty)");
            look("new project");
            tab.at("#f-tunnels").fill("5");
            tab.at(SEND).click();
            tab.await("[aria-labelledby=h-projects] tbody .danger");
            look("projects");
            List.of("1", "2", "3")
                    .forEach(number -> dialog(
                            "project " + number,
                            "[aria-labelledby=h-projects] tbody tr:last-child .acts button:nth-child(" + number + ")"));
            part("users");
            tab.await("[aria-labelledby=h-users] tbody tr");
            tab.at("#h-users button").click();
            look("new user");
            tab.at("#f-name").fill("zoe");
            tab.at(SEND).click();
            tab.await("dialog pre");
            lookAndLeave("user's password, told once");
            tab.await("[aria-labelledby=h-users] tbody tr", "zoe");
            look("users");
            List.of("1", "2", "3", "4", "5")
                    .forEach(number -> dialog(
                            "user " + number,
                            "[aria-labelledby=h-users] tbody tr:last-child .acts button:nth-child(" + number + ")"));
        }

        private void audit() {
            part("audit");
            tab.await("[aria-labelledby=h-audit] tbody tr");
            tab.at("[aria-labelledby=h-audit] .buttons button").first().click();
            tab.await(".chain.good");
            look("audit");
            dialog("entry of the audit", "[aria-labelledby=h-audit] tbody button");
        }

        private void codeAtTheDoor() {
            tab.at("#leave").click();
            tab.await("[name=user]").fill("anna");
            tab.at("[name=password]").fill(PASSWORD);
            tab.failing(() -> {
                tab.at("#login button").first().click();
                tab.await("[name=code]").fill("nonsense");
                tab.at("#login button").first().click();
                tab.await("#fault:not(:empty)");
            });
            look("wrong code");
        }
    }
}
