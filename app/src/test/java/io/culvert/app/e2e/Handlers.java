package io.culvert.app.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.microsoft.playwright.CDPSession;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * What the page does when something is pressed, chosen or written: each handler in its sources, and which of them ran, as the browser itself
 * counts. So nobody has to remember to test a button. One thread.
 */
final class Handlers {
    private static final String UI = "io/culvert/web/ui/";
    // <button @click=${...}>, an entry of a menu, and what a key of the list does: { n: () => ... }.
    private static final Pattern HANDLER = Pattern.compile(
            "@[a-z]+=\\$\\{|\\bact: (?=\\()|(?<=[ {](?:'.'|[A-Za-z?]{1,11})): (?=\\(\\) => (?:\\(|this\\.#|this\\.query|go|end|renew))");
    private static final Pattern NAME = Pattern.compile("[a-z]+(?=\\})");

    /** Of each script, the places where functions begin that ran. */
    private final Map<String, Set<Integer>> ran = new TreeMap<>();

    /** Has the browser count what the scripts of a tab run, from its next document on. */
    CDPSession watch(Tab tab) {
        CDPSession session = tab.page.context().newCDPSession(tab.page);
        session.send("Profiler.enable");
        JsonObject each = new JsonObject();
        each.addProperty("callCount", true);
        each.addProperty("detailed", false);
        session.send("Profiler.startPreciseCoverage", each);
        return session;
    }

    /** Takes what was counted since the last document was loaded. */
    void take(CDPSession session) {
        for (JsonElement script : session.send("Profiler.takePreciseCoverage").getAsJsonArray("result")) {
            JsonObject one = script.getAsJsonObject();
            String url = one.get("url").getAsString();
            for (JsonElement function : one.getAsJsonArray("functions")) {
                JsonObject whole = function.getAsJsonObject()
                        .getAsJsonArray("ranges")
                        .get(0)
                        .getAsJsonObject();
                if (whole.get("count").getAsInt() > 0) {
                    ran.computeIfAbsent(url.substring(url.lastIndexOf('/') + 1), name -> new HashSet<>())
                            .add(whole.get("startOffset").getAsInt());
                }
            }
        }
    }

    /** Each handler of the page in culvert.jar ran. */
    void allRan() throws IOException {
        Set<String> missing = new TreeSet<>();
        int handlers = 0;
        try (ZipFile jar =
                new ZipFile(Path.of(System.getProperty("culvert.jar")).toFile())) {
            for (ZipEntry entry : jar.stream()
                    .filter(it -> it.getName().matches(UI + "[a-z]+\\.js"))
                    .toList()) {
                String name = entry.getName().substring(UI.length());
                String source = new String(jar.getInputStream(entry).readAllBytes(), StandardCharsets.UTF_8);
                Matcher handler = HANDLER.matcher(source);
                while (handler.find()) {
                    handlers++;
                    if (!ran(name, source, handler.end())) {
                        missing.add(place(name, source, handler.start()));
                    }
                }
            }
        }
        System.out.println("The page has " + handlers + " handlers");
        assertThat(handlers).isGreaterThan(120);
        assertThat(missing).as("handlers that nothing called").isEmpty();
    }

    private boolean ran(String name, String source, int at) {
        Matcher constant = NAME.matcher(source).region(at, source.length());
        int function = constant.lookingAt() ? after(source, "const " + constant.group() + " = ", at) : at;
        return ran.getOrDefault(name, Set.of()).contains(function);
    }

    /** Where the last of such words before a place ends. */
    private static int after(String source, String words, int before) {
        return source.lastIndexOf(words, before) + words.length();
    }

    private static String place(String name, String source, int at) {
        long line = 1 + source.substring(0, at).chars().filter(it -> it == '\n').count();
        return "%s:%03d %s"
                .formatted(
                        name,
                        line,
                        source.substring(at, Math.min(source.length(), at + 90)).replaceAll("\\s+", " "));
    }
}
