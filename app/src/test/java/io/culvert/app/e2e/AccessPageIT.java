package io.culvert.app.e2e;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.options.ColorScheme;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Users, projects, keys, logins and the audit, by mouse, as the first admin would. */
class AccessPageIT {
    private static final String PASSWORD = "a long and winding password";
    private static final String BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    @RegisterExtension
    final World world = new World();

    private final HttpClient http = HttpClient.newHttpClient();

    @ParameterizedTest
    @CsvSource({"en-US, LIGHT", "zh-CN, DARK"})
    void fromTheFirstPasswordToAnAuditThatHolds(String language, ColorScheme theme) throws Exception {
        RunningServer server = world.server();
        JsonNode anna = new ObjectMapper()
                .readTree(call(server, "POST", "/users", "{\"name\":\"anna\",\"title\":\"Anna\",\"admin\":true}")
                        .body());
        Browser browser = world.closing(Browser.start());
        Tab tab = world.closing(browser.tab(server, language, theme, 1400, 860));

        // A password that somebody else chose is good for one thing only.
        tab.go("/ui/server").await("[name=user]").fill("anna");
        tab.at("[name=password]").fill(anna.path("password").asText());
        tab.isAccessible("login");
        tab.at("#login button").first().click();
        tab.await(".empty button");
        tab.isAccessible("password first");
        tab.at(".empty button").click();
        tab.at("#f-old").fill(anna.path("password").asText());
        tab.at("#f-fresh").fill(PASSWORD);
        tab.at("dialog form button:not([type])").click();
        tab.page.waitForURL("**/ui/manager");

        tab.at(".top nav a[href='/ui/access']").click();
        for (String part : List.of("self", "keys", "projects", "users", "audit")) {
            tab.await("nav.tabs a[href$=" + part + "]").click();
            tab.await("nav.tabs a[href$=" + part + "][aria-current=page]");
            tab.await(part.equals("keys") ? "#h-keys" : ".page tbody tr");
            tab.isAccessible(part);
        }
        tab.at("[aria-labelledby=h-audit] .buttons button").first().click();
        tab.await(".chain.good");

        // A key for one thing, made and revoked.
        tab.at("nav.tabs a[href$=keys]").click();
        tab.at("#h-keys button").click();
        tab.at("#f-title").fill("heartbeat");
        tab.at("dialog input[type=checkbox]").nth(0).uncheck();
        tab.at("dialog input[type=checkbox]").nth(2).check();
        tab.isAccessible("new key");
        tab.at("dialog form button:not([type])").click();
        String key = tab.await("dialog pre").textContent();
        assertThat(key).startsWith("cvk_");
        tab.at("dialog .buttons button").click();
        tab.await("[aria-labelledby=h-keys] tbody .label", "tunnels:renew");
        tab.at("[aria-labelledby=h-keys] tbody .danger").click();
        tab.await("dialog .danger").click();
        assertThat(tab.at("[aria-labelledby=h-keys] tbody .danger")).hasCount(0);
        assertThat(call(server, "GET", "/tunnels", "", key).statusCode()).isEqualTo(401);

        // A project with a bound, and a user with a role in it.
        tab.at("nav.tabs a[href$=projects]").click();
        tab.at("#h-projects button").click();
        tab.at("#f-name").fill("lab");
        tab.at("#f-tunnels").fill("5");
        tab.at("dialog form button:not([type])").click();
        tab.await("[aria-labelledby=h-projects] td", "0 / 5");
        tab.at("nav.tabs a[href$=users]").click();
        tab.at("#h-users button").click();
        tab.at("#f-name").fill("bob");
        tab.at("dialog form button:not([type])").click();
        tab.await("dialog pre");
        tab.at("dialog .buttons button").click();
        tab.await("[aria-labelledby=h-users] tr", "bob")
                .locator("td.act button")
                .first()
                .click();
        tab.at("#f-role-lab").selectOption("operator");
        tab.isAccessible("roles");
        tab.at("dialog form button:not([type])").click();
        tab.await("[aria-labelledby=h-users] .label", "lab");

        // Bob is shut out, and then he is gone; the project is changed, and then it is gone, too.
        Locator bob = tab.await("[aria-labelledby=h-users] tr", "bob");
        bob.locator("td.act button").nth(3).click();
        tab.await("dialog .danger");
        tab.isAccessible("disable");
        tab.at("dialog .danger").click();
        assertThat(bob.locator("td").first().locator(".label")).hasCount(1);
        bob.locator("td.act .danger").click();
        tab.await("dialog .danger").click();
        assertThat(bob).hasCount(0);
        tab.at("nav.tabs a[href$=projects]").click();
        Locator lab = tab.await("[aria-labelledby=h-projects] tr", "lab");
        lab.locator("td.act button").nth(1).click();
        tab.at("#f-tunnels").fill("many");
        tab.at("dialog form button:not([type])").click();
        assertThat(tab.at("#f-tunnels")).hasAttribute("aria-invalid", "true");
        tab.isAccessible("change project");
        tab.at("#f-tunnels").fill("6");
        tab.at("dialog form button:not([type])").click();
        tab.await("[aria-labelledby=h-projects] td", "0 / 6");
        lab.locator("td.act .danger").click();
        tab.await("dialog .danger").click();
        assertThat(lab).hasCount(0);

        // All of that is in the audit: found, looked at, taken away as a file.
        tab.at("nav.tabs a[href$=audit]").click();
        tab.at("#a-target").fill("project/lab");
        tab.at("#a-target").press("Enter");
        assertThat(tab.at("[aria-labelledby=h-audit] tbody tr")
                        .filter(new Locator.FilterOptions().setHasNotText("lab")))
                .hasCount(0);
        tab.await("[aria-labelledby=h-audit] tbody tr", "lab").locator("button").click();
        tab.await("dialog pre");
        tab.isAccessible("audit entry");
        tab.page.keyboard().press("Escape");
        Download file = tab.page.waitForDownload(
                () -> tab.at("[aria-labelledby=h-audit] .buttons button").nth(1).click());
        assertThat(Files.readAllLines(file.path())).isNotEmpty().allMatch(line -> line.contains("lab"));

        // Another password; a wrong old one is told at its field.
        tab.at("nav.tabs a[href$=self]").click();
        tab.await("[aria-labelledby=h-me] .buttons button").click();
        tab.at("#f-old").fill("not this one");
        tab.at("#f-fresh").fill(PASSWORD + "er");
        tab.failing(() -> {
            tab.at("dialog form button:not([type])").click();
            tab.await("#fault-old:not(:empty)");
        });
        assertThat(tab.at("#f-fresh")).hasValue(PASSWORD + "er");
        tab.isAccessible("wrong password");
        tab.at("#f-old").fill(PASSWORD);
        tab.at("dialog form button:not([type])").click();
        assertThat(tab.at("dialog")).hasCount(0);

        // A second factor; the next login asks for it.
        tab.at("nav.tabs a[href$=self]").click();
        tab.await("[aria-labelledby=h-me] .buttons button").waitFor();
        tab.at("[aria-labelledby=h-me] .buttons button").nth(1).click();
        String secret = tab.await("dialog pre").textContent();
        tab.at("#f-code").fill(code(secret));
        tab.at("dialog form button:not([type])").click();
        assertThat(tab.at("dialog h2")).hasCount(1);
        tab.await("dialog:not(:has(form)) pre");
        List<String> recovery = tab.at("dialog pre").textContent().lines().toList();
        assertThat(recovery).hasSize(10);
        tab.isAccessible("recovery codes");
        // The page reads anew what it shows; who leaves before it has would be refused that.
        tab.page.waitForResponse("**/api/v1/logins", () -> tab.page.keyboard().press("Escape"));
        tab.at("#leave").click();
        tab.await("[name=user]").fill("anna");
        tab.at("[name=password]").fill(PASSWORD + "er");
        tab.failing(() -> {
            tab.at("#login button").first().click();
            tab.await("[name=code]");
        });
        tab.isAccessible("code");
        // Who has no authenticator at hand has a recovery code.
        tab.at("[name=code]").fill(recovery.get(0));
        tab.at("#login button").first().click();
        tab.page.waitForURL("**/ui/manager");
        tab.await(".empty ol");
        tab.isClean();
    }

