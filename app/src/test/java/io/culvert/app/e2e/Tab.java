package io.culvert.app.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A page of a browser, and what went wrong in it. One thread. */
final class Tab implements AutoCloseable {
    private static final String AXE = axe();
    // Rules of WCAG 2.2 AA and of good practice, that of the size of targets (2.5.8) included, which axe leaves out
    // where it is not asked for.
    // Where a dialog is open the rest of the page is not there for anybody.
    private static final String CHECK = """
            async () => {
              const found = await axe.run([...document.querySelectorAll('dialog[open]')].at(-1) ?? document, {
                runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
                rules: { 'target-size': { enabled: true } },
                resultTypes: ['violations'],
              });
              return found.violations.map((each) => `${each.id}: ${each.help}\\n`
                + each.nodes.map((node) => `    ${node.target.join(' ')}\\n    ${node.failureSummary}`).join('\\n'));
            }""";
    // Until what has another size is drawn.
    private static final String DRAWN =
            "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))";

    final Page page;
    private final RunningServer server;
    private final List<String> trouble = new ArrayList<>();
    private boolean failing;

    Tab(Page page, RunningServer server) {
        this.page = page;
        this.server = server;
        page.onConsoleMessage(message -> {
            if (List.of("error", "warning").contains(message.type()) && !failing) {
                trouble.add(message.type() + ": " + message.text() + " at " + message.location());
            }
        });
        page.onPageError(error -> trouble.add("thrown: " + error));
        page.onRequest(request -> {
            URI wanted = URI.create(request.url());
            if (List.of("http", "https", "ws", "wss").contains(wanted.getScheme())
                    && !request.url().startsWith(server.url() + "/")) {
                trouble.add("asked elsewhere: " + request.url());
            }
        });
    }

    /** Goes to a place as somebody who has to sign in first, and signs in. */
    Tab signIn(String place) {
        page.navigate(server.url() + place);
        page.waitForURL("**/ui/login*");
        keyField().fill(server.key());
        page.locator("#login button").first().click();
        page.waitForURL("**" + place);
        return this;
    }

    /** The door's field for a key, asked for where users are asked for first. */
    Locator keyField() {
        page.locator("#login input").first().waitFor();
        if (page.locator("[name=key]").count() == 0) {
            page.locator("#login-way").click();
        }
        return page.locator("[name=key]");
    }

    /** Goes to a place as somebody who is in already. */
    Tab go(String place) {
        page.navigate(server.url() + place);
        return this;
    }

    Locator at(String selector) {
        return page.locator(selector);
    }

    /** Waits until there is an element with a text in it. */
    Locator await(String selector, String text) {
        Locator found = page.locator(selector)
                .filter(new Locator.FilterOptions().setHasText(text))
                .first();
        found.waitFor();
        return found;
    }

    /** Waits until there is an element. */
    Locator await(String selector) {
        Locator found = page.locator(selector).first();
        found.waitFor();
        return found;
    }

    /** From now on somebody else looks at it, by another light and through a window of so many pixels. */
    void seenBy(ColorScheme theme, int width, int height) {
        page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(theme));
        page.setViewportSize(width, height);
        page.evaluate(DRAWN);
    }

    /** Axe finds nothing on what is shown now. */
    void isAccessible(String what) {
        assertThat(violations()).as(what).isEmpty();
    }

    /** What axe finds on what is shown now. */
    List<String> violations() {
        if (!(Boolean) page.evaluate("() => 'axe' in window")) {
            page.evaluate(AXE);
        }
        return texts(CHECK);
    }

    /** What a script that gives back a list of texts says. */
    List<String> texts(String script) {
        return ((List<?>) page.evaluate(script)).stream().map(String::valueOf).toList();
    }

    /** Runs something by which requests fail, of each of which the browser itself says so in the console: a wrong key, a server that is away. */
    void failing(Runnable work) {
        failing = true;
        work.run();
        failing = false;
    }

    /** Nothing was said in the console, and nobody else was asked for anything. */
    void isClean() {
        assertThat(trouble).isEmpty();
    }

    /** Keeps a picture, where {@code -Dculvert.images=DIRECTORY} asks for pictures. */
    void picture(String name) {
        @Nullable String directory = System.getProperty("culvert.images");
        if (directory != null) {
            page.screenshot(new Page.ScreenshotOptions().setPath(Path.of(directory, name + ".png")));
        }
    }

    @Override
    public void close() {
        page.context().close();
    }

    private static String axe() {
        try (InputStream in = Tab.class.getResourceAsStream("/axe.min.js")) {
            if (in == null) {
                throw new AssertionError("axe.min.js is missing (expected: on the test class path, from Deque's jar)");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
