package io.culvert.app.e2e;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.options.ColorScheme;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Users, projects, keys, logins and the audit, by mouse, as the first admin would. One server, one browser. */
class AccessPageIT {
    @RegisterExtension
    static final World WORLD = new World();

    private static final String PASSWORD = "a long and winding password";
    private static final String SEND = "dialog form button:not([type])";
    private static Browser browser;
    private static RunningServer server;
    private static Api api;

    @BeforeAll
    static void start() {
        browser = WORLD.closing(Browser.start());
        server = WORLD.server();
        api = new Api(server);
    }

    /** A new admin, in with a password of her own; one that somebody else chose is good for choosing that only. */
    private static Tab admin(String name, String language, ColorScheme theme) {
        String first = api.send("POST", "/users", "{'name': '" + name + "', 'admin': true}")
                .path("password")
                .asText();
        Tab tab = browser.tab(server, language, theme, 1400, 860);
        tab.go("/ui/server").await("[name=user]").fill(name);
        tab.at("[name=password]").fill(first);
        tab.at("#login button").first().click();
        tab.await(".empty button").click();
        tab.at("#f-old").fill(first);
        tab.at("#f-fresh").fill(PASSWORD);
        tab.at(SEND).click();
        tab.page.waitForURL("**/ui/manager");
        tab.at(".top nav a[href='/ui/access']").click();
        tab.await("[aria-labelledby=h-logins] tbody tr");
        return tab;
    }

    private static void part(Tab tab, String part) {
        tab.await("nav.tabs a[href$=" + part + "]").click();
        tab.await("nav.tabs a[href$=" + part + "][aria-current=page]");
        tab.await("#h-" + (part.equals("self") ? "logins" : part));
    }

    @ParameterizedTest
    @CsvSource({"en-US, LIGHT", "zh-CN, DARK"})
    void keysUsersAndProjectsComeAndGoAndTheAuditTellsOfThem(String language, ColorScheme theme) throws Exception {
        String name = "anna-" + theme.name().toLowerCase(Locale.ROOT);
        try (Tab tab = admin(name, language, theme)) {
            key(tab);
            String lab = "lab-" + name;
            project(tab, lab);
            user(tab, "bob-" + name, lab);
            part(tab, "projects");
            Locator row = tab.await("[aria-labelledby=h-projects] tr", lab);
            row.locator("td.act button").nth(1).click();
            tab.at("#f-tunnels").fill("many");
            tab.at(SEND).click();
            assertThat(tab.at("#f-tunnels")).hasAttribute("aria-invalid", "true");
            tab.at("#f-tunnels").fill("6");
            tab.at(SEND).click();
            tab.await("[aria-labelledby=h-projects] td", "0 / 6");
            row.locator("td.act .danger").click();
            tab.await("dialog .danger").click();
            assertThat(row).hasCount(0);
            audit(tab, lab);
            tab.isClean();
        }
    }

    /** A key for one thing, made and revoked. */
    private static void key(Tab tab) throws IOException, InterruptedException {
        part(tab, "keys");
        tab.at("#h-keys button").click();
        tab.at("#f-title").fill("heartbeat");
        tab.at("dialog input[type=checkbox]").nth(0).uncheck();
        tab.at("dialog input[type=checkbox]").nth(2).check();
        tab.at(SEND).click();
        String key = tab.await("dialog pre").textContent();
        assertThat(key).startsWith("cvk_");
        tab.at("dialog .buttons button").click();
        Locator row = tab.await("[aria-labelledby=h-keys] tbody tr:has(.danger)", "heartbeat");
        assertThat(row.locator(".label")).hasText("tunnels:renew");
        assertThat(status(key)).isEqualTo(403);
        row.locator(".danger").click();
        tab.await("dialog .danger").click();
        assertThat(tab.at("[aria-labelledby=h-keys] tbody .danger")).hasCount(0);
        assertThat(status(key)).isEqualTo(401);
    }

    /** A project with a bound. */
    private static void project(Tab tab, String lab) {
        part(tab, "projects");
        tab.at("#h-projects button").click();
        tab.at("#f-name").fill(lab);
        tab.at("#f-tunnels").fill("5");
        tab.at(SEND).click();
        tab.await("[aria-labelledby=h-projects] td", "0 / 5");
    }

    /** A user gets a role, is shut out, and then gone. */
    private static void user(Tab tab, String name, String lab) {
        part(tab, "users");
        tab.at("#h-users button").click();
        tab.at("#f-name").fill(name);
        tab.at(SEND).click();
        tab.await("dialog pre");
        tab.at("dialog .buttons button").click();
        Locator row = tab.await("[aria-labelledby=h-users] tr", name);
        row.locator("td.act button").first().click();
        tab.at("#f-role-" + lab).selectOption("operator");
        tab.at(SEND).click();
        tab.await("[aria-labelledby=h-users] .label", lab);
        assertThat(api.get("/users").toString()).contains("\"" + lab + "\":\"operator\"");
        row.locator("td.act button").nth(3).click();
        tab.await("dialog .danger").click();
        assertThat(row.locator("td").first().locator(".label")).hasCount(1);
        row.locator("td.act .danger").click();
        tab.await("dialog .danger").click();
        assertThat(row).hasCount(0);
    }

