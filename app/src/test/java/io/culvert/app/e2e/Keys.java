package io.culvert.app.e2e;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.CDPSession;
import com.microsoft.playwright.Download;

/** Somebody without a mouse, and the tab in front of them. One thread. */
final class Keys implements AutoCloseable {
    // More stops than any of the pages has.
    private static final int STOPS = 200;
    // Whether the focus is at the wanted element. Between the page's end and its beginning it is nowhere; a view that
    // has just come has it itself.
    private static final String AT = """
            (what) => {
              const at = document.activeElement;
              if (at === document.body || at.id === 'main') {
                return false;
              }
              if (getComputedStyle(at).outlineStyle === 'none' && !at.closest('[role=menu]')) {
                throw new Error(`nobody sees that the focus is at ${at.outerHTML.slice(0, 200)}`);
              }
              return at.matches(what);
            }""";

    final Tab tab;
    private final Handlers handlers;
    private final CDPSession counts;

    /** @param handlers learns what the keys called */
    Keys(Tab tab, Handlers handlers) {
        this.tab = tab;
        this.handlers = handlers;
        this.counts = handlers.watch(tab);
    }

    /** Goes to a place, and comes in with the admin key. */
    Keys signIn(RunningServer server, String place) {
        tab.go(place).page.waitForURL("**/ui/login*");
        tab.await("#login input:focus");
        if (tab.at("[name=key]").count() == 0) {
            go("#login-way", "Enter");
        }
        assertThat(tab.at("[name=key]")).isFocused();
        type(server.key());
        press("Enter");
        tab.page.waitForURL("**" + place);
        return this;
    }

    /** Goes to another place, by its address. */
    void visit(String place) {
        handlers.take(counts);
        tab.go(place);
    }

    void press(String... keys) {
        for (String key : keys) {
            tab.page.keyboard().press(key);
        }
    }

    void type(String text) {
        tab.page.keyboard().type(text);
    }

    /** Tabs to what a selector names, sees at each stop on the way where the focus is, and presses keys there. */
    void go(String selector, String... keys) {
        tab.await(selector);
        for (int i = 0; i < STOPS; i++) {
            press("Tab");
            if ((Boolean) tab.page.evaluate(AT, selector)) {
                press(keys);
                return;
            }
        }
        throw new AssertionError(selector + ": not reached in " + STOPS + " steps (expected: a stop of the Tab key)");
    }

    /** Tabs to a field and writes into it, in place of what is there. */
    void write(String selector, String text) {
        go(selector, "Control+a");
        type(text);
    }

    /** Says yes where a dialog asks; it stands on no at first. */
    void confirm() {
        tab.await("dialog[open] button");
        go("dialog[open] .buttons button:first-child", "Enter");
        left(0);
    }

    /** Says no where a dialog asks. */
    void refuse() {
        go("dialog[open] .buttons button:last-child", "Enter");
        left(0);
    }

    /**
     * Waits until so many dialogs are left: one that is closed gives the focus back when it goes, a moment later, and a key in between would go
     * elsewhere.
     */
    void left(int dialogs) {
        assertThat(tab.at("dialog")).hasCount(dialogs);
    }

    /** First no, then yes. */
    void sure(String selector, String key) {
        go(selector, key);
        refuse();
        go(selector, key);
        confirm();
    }

    Download download(String selector) {
        return tab.page.waitForDownload(() -> go(selector, "Enter"));
    }

    /** Nothing went wrong; what was called is told. */
    @Override
    public void close() {
        handlers.take(counts);
        tab.close();
    }
}
