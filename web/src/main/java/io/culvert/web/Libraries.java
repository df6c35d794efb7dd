package io.culvert.web;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The page's libraries, from the WebJars that the pom names. Browsers resolve {@code import 'lit-html'} by an import map, which our policy
 * would have to allow as an inline script; so the names are replaced by addresses here, once, when they are read. Stateless, any thread.
 */
final class Libraries {
    private static final String ROOT = "/META-INF/resources/webjars/";
    private static final String LIT_HTML = "lit-html/3.3.2/";

    /** Where each file is served, and where it lies. */
    static final List<Library> ALL = List.of(
            new Library("/ui/lib/lit/index.js", "lit/3.3.1/index.js"),
            new Library("/ui/lib/lit-element/lit-element.js", "lit-element/4.2.2/lit-element.js"),
            new Library(
                    "/ui/lib/reactive-element/reactive-element.js", "lit__reactive-element/2.1.2/reactive-element.js"),
            new Library("/ui/lib/reactive-element/css-tag.js", "lit__reactive-element/2.1.2/css-tag.js"),
            new Library("/ui/lib/lit-html/lit-html.js", LIT_HTML + "lit-html.js"),
            new Library("/ui/lib/lit-html/is-server.js", LIT_HTML + "is-server.js"),
            new Library("/ui/lib/lit-html/directive.js", LIT_HTML + "directive.js"),
            new Library("/ui/lib/lit-html/directive-helpers.js", LIT_HTML + "directive-helpers.js"),
            new Library("/ui/lib/lit-html/directives/live.js", LIT_HTML + "directives/live.js"),
            new Library("/ui/lib/lit-html/directives/repeat.js", LIT_HTML + "directives/repeat.js"),
            new Library("/ui/lib/uplot/uplot.js", "uplot/1.6.30/dist/uPlot.iife.min.js"),
            new Library("/ui/lib/uplot/uplot.css", "uplot/1.6.30/dist/uPlot.min.css"));

    private static final Map<String, String> NAMES = Map.of(
            "lit-html", "/ui/lib/lit-html/lit-html.js",
            "lit-html/is-server.js", "/ui/lib/lit-html/is-server.js",
            "lit-element/lit-element.js", "/ui/lib/lit-element/lit-element.js",
            "@lit/reactive-element", "/ui/lib/reactive-element/reactive-element.js");

    private static final Pattern IMPORT = Pattern.compile("(\\bfrom|\\bimport)(\\s*)\"([^\"]+)\"");
    private static final Pattern MAP = Pattern.compile("\\n//# sourceMappingURL=.*\\s*$");

    record Library(String path, String resource) {
        boolean isScript() {
            return path.endsWith(".js");
        }

        /** Its bytes, ready for browsers. */
        byte[] read() {
            String text = Libraries.read(resource);
            if (isScript()) {
                text = resolve(MAP.matcher(text).replaceAll("\n"), this);
            }
            if (path.endsWith("/uplot.js")) {
                // The small form of uPlot is a plain script that sets one name; as a module it gives it away.
                text += "\nexport default uPlot;\n";
            }
            return text.getBytes(StandardCharsets.UTF_8);
        }
    }

    private Libraries() {}

    private static String resolve(String script, Library library) {
        Matcher imports = IMPORT.matcher(script);
        StringBuilder resolved = new StringBuilder(script.length());
        while (imports.find()) {
            String name = imports.group(3);
            if (Stream.of("./", "../").noneMatch(name::startsWith)) {
                String path = NAMES.get(name);
                if (path == null) {
                    throw new IllegalStateException(
                            library.resource() + " imports '" + name + "' (expected: one of " + NAMES.keySet() + ")");
                }
                name = path;
            }
            imports.appendReplacement(
                    resolved, Matcher.quoteReplacement(imports.group(1) + imports.group(2) + '"' + name + '"'));
        }
        return imports.appendTail(resolved).toString();
    }

    private static String read(String resource) {
        try (InputStream in = Libraries.class.getResourceAsStream(ROOT + resource)) {
            if (in == null) {
                throw new IllegalStateException(
                        "library: '" + resource + "' (expected: on the class path, in the version that the pom names)");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