    /** All of that is in the audit: it holds, is found, looked at, taken away as a file. */
    private static void audit(Tab tab, String lab) throws IOException {
        part(tab, "audit");
        tab.at("[aria-labelledby=h-audit] .buttons button").first().click();
        tab.await(".chain.good");
        tab.at("#a-target").fill("project/" + lab);
        tab.at("#a-target").press("Enter");
        assertThat(tab.at("[aria-labelledby=h-audit] tbody tr").filter(new Locator.FilterOptions().setHasNotText(lab)))
                .hasCount(0);
        tab.await("[aria-labelledby=h-audit] tbody tr", lab).locator("button").click();
        tab.await("dialog pre");
        tab.page.keyboard().press("Escape");
        Download file = tab.page.waitForDownload(
                () -> tab.at("[aria-labelledby=h-audit] .buttons button").nth(1).click());
        assertThat(Files.readAllLines(file.path())).isNotEmpty().allMatch(line -> line.contains(lab));
    }

    @ParameterizedTest
    @CsvSource({"en-US, LIGHT", "zh-CN, DARK"})
    void oneselfFromAPasswordToASecondFactorAndBack(String language, ColorScheme theme) {
        String name = "oda-" + theme.name().toLowerCase(Locale.ROOT);
        try (Tab tab = admin(name, language, theme);
                Tab other = browser.tab(server, language, theme, 1400, 860)) {
            String password = otherPassword(tab);
            Authenticator phone = factorOn(tab);
            List<String> recovery = tab.at("dialog pre").textContent().lines().toList();
            assertThat(recovery).hasSize(10).doesNotHaveDuplicates();
            tab.page.waitForResponse(
                    "**/api/v1/logins", () -> tab.page.keyboard().press("Escape"));

            // The door asks for a code now: a wrong one is told, one of the authenticator's opens it.
            leave(tab);
            signIn(tab, name, password);
            code(tab, "nonsense", false);
            code(tab, phone.code(), true);

            // New recovery codes for a code; the old ones are worth nothing any more.
            tab.go("/ui/access")
                    .await("[aria-labelledby=h-me] .buttons button:nth-of-type(2)")
                    .click();
            tab.at("#f-code").fill(recovery.get(0));
            tab.at(SEND).click();
            List<String> fresh = tab.await("dialog:not(:has(form)) pre")
                    .textContent()
                    .lines()
                    .toList();
            assertThat(fresh).hasSize(10).doesNotContainAnyElementsOf(recovery);
            tab.page.waitForResponse(
                    "**/api/v1/logins", () -> tab.page.keyboard().press("Escape"));
            signIn(other.go("/ui/login"), name, password);
            code(other, recovery.get(1), false);
            code(other, fresh.get(0), true);

            other.isClean();

            // The other browser's login is ended from here, and there one stands before the door.
            part(tab, "self");
            assertThat(tab.at("[aria-labelledby=h-logins] tbody tr")).hasCount(2);
            tab.at("[aria-labelledby=h-logins] tbody tr:not(:has(.label)) .danger")
                    .click();
            assertThat(tab.at("[aria-labelledby=h-logins] tbody tr")).hasCount(1);
            other.failing(() -> {
                other.at(".top nav a[href='/ui/server']").click();
                other.page.waitForURL("**/ui/login?*");
            });

            // Without the second factor a password is enough again.
            tab.at("[aria-labelledby=h-me] .buttons .danger").click();
            tab.at("#f-code").fill("nonsense");
            tab.failing(() -> {
                tab.at(SEND).click();
                tab.await("#fault-code:not(:empty)");
            });
            tab.at("#f-code").fill(phone.code());
            tab.at(SEND).click();
            assertThat(tab.at("[aria-labelledby=h-me] .buttons .danger")).hasCount(0);
            assertThat(api.get("/users/" + name).path("second_factor").asBoolean())
                    .isFalse();
            leave(tab);
            signIn(tab, name, password);
            tab.page.waitForURL("**/ui/manager");
            tab.await(".empty ol");
            tab.isClean();
        }
    }

    /** Another password; a wrong old one is told at its field, and what was written stays. */
    private static String otherPassword(Tab tab) {
        String fresh = PASSWORD + "er";
        tab.await("[aria-labelledby=h-me] .buttons button").click();
        tab.at("#f-old").fill("not this one");
        tab.at("#f-fresh").fill(fresh);
        tab.failing(() -> {
            tab.at(SEND).click();
            tab.await("#fault-old:not(:empty)");
        });
        assertThat(tab.at("#f-fresh")).hasValue(fresh);
        tab.at("#f-old").fill(PASSWORD);
        tab.at(SEND).click();
        assertThat(tab.at("dialog")).hasCount(0);
        return fresh;
    }

    /** Turns the second factor on; the recovery codes stand there then. */
    private static Authenticator factorOn(Tab tab) {
        tab.at("[aria-labelledby=h-me] .buttons button").nth(1).click();
        Authenticator phone = new Authenticator(tab.await("dialog pre").textContent());
        tab.at("#f-code").fill(phone.code());
        tab.at(SEND).click();
        tab.await("dialog:not(:has(form)) pre");
        return phone;
    }

    private static void leave(Tab tab) {
        tab.at("#leave").click();
        tab.await("[name=user]");
    }

    /** As far as the password leads. */
    private static void signIn(Tab tab, String name, String password) {
        tab.await("[name=user]").fill(name);
        tab.at("[name=password]").fill(password);
        tab.failing(() -> {
            tab.at("#login button").first().click();
            tab.await("[name=code], culvert-manager");
        });
    }

    private static void code(Tab tab, String code, boolean good) {
        tab.at("[name=code]").fill(code);
        tab.failing(() -> {
            tab.at("#login button").first().click();
            tab.await(good ? "culvert-manager .empty ol" : "#fault:not(:empty)");
        });
    }

    /** What the server says to somebody with a key who wants to see tunnels. */
    private static int status(String key) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(server.url() + "/api/v1/tunnels"))
                .header("Authorization", "Bearer " + key)
                .build();
        return HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }
}
