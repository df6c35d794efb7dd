package io.culvert.app.e2e;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.Route;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Each place and what is done there, without a mouse: Tab comes to it, one sees at each stop where one is, and a key does it. The browser
 * counts which of the page's handlers were called; the last test says which were not.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class KeyboardIT {
    @RegisterExtension
    static final World WORLD = new World();

    private static final Handlers HANDLERS = new Handlers();
    private static final String ROW = ".list-body .row";
    // More entries than the audit shows at once.
    private static final int ENTRIES = 101;
    private static Browser browser;
    private static RunningServer server;
    private static EchoService echo;
    private static Api api;

    @BeforeAll
    static void start() throws IOException {
        browser = WORLD.closing(Browser.start());
        echo = WORLD.closing(EchoService.start());
        // Of ports it knows: the page offers free ones.
        server = WORLD.lastingServer();
        api = new Api(server);
    }

    private static Keys keys() {
        return new Keys(browser.tab(server, "en-US"), HANDLERS);
    }

    private static JsonNode make(String name) {
        return api.send(
                "POST",
                "/tunnels",
                "{'name': '" + name + "', 'labels': {'run': 'keys'}, 'exposes': [{'target': '127.0.0.1:" + echo.port()
                        + "'}], 'lease': {'ttl_seconds': 600}}");
    }

    @Test
    @Order(1)
    void theList() {
        make("one");
        make("two");
        try (Keys keys = keys().signIn(server, "/ui/manager")) {
            Tab tab = keys.tab;
            tab.await(".list-body .name", "two");
            keys.press("?");
            keys.go("dialog .check input", "Space", "Space");
            keys.refuse();
            keys.go(".help-keys", "Enter");
            keys.press("Escape");
            keys.go("#label");
            keys.type("run:keys");
            assertThat(tab.at(ROW + ":not([hidden])")).hasCount(2);
            keys.go(".chip.paused", "Space");
            tab.await(".empty h2");
            keys.go(".empty button", "Enter");
            keys.go(".c-name .sort", "Enter");
            keys.press("/");
            assertThat(tab.at("#search")).isFocused();
            keys.type("run:keys");
            aRow(keys);
            itsMenu(keys);
            allChosen(keys);
            // Nobody is left: what the page offers then.
            keys.go(".empty button", "Enter");
            tab.await(".empty ol");
            keys.go(".empty p button", "Enter");
            tab.await("#f-target0:focus");
            keys.press("Escape");
            tab.isClean();
        }
        assertThat(api.get("/tunnels?label=run:keys").path("total").asInt()).isZero();
    }

    /** From the head into the list: one stop, and keys from there. */
    private static void aRow(Keys keys) {
        Tab tab = keys.tab;
        keys.go(ROW, "r");
        assertThat(tab.at(".said span")).containsText("Renewed");
        keys.go(".said button", "Enter");
        assertThat(tab.at(".said span")).hasCount(0);
        keys.go(ROW, "Space");
        assertThat(tab.at(".bulk b")).containsText("1");
        keys.press("Escape");
        keys.sure(ROW, "p");
        tab.await(ROW + " .state.paused");
        keys.go(ROW, "p");
        assertThat(tab.at(ROW + " .state.paused")).hasCount(0);
        keys.go(ROW, "c");
        tab.await("dialog culvert-connect");
        keys.go("dialog[open] > .buttons button", "Enter");
        keys.go(ROW, "Delete");
        tab.await("dialog[open] .choice");
        keys.go("[name=mode]:checked", "ArrowDown");
        keys.write("dialog[open] .short", "never");
        assertThat(tab.at("dialog[open] .fault")).not().isEmpty();
        keys.go("[name=mode]:checked", "ArrowUp");
        keys.refuse();
        keys.go(ROW + " .c-check input", "Space");
        keys.go(".bulk button:nth-of-type(6)", "Enter");
        assertThat(tab.at(".bulk")).isHidden();
        keys.go(ROW, "Enter");
        tab.page.waitForURL("**/ui/tunnel/*");
        keys.go(".back", "Enter");
        tab.await(ROW);
        keys.press("/");
        keys.type("run:keys");
    }

    private static void itsMenu(Keys keys) {
        Tab tab = keys.tab;
        keys.go(ROW + " .more", "Enter");
        tab.await("[role=menu]");
        keys.press("Escape");
        keys.go(ROW, "ContextMenu");
        tab.await("[role=menu]");
        keys.press("Escape");
        entry(keys, 1);
        tab.await("dialog culvert-connect");
        keys.go("dialog[open] > .buttons button", "Enter");
        entry(keys, 2);
        assertThat(tab.at(".said span")).containsText("Renewed");
        entry(keys, 3);
        keys.confirm();
        tab.await(ROW + " .state.paused");
        entry(keys, 3);
        assertThat(tab.at(ROW + " .state.paused")).hasCount(0);
        entry(keys, 5);
        keys.refuse();
        entry(keys, 4);
        keys.confirm();
        assertThat(tab.at(ROW + ":not([hidden])")).hasCount(1);
    }

    private static void entry(Keys keys, int number) {
        keys.go(ROW, "m");
        keys.tab.await("[role=menu]");
        for (int i = 0; i < number; i++) {
            keys.press("ArrowDown");
        }
        keys.press("Enter");
    }

    private static void allChosen(Keys keys) {
        Tab tab = keys.tab;
        make("three");
        assertThat(tab.at(ROW + ":not([hidden])")).hasCount(2);
        keys.go(".list-head input", "Space");
        assertThat(tab.at(".bulk b")).containsText("2");
        keys.go(".bulk button:nth-of-type(5)", "Enter");
        assertThat(((String) tab.page.evaluate("navigator.clipboard.readText()")).lines())
                .hasSize(2);
        keys.go(".bulk button:nth-of-type(1)", "Enter");
        assertThat(tab.at(".said span")).containsText("Renewed: 2");
        keys.go(ROW, "Control+a");
        keys.go(".bulk button:nth-of-type(2)", "Enter");
        keys.confirm();
        assertThat(tab.at(ROW + " .state.paused")).hasCount(2);
        keys.go(ROW, "Control+a");
        keys.go(".bulk button:nth-of-type(3)", "Enter");
        assertThat(tab.at(ROW + " .state.paused")).hasCount(0);
        tab.page.setViewportSize(390, 800);
        keys.go(".sort-select select", "ArrowDown");
        tab.page.setViewportSize(1400, 860);
        keys.go(ROW, "Control+a");
        keys.go(".bulk .danger", "Enter");
        keys.confirm();
        tab.await(".empty h2");
    }

    @Test
    @Order(2)
    void aTunnelIsMade() throws IOException {
        try (Keys keys = keys().signIn(server, "/ui/manager")) {
            Tab tab = keys.tab;
            tab.await(".empty ol");
            keys.press("n");
            tab.await("#f-target0:focus");
            keys.type(String.valueOf(echo.port()));
            keys.go(".offers button", "Enter");
            assertThat(tab.at("#f-port0")).not().hasValue("");
            keys.go("summary", "Enter");
            keys.write("#f-name", "by-keys");
            keys.go("#f-protocol0", "ArrowDown", "ArrowUp");
            keys.go("dialog .check input", "Space", "Space");
            keys.go("fieldset .buttons button:first-child", "Enter");
            tab.await("#f-target1");
            keys.go("fieldset .buttons button:last-child", "Enter");
            assertThat(tab.at("#f-target1")).hasCount(0);
            keys.write("#f-allow", "127.0.0.0/8");
            // Nothing is lost by going away.
            keys.go("form.create > .buttons button:last-child", "Enter");
            keys.go("#create", "Enter");
            assertThat(tab.at("#f-name")).hasValue("by-keys");
            assertThat(tab.at("#f-allow")).hasValue("127.0.0.0/8");
            keys.go("#f-comment", "Enter");
            String token = tab.await("#line-token").textContent();
            assertThat(Files.readString(keys.download("#way .buttons button").path()))
                    .isEqualTo(token + "\n");
            keys.go("#way .copyable button", "Enter");
            assertThat((String) tab.page.evaluate("navigator.clipboard.readText()"))
                    .startsWith("culvert agent --server ");
            keys.go("#tab-own", "ArrowRight");
            assertThat(tab.at("#tab-goproxy")).isFocused();
            keys.press("Enter");
            keys.download("#way p button");
            keys.go(".check-live button", "Enter");
            keys.go("culvert-create > .buttons a", "Enter");
            tab.page.waitForURL("**/ui/tunnel/*");
            keys.go(".back", "Enter");
            tab.await(ROW);
            keys.press("n");
            tab.await("#f-target0:focus");
            keys.type("9");
            keys.press("Enter");
            tab.await("culvert-connect");
            keys.go("culvert-create > .buttons button", "Enter");
            assertThat(tab.at(ROW + ":not([hidden])")).hasCount(2);
            tab.isClean();
        }
        for (JsonNode each : api.get("/tunnels").path("tunnels")) {
            api.send("DELETE", "/tunnels/" + each.path("id"), "");
        }
    }

    @Test
    @Order(3)
    void theTunnelsPage() throws IOException {
        JsonNode made = make("whole");
        String path = "/tunnels/" + made.path("id").asLong();
        Path token = WORLD.secret("keys.token", made.path("join").asText());
        WORLD.culvert(
                "agent",
                Map.of(),
                "agent",
                "--server=127.0.0.1:" + made.path("agent_port").asInt(),
                "--token-file=" + token);
        try (Keys keys = keys().signIn(server, "/ui" + path.replace("tunnels", "tunnel"))) {
            Tab tab = keys.tab;
            tab.await("[aria-labelledby=h-sessions] tbody .danger");
            keys.go(".expose-line button:nth-of-type(1)", "Enter");
            keys.go(".expose-line button:nth-of-type(2)", "Enter");
            tab.await(".exposes .steps");
            keys.go(".expose-line button:nth-of-type(3)", "Enter");
            keys.refuse();
            keys.go(".expose-line button:nth-of-type(3)", "Enter");
            keys.go("#f-to", "Enter");
            assertThat(tab.at("dialog[open]")).hasCount(0);
            changes(keys);
            keys.go("[aria-labelledby=h-usage] select", "ArrowDown");
            tab.await("[aria-labelledby=h-usage] select");
            joins(keys);
            int port = api.get(path).path("exposes").path(0).path("port").asInt();
            try (Visitor visitor = Visitor.of(port)) {
                visitor.says("hello");
                keys.sure("[aria-labelledby=h-connections] tbody .danger", "Enter");
                visitor.awaitReset();
            }
            keys.sure("[aria-labelledby=h-sessions] tbody .danger", "Enter");
            connectHelp(keys);
            keys.go(".title .buttons button:nth-of-type(2)", "Enter");
            assertThat(tab.at(".said span")).containsText("Renewed");
            keys.go(".title .buttons button:nth-of-type(3)", "Enter");
            keys.confirm();
            tab.await(".reason .state.paused");
            keys.go(".title .buttons button:nth-of-type(3)", "Enter");
            assertThat(tab.at(".reason .state.paused")).hasCount(0);
            keys.go(".title .buttons button:nth-of-type(4)", "Enter");
            keys.refuse();
            keys.go(".title .buttons .danger", "Enter");
            keys.confirm();
            tab.await(".reason .state.ended");
            tab.isClean();
        }
        JsonNode ended = api.get(path);
        assertThat(ended.path("comment").asText()).isEqualTo("by keys");
        assertThat(ended.path("lease").path("grace_seconds").asInt()).isEqualTo(20);
        assertThat(ended.path("policies").path("connections").path("most").asInt())
                .isEqualTo(7);
    }

    private static void changes(Keys keys) {
        for (List<String> change : List.of(
                List.of("about", "f-comment", "by keys"),
                List.of("lease", "f-grace", "20"),
                List.of("policies", "f-most", "7"))) {
            String form = "#edit-" + change.get(0);
            String button = "[aria-labelledby=h-" + change.get(0) + "] h2 button";
            keys.go(button, "Enter");
            keys.go(form + " .buttons button:last-child", "Enter");
            keys.go(button, "Enter");
            keys.tab.await(form);
            keys.write("#" + change.get(1), change.get(2));
            keys.press("Enter");
            assertThat(keys.tab.at(form)).hasCount(0);
        }
    }

    private static void joins(Keys keys) {
        String button = "[aria-labelledby=h-joins] h2 button";
        keys.go(button, "Enter");
        keys.refuse();
        keys.go(button, "Enter");
        keys.go("#f-uses", "Enter");
        keys.tab.await("dialog pre");
        keys.go("dialog .copyable button", "Enter");
        keys.refuse();
        keys.sure("[aria-labelledby=h-joins] tbody .danger", "Enter");
        assertThat(keys.tab.at("[aria-labelledby=h-joins] tbody .danger")).hasCount(0);
    }

    /** A new token: first no, then yes. */
    private static void connectHelp(Keys keys) {
        keys.go(".title .buttons button:first-child", "Enter");
        for (String answer : List.of("last", "first")) {
            keys.go("culvert-connect #way p button", "Enter");
            keys.go("dialog:last-of-type > .buttons button:" + answer + "-child", "Enter");
            keys.left(1);
        }
        keys.tab.await("#line-token");
        keys.go("dialog[open] > .buttons button", "Enter");
        keys.left(0);
    }

    @Test
    @Order(4)
    void theServersPage() {
        try (Keys keys = keys().signIn(server, "/ui/server")) {
            Tab tab = keys.tab;
            keys.write("#f-name", "k");
            keys.press("Enter");
            tab.await("[aria-labelledby=h-ports] tbody tr", "k");
            keys.write("#port-filter", "k");
            assertThat(tab.at("[aria-labelledby=h-ports] tbody tr")).hasCount(1);
            keys.sure("[aria-labelledby=h-ports] tbody button", "Enter");
            await().untilAsserted(
                            () -> assertThat(api.get("/ports").path("ports").findValuesAsText("reservation"))
                                    .doesNotContain("k"));
            keys.go("[role=switch]", "Space");
            keys.refuse();
            for (boolean on : new boolean[] {true, false}) {
                keys.go("[role=switch]", "Space");
                keys.confirm();
                assertThat(tab.at(".banner.calm")).hasCount(on ? 1 : 0);
                assertThat(api.get("/server").path("draining").asBoolean()).isEqualTo(on);
            }
            tab.await(".log li");
            keys.go("[aria-labelledby=h-events] select", "ArrowDown");
            assertThat(tab.at("[aria-labelledby=h-events] select")).not().hasValue("");
            keys.go("#theme", "Enter");
            assertThat(tab.at("html")).hasAttribute("data-theme", "light");
            keys.go("#language", "Enter");
            assertThat(tab.at("html")).hasAttribute("lang", "zh-CN");
            tab.isClean();
        }
    }

    @Test
    @Order(5)
    void theAccessPages() throws IOException {
        for (int i = 0; i < ENTRIES; i++) {
            api.send("PATCH", "/projects/default", "{'title': 'the " + i + "th'}");
        }
        try (Keys keys = keys().signIn(server, "/ui/access")) {
            Tab tab = keys.tab;
            aKey(keys);
            aProject(keys);
            aUser(keys);
            keys.go("nav.tabs a[href$=audit]", "Enter");
            assertThat(tab.at("[aria-labelledby=h-audit] tbody tr")).hasCount(ENTRIES - 1);
            keys.go("[aria-labelledby=h-audit] > p:last-child button", "Enter");
            assertThat(tab.at("[aria-labelledby=h-audit] > p:last-child button"))
                    .hasCount(0);
            keys.go("[aria-labelledby=h-audit] .buttons button:first-of-type", "Enter");
            tab.await(".chain.good");
            keys.write("#a-target", "project/p");
            keys.press("Enter");
            assertThat(tab.at("[aria-labelledby=h-audit] tbody tr")).hasCount(3);
            assertThat(Files.readAllLines(keys.download("[aria-labelledby=h-audit] .buttons button:last-of-type")
                            .path()))
                    .hasSize(3)
                    .allMatch(line -> line.contains("project/p"));
            keys.go("[aria-labelledby=h-audit] tbody button", "Enter");
            tab.await("dialog code");
            keys.refuse();
            keys.go("#leave", "Enter");
            tab.page.waitForURL("**/ui/login");
            tab.isClean();
        }
    }

    private static void aKey(Keys keys) {
        keys.go("nav.tabs a[href$=keys]", "Enter");
        keys.go("#h-keys button", "Enter");
        keys.write("dialog #f-title", "t");
        keys.write("dialog #f-user", "admin");
        keys.go("dialog .check input", "Space", "Space");
        keys.press("Enter");
        keys.tab.await("dialog pre");
        keys.refuse();
        keys.sure("[aria-labelledby=h-keys] tbody .danger", "Enter");
        assertThat(keys.tab.at("[aria-labelledby=h-keys] tbody .danger")).hasCount(0);
    }

    private static void aProject(Keys keys) {
        keys.go("nav.tabs a[href$=projects]", "Enter");
        keys.go("#h-projects button", "Enter");
        keys.write("dialog #f-name", "p");
        keys.press("Enter");
        // The last row is another one until the list has come again.
        assertThat(keys.tab.at("[aria-labelledby=h-projects] tbody tr")).hasCount(2);
        String acts = "[aria-labelledby=h-projects] tbody tr:last-child .acts ";
        keys.go(acts + "button:nth-child(1)", "Enter");
        keys.tab.await("dialog");
        keys.refuse();
        keys.go(acts + "button:nth-child(2)", "Enter");
        keys.write("#f-tunnels", "3");
        keys.press("Enter");
        keys.tab.await("[aria-labelledby=h-projects] td", "0 / 3");
    }

    private static void aUser(Keys keys) {
        Tab tab = keys.tab;
        keys.go("nav.tabs a[href$=users]", "Enter");
        keys.go("#h-users button", "Enter");
        keys.write("dialog #f-name", "u");
        keys.press("Enter");
        tab.await("dialog pre");
        keys.refuse();
        assertThat(tab.at("[aria-labelledby=h-users] tbody tr")).hasCount(2);
        String user = "[aria-labelledby=h-users] tbody tr:last-child ";
        keys.go(user + ".acts button:nth-child(1)", "Enter");
        keys.go("#f-role-p", "ArrowDown", "ArrowDown");
        keys.go("dialog form .buttons button:first-child", "Enter");
        tab.await(user + ".label", "p: ");
        keys.go(user + ".acts button:nth-child(2)", "Enter");
        keys.write("#f-fresh", "a password by keys");
        keys.press("Enter");
        assertThat(tab.at("dialog")).hasCount(0);
        for (String property : List.of("admin", "disabled")) {
            String button = user + ".acts button:nth-child(" + (property.equals("admin") ? 3 : 4) + ")";
            for (boolean is : new boolean[] {true, false}) {
                keys.sure(button, "Enter");
                await().untilAsserted(() -> assertThat(
                                api.get("/users/u").path(property).asBoolean())
                        .isEqualTo(is));
            }
        }
        keys.sure(user + ".danger", "Enter");
        await().untilAsserted(() -> assertThat(api.get("/users").toString()).doesNotContain("\"u\""));
        keys.go("nav.tabs a[href$=projects]", "Enter");
        keys.sure("[aria-labelledby=h-projects] tbody .danger", "Enter");
        assertThat(tab.at("[aria-labelledby=h-projects] tbody .danger")).hasCount(0);
    }

    @Test
    @Order(6)
    void oneself() {
        String first = api.send("POST", "/users", "{'name': 'zed', 'admin': true}")
                .path("password")
                .asText();
        String password = "zed has a password";
        try (Keys keys = keys();
                Tab other = browser.tab(server, "en-US")) {
            Tab tab = keys.tab;
            tab.go("/ui/login");
            password(keys, first);
            keys.go(".empty button", "Enter");
            change(keys, first, password);
            tab.page.waitForURL("**/ui/manager");
            keys.go(".top nav a[href='/ui/access']", "Enter");
            keys.go("[aria-labelledby=h-me] .buttons button:nth-of-type(1)", "Enter");
            change(keys, password, password + "!");
            assertThat(tab.at("dialog")).hasCount(0);
            Authenticator phone = new Authenticator(factorOn(keys));
            List<String> recovery = code(keys, phone.code());

            // By password and code through the door, there and here.
            keys.go("#leave", "Enter");
            for (Tab door : List.of(other.go("/ui/login"), tab)) {
                door.failing(() -> {
                    if (door == tab) {
                        password(keys, password + "!");
                        tab.await("[name=code]:focus");
                        keys.type(phone.code());
                        keys.press("Enter");
                    } else {
                        door.await("[name=user]").fill("zed");
                        door.at("[name=password]").fill(password + "!");
                        door.at("#login button").first().click();
                        door.await("[name=code]").fill(recovery.get(0));
                        door.at("#login button").first().click();
                    }
                    door.await("culvert-manager #create");
                });
            }
            keys.go(".top nav a[href='/ui/access']", "Enter");
            keys.go("[aria-labelledby=h-logins] tbody tr:not(:has(.label)) .danger", "Enter");
            assertThat(tab.at("[aria-labelledby=h-logins] tbody tr")).hasCount(1);
            keys.go("[aria-labelledby=h-me] .buttons button:nth-of-type(2)", "Enter");
            List<String> fresh = code(keys, recovery.get(1));
            keys.go("[aria-labelledby=h-me] .buttons .danger", "Enter");
            keys.write("#f-code", fresh.get(0));
            keys.press("Enter");
            assertThat(tab.at("[aria-labelledby=h-me] .buttons .danger")).hasCount(0);
            // On once more, and taken away as an admin does it for somebody who has lost everything.
            code(keys, new Authenticator(factorOn(keys)).code());
            keys.go("nav.tabs a[href$=users]", "Enter");
            keys.go("[aria-labelledby=h-users] tbody tr:last-child .acts button:nth-child(4)", "Enter");
            keys.confirm();
            await().untilAsserted(() -> assertThat(
                            api.get("/users/zed").path("second_factor").asBoolean())
                    .isFalse());
            tab.isClean();
        }
    }

    private static void password(Keys keys, String password) {
        keys.tab.await("[name=user]:focus");
        keys.type("zed");
        keys.press("Tab");
        keys.type(password);
        keys.press("Enter");
    }

    private static void change(Keys keys, String old, String fresh) {
        keys.write("#f-old", old);
        keys.write("#f-fresh", fresh);
        keys.press("Enter");
    }

    /** Begins a second factor; gives back its secret. */
    private static String factorOn(Keys keys) {
        keys.go("[aria-labelledby=h-me] .buttons button:nth-of-type(2)", "Enter");
        return keys.tab.await("dialog form pre").textContent();
    }

    /** Says a code where one is asked for; gives back the recovery codes that are told then. */
    private static List<String> code(Keys keys, String code) {
        keys.write("#f-code", code);
        keys.press("Enter");
        String codes = keys.tab.await("dialog:not(:has(form)) pre").textContent();
        keys.tab.page.waitForResponse("**/api/v1/logins", keys::refuse);
        return codes.lines().toList();
    }

    /** Which requests fail now. One thread. */
    private static final class Breach {
        // A pattern of what follows /api/v1/.
        private String path = "nothing";
    }

    /** Where something fails the page says so, and a key tries again. */
    @Test
    @Order(7)
    void againAfterAFailure() {
        String path = "/ui/tunnel/" + make("again").path("id");
        Breach broken = new Breach();
        try (Keys keys = keys()) {
            Tab tab = keys.tab;
            tab.page.route("**/api/v1/**", route -> {
                if (!route.request().url().matches(".*/api/v1/" + broken.path)) {
                    route.resume();
                } else if (broken.path.startsWith("events")) {
                    route.abort();
                } else {
                    route.fulfill(new Route.FulfillOptions()
                            .setStatus(503)
                            .setContentType("application/problem+json")
                            .setBody("{\"type\":\"/docs#unavailable\",\"detail\":\"\"}"));
                }
            });
            tab.failing(() -> {
                broken.path = "tunnels\\?.*";
                keys.signIn(server, "/ui/manager");
                again(keys, broken, ".empty[role=alert] button", ROW);
                broken.path = "server";
                keys.go(".top nav a[href='/ui/server']", "Enter");
                again(keys, broken, ".empty[role=alert] button", ".facts");
                broken.path = "keys";
                keys.go(".top nav a[href='/ui/access']", "Enter");
                again(keys, broken, ".trouble button", "#h-keys");
                assertThat(tab.at(".trouble")).hasCount(0);
                broken.path = "tunnels/.*";
                keys.visit(path);
                again(keys, broken, ".empty[role=alert] button", "#live canvas");
                broken.path = "events.*";
                keys.visit("/ui/server");
                tab.await(".banner[role=alert] button");
                tab.isAccessible("the server is away");
                keys.go(".banner[role=alert] button", "Enter");
                broken.path = "nothing";
                assertThat(tab.at(".banner[role=alert]")).isHidden();
            });
            tab.isClean();
        }
    }

    private static void again(Keys keys, Breach broken, String button, String good) {
        keys.tab.await(button);
        keys.tab.isAccessible("broken: " + broken.path);
        broken.path = "nothing";
        keys.go(button, "Enter");
        keys.tab.await(good);
    }

    @Test
    @Order(8)
    void nothingOfThePageWantsAMouse() throws IOException {
        HANDLERS.allRan();
    }
}
