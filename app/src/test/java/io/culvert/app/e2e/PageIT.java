package io.culvert.app.e2e;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import io.culvert.client.seed.NewTunnel;
import io.culvert.client.seed.Tunnel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The page in a real browser, with the real programs behind it. */
class PageIT {
    private static final int LOADS = 9;
    private static Browser browser;

    @RegisterExtension
    final World world = new World();

    @BeforeAll
    static void start() {
        browser = Browser.start();
    }

    @AfterAll
    static void stop() {
        browser.close();
    }

    /** Every flow, from the login to a byte through a tunnel that was made by mouse, and to the end of that tunnel. */
    @ParameterizedTest
    @CsvSource({"en-US, Create, up, Cut, Keep it", "zh-CN, 创建, 已连接, 断开, 保留"})
    void fromTheLoginToAByteThroughATunnelMadeByMouse(
            String language, String create, String up, String cut, String keep) throws Exception {
        RunningServer server = world.server();
        EchoService echo = world.closing(EchoService.start());
        Tab tab = world.closing(browser.tab(server, language));

        tab.go("/ui/manager").page.waitForURL("**/ui/login");
        tab.keyField().fill("not-the-key");
        tab.failing(() -> {
            tab.at("#login button").first().click();
            tab.await("#fault:not(:empty)");
        });
        tab.at("[name=key]").fill(server.key());
        tab.at("#login button").first().click();
        tab.await(".empty ol");

        // A mistake is explained at its field; nothing that was written is lost when the dialog is closed.
        tab.at("#create").click();
        tab.at("#f-target0").fill("nowhere:at:all");
        tab.await("#fault-target0:not(:empty)");
        tab.at("#f-comment").fill("made by mouse");
        tab.page.keyboard().press("Escape");
        tab.at("#create").click();
        assertThat(tab.at("#f-comment")).hasValue("made by mouse");
        tab.at("#f-target0").fill(String.valueOf(echo.port()));
        tab.at("#f-expire").fill("10m");
        tab.await("form.create button", create).click();

        // What to run inside is shown; it turns green by itself.
        String token = tab.await("#line-token").textContent();
        Tunnel tunnel = server.client().list().get(0);
        assertThat(tab.at("#line-own").textContent())
                .contains("--server 127.0.0.1:", "--allow 127.0.0.1:" + echo.port());
        assertThat(tab.at(".steps .failed").first()).isVisible();
        Path file = world.secret("page.token", token);
        world.culvert("agent", Map.of(), "agent", "--server=127.0.0.1:" + tunnel.agentPort(), "--token-file=" + file);
        assertThat(tab.at(".good")).isVisible();
        tab.at("#tab-goproxy").click();
        tab.page.waitForDownload(() -> tab.at("#way button").first().click());
        tab.at("culvert-create > .buttons button").click();

        // A byte, and what the list makes of it.
        int port = tunnel.exposes().get(0).port();
        assertThat(tab.at(".list-body .state")).hasText(up);
        assertThat(tab.at(".list-body .c-exposes a")).hasAttribute("href", "http://127.0.0.1:" + port + "/");
        try (Socket visitor = new Socket(InetAddress.getLoopbackAddress(), port)) {
            visitor.getOutputStream().write(new byte[100_000]);
            assertThat(visitor.getInputStream().readNBytes(100_000)).hasSize(100_000);
            assertThat(tab.at(".list-body .c-total .in")).hasText("100 kB");
            assertThat(tab.at(".list-body .spark path.in")).hasCount(1);

            // The tunnel's own page: policies in place, and the visitor is cut by hand.
            tab.at(".list-body .name").click();
            tab.await("#live canvas");
            tab.await("#usage canvas");
            tab.at(".expose-line button").nth(1).click();
            assertThat(tab.at(".exposes .steps li.ok")).hasCount(3);
            tab.at("[aria-labelledby=h-policies] h2 button").click();
            tab.at("#f-most").fill("many");
            tab.at("#edit-policies button").first().click();
            assertThat(tab.at("#f-most")).hasAttribute("aria-invalid", "true");
            tab.at("#f-most").fill("7");
            tab.at("#edit-policies button").first().click();
            tab.await("[aria-labelledby=h-policies] dd", "7");
            tab.await("[aria-labelledby=h-connections] button", cut).click();
            tab.await("dialog[open] .danger").click();
            assertThat(isCut(visitor)).isTrue();
        }

        // Pause, resume, end: each says first what it does.
        tab.at(".title .buttons button").nth(2).click();
        tab.await("dialog[open] .danger").click();
        tab.await(".reason .state.paused");
        tab.at(".title .buttons button").nth(2).click();
        tab.await(".reason .state.up");
        tab.at(".title .danger").click();
        tab.await("dialog[open] button", keep).click();
        tab.at(".title .danger").click();
        assertThat(tab.await("dialog[open]").textContent()).contains("tcp " + port);
        tab.at("dialog[open] .danger").click();
        tab.await(".reason .state.ended");
        tab.at(".back").click();
        tab.await(".empty ol");
        assertThat(server.client().list()).isEmpty();

        // Back to the door; the key is forgotten.
        tab.at("#leave").click();
        tab.page.waitForURL("**/ui/login");
        assertThat(tab.page.evaluate("sessionStorage.length")).isEqualTo(0);
        tab.isClean();
    }