    /** The code of this half minute (RFC 6238, SHA-1, six digits). */
    private static String code(String secret) throws Exception {
        ByteBuffer key = ByteBuffer.allocate(secret.length() * 5 / 8);
        long bits = 0;
        int count = 0;
        for (int i = 0; i < secret.length(); i++) {
            bits = bits << 5 | BASE32.indexOf(secret.charAt(i));
            count += 5;
            if (count >= 8 && key.hasRemaining()) {
                count -= 8;
                key.put((byte) (bits >> count));
            }
        }
        Mac mac = Mac.getInstance("HmacSHA1");
        mac.init(new SecretKeySpec(key.array(), "HmacSHA1"));
        byte[] hash = mac.doFinal(ByteBuffer.allocate(Long.BYTES)
                .putLong(System.currentTimeMillis() / 30_000)
                .array());
        int number = ByteBuffer.wrap(hash).getInt(hash[hash.length - 1] & 15) & Integer.MAX_VALUE;
        return "%06d".formatted(number % 1_000_000);
    }

    private HttpResponse<String> call(RunningServer server, String method, String path, String body) throws Exception {
        return call(server, method, path, body, server.key());
    }

    private HttpResponse<String> call(RunningServer server, String method, String path, String body, String key)
            throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server.url() + "/api/v1" + path))
                .header("Authorization", "Bearer " + key)
                .method(method, HttpRequest.BodyPublishers.ofString(body));
        if (!body.isEmpty()) {
            request.header("Content-Type", "application/json");
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }
}