    /** True where a visitor sees its connection reset. */
    private static boolean isCut(Socket visitor) throws IOException {
        visitor.setSoTimeout(10_000);
        try {
            return visitor.getInputStream().read() < 0;
        } catch (SocketException e) {
            return true;
        }
    }

    @Test
    void theKeyboardIsEnough() throws Exception {
        RunningServer server = world.server();
        Tab tab = world.closing(browser.tab(server, "en-US"));
        assertThat(tab.go("/ui/manager").keyField()).isFocused();
        tab.page.keyboard().type(server.key());
        tab.page.keyboard().press("Enter");
        tab.await(".empty ol");
        for (int i = 1; i <= 2; i++) {
            tab.page.keyboard().press("n");
            assertThat(tab.await("#f-target0")).isFocused();
            tab.page.keyboard().type(String.valueOf(1_000 + i));
            tab.page.keyboard().press("Enter");
            tab.await("culvert-connect .steps");
            tab.page.keyboard().press("Escape");
            // It gives the focus back when it goes.
            assertThat(tab.at("dialog")).hasCount(0);
            assertThat(tab.at(".list-body .row:not([hidden])")).hasCount(i);
        }
        // Tab comes into the list, arrows go through it, and what has the focus can be seen.
        Locator first = tab.at(".list-body .row[data-id='2']");
        first.focus();
        tab.page.keyboard().press("ArrowDown");
        assertThat(tab.at(".list-body .row[data-id='1']")).isFocused();
        assertThat((String)
                        tab.at(".list-body .row[data-id='1']").evaluate("row => getComputedStyle(row).outlineStyle"))
                .isEqualTo("solid");
        tab.page.keyboard().press("Space");
        assertThat(tab.at(".list-body .row[data-id='1']")).hasAttribute("aria-selected", "true");
        tab.page.keyboard().press("p");
        tab.await("dialog[open] .danger").focus();
        tab.page.keyboard().press("Enter");
        tab.await(".list-body .state.paused");
        assertThat(tab.at(".list-body .row[data-id='1']")).isFocused();
        // The menu: open, its last entry, and back where one was.
        tab.page.keyboard().press("m");
        tab.page.keyboard().press("End");
        tab.page.keyboard().press("Enter");
        tab.await("dialog[open] .danger").focus();
        tab.page.keyboard().press("Enter");
        assertThat(tab.at(".list-body .row:not([hidden])")).hasCount(1);
        assertThat(tab.at(".list-body .row[data-id='2']")).isFocused();
        tab.page.keyboard().press("Enter");
        tab.page.waitForURL("**/ui/tunnel/2");
        tab.isClean();
    }

    @Test
    void theServerGoesAndComesBack() throws Exception {
        RunningServer server = world.lastingServer();
        long first = server.client()
                .create(NewTunnel.to(1001, Duration.ZERO))
                .tunnel()
                .id();
        Tab tab = world.closing(browser.tab(server, "en-US"));
        tab.signIn("/ui/manager").await(".list-body [data-id='" + first + "']");
        tab.at("#create").click();
        tab.at("#f-comment").fill("half written");
        tab.failing(() -> {
            server.program().kill();
            tab.await(".banner[role=alert]:not([hidden])");
            tab.at("#f-target0").fill("1003");
            tab.at("form.create button:not([type])").click();
            tab.at("form.create > .fault:not(:empty)").waitFor();
            world.again(server);
            assertThat(tab.at(".banner[role=alert]")).isHidden();
        });
        assertThat(tab.at("#f-comment")).hasValue("half written");
        tab.page.keyboard().press("Escape");
        long second = server.client()
                .create(NewTunnel.to(1002, Duration.ZERO))
                .tunnel()
                .id();
        tab.await(".list-body [data-id='" + second + "']");
        server.client().remove(first);
        assertThat(tab.at(".list-body .row:not([hidden])")).hasCount(1);
        tab.isClean();
    }

    @Test
    void theListIsLightAndSoonThere() throws Exception {
        RunningServer server = world.server();
        server.client().create(NewTunnel.to(1001, Duration.ZERO));
        Tab tab = world.closing(browser.tab(server, "en-US"));
        tab.signIn("/ui/manager").await(".list-body .row");
        // All that came for the door and the list, before anything is kept by the browser.
        Number weight = (Number) tab.page.evaluate(
                "() => [...performance.getEntriesByType('resource'), ...performance.getEntriesByType('navigation')]"
                        + ".reduce((sum, each) => sum + each.encodedBodySize, 0)");
        assertThat(weight.intValue()).isBetween(20_000, 150_000);
        double[] paints = new double[LOADS];
        for (int i = 0; i < LOADS; i++) {
            tab.go("/ui/manager").await(".list-body .row");
            paints[i] = ((Number) tab.page.evaluate("() => performance.getEntriesByType('paint')[0].startTime"))
                    .doubleValue();
        }
        Arrays.sort(paints);
        System.out.printf(
                "The list weighs %,d bytes; first paint of %d loads: median %.0f ms, %.0f to %.0f ms%n",
                weight.intValue(), LOADS, paints[LOADS / 2], paints[0], paints[LOADS - 1]);
        assertThat(paints[LOADS / 2]).isLessThan(500);
        tab.isClean();
    }
}
