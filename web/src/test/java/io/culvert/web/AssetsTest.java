package io.culvert.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The page: that it is there, whole, and cannot be made to run what is not ours. */
class AssetsTest {
    private static final List<String> PLACES =
            List.of("/ui/manager", "/ui/login", "/ui/server", "/ui/access", "/ui/tunnel/7");
    private static final List<String> PAGES = List.of("/ui/manager", "/docs", "/docs/problems");
    private static final Pattern ENTRY = Pattern.compile("^ {2}'?([^'\\s]+?)'?: '", Pattern.MULTILINE);

    @TempDir
    Path data;

    @Test
    void theRootLeadsToThePage() {
        try (RunningServer server = RunningServer.keyed(data)) {
            HttpResponse<String> root = server.send(server.to("/"));
            assertThat(root.statusCode()).isEqualTo(302);
            assertThat(root.headers().firstValue("Location")).hasValue("/ui/manager");
        }
    }

    @Test
    void everythingThePagesNameIsServed() {
        try (RunningServer server = RunningServer.keyed(data)) {
            for (String page : PAGES) {
                HttpResponse<String> html = server.send(server.to(page));
                assertThat(html.statusCode()).isEqualTo(200);
                assertThat(html.headers().firstValue("Content-Type")).hasValue("text/html; charset=utf-8");
                Matcher names = Pattern.compile("(?:src|href)=\"([^\"]+)\"").matcher(html.body());
                int found = 0;
                while (names.find()) {
                    found++;
                    assertThat(server.send(server.to(names.group(1))).statusCode())
                            .as(names.group(1))
                            .isEqualTo(200);
                }
                assertThat(found).isGreaterThan(3);
            }
        }
    }

    @Test
    void everyScriptFindsWhatItImports() {
        try (RunningServer server = RunningServer.keyed(data)) {
            Deque<String> open = new ArrayDeque<>(List.of("/ui/app.js"));
            Set<String> seen = new HashSet<>(open);
            while (!open.isEmpty()) {
                String path = open.pop();
                HttpResponse<String> script = server.send(server.to(path));
                assertThat(script.statusCode()).as(path).isEqualTo(200);
                assertThat(script.headers().firstValue("Content-Type")).hasValue("text/javascript; charset=utf-8");
                assertThat(script.body()).doesNotContain("sourceMappingURL").doesNotContain("innerHTML = ");
                Matcher names = Pattern.compile("(?:\\bfrom|\\bimport\\(?)\\s*['\"](\\.{0,2}/[^'\"]+)['\"]")
                        .matcher(script.body());
                while (names.find()) {
                    String wanted = URI.create(path).resolve(names.group(1)).toString();
                    if (seen.add(wanted)) {
                        open.push(wanted);
                    }
                }
            }
            // Every script that is served is there for somebody.
            Assets.SCRIPTS.stream()
                    .filter(name -> !name.equals("early") && !name.startsWith("words-"))
                    .forEach(name -> assertThat(seen).contains("/ui/" + name + ".js"));
            assertThat(seen).contains("/ui/lib/lit-html/lit-html.js", "/ui/lib/uplot/uplot.js");
        }
    }

    @Test
    void allPlacesOfThePageAreOneDocument() {
        try (RunningServer server = RunningServer.keyed(data)) {
            String page = server.send(server.to("/ui/manager")).body();
            assertThat(page).contains("<culvert-app>");
            for (String place : PLACES) {
                assertThat(server.send(server.to(place)).body()).as(place).isEqualTo(page);
            }
            for (String none : List.of("/ui/tunnel/", "/ui/tunnel/x", "/ui/tunnel/7/8", "/ui/app.html", "/ui/lib/")) {
                assertThat(server.send(server.to(none)).statusCode()).as(none).isEqualTo(404);
            }
        }
    }

    @Test
    void browsersGetItCompressedAndOthersPlain() throws IOException {
        try (RunningServer server = RunningServer.keyed(data)) {
            HttpResponse<String> plain = server.send(server.to("/ui/manager.js"));
            assertThat(plain.headers().firstValue("Content-Encoding")).isEmpty();
            String small = server.rawBytes(String.join(
                    "\r\n",
                    "GET /ui/manager.js HTTP/1.1",
                    "Host: localhost",
                    "Accept-Encoding: br, gzip;q=0.5",
                    "Connection: close",
                    "",
                    ""));
            assertThat(small).contains("Content-Encoding: gzip\r\n").contains("Vary: Accept-Encoding\r\n");
            byte[] body = small.substring(small.indexOf("\r\n\r\n") + 4).getBytes(StandardCharsets.ISO_8859_1);
            assertThat(body.length).isLessThan(plain.body().length() / 2);
            try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(body))) {
                assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8))
                        .isEqualTo(plain.body());
            }
            assertThat(plain.headers().firstValue("ETag").orElse(""))
                    .isNotIn(small.lines().toList());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "gzip,true",
        "'br, gzip',true",
        "'GZIP;q=0.1',true",
        "'gzip;q=0',false",
        "'gzip; q=0.0',false",
        "br,false",
        ",false"
    })
    void gzipIsTakenWhereItIsNamed(@Nullable String accepted, boolean taken) {
        assertThat(Asset.takesGzip(accepted)).isEqualTo(taken);
    }

    @Test
    void thePolicyAllowsOnlyOurOwnFilesAndThePagesHaveNothingElse() {
        try (RunningServer server = RunningServer.keyed(data)) {
            for (String page : PAGES) {
                HttpResponse<String> html = server.send(server.to(page));
                assertThat(html.headers().firstValue("Content-Security-Policy").orElse(""))
                        .startsWith("default-src 'none'; script-src 'self'; style-src 'self';")
                        .contains("frame-ancestors 'none'")
                        .doesNotContain("unsafe");
                assertThat(html.body())
                        .doesNotContainPattern("<script(?![^>]* src=)")
                        .doesNotContainPattern("<style|\\sstyle=|\\son[a-z]+=|https?://");
            }
        }
    }

    @Test
    void aPageThatIsUnchangedIsNotSentAgain() {
        try (RunningServer server = RunningServer.keyed(data)) {
            HttpResponse<String> first = server.send(server.to("/ui/manager.js"));
            String tag = first.headers().firstValue("ETag").orElse("");
            HttpResponse<String> again = server.send(server.to("/ui/manager.js").header("If-None-Match", tag));
            assertThat(again.statusCode()).isEqualTo(304);
            assertThat(again.body()).isEmpty();
            HttpResponse<String> other = server.send(server.to("/ui/manager.js").header("If-None-Match", "\"0\""));
            assertThat(other.statusCode()).isEqualTo(200);
            HttpResponse<String> head =
                    server.send(server.to("/ui/manager.js").method("HEAD", BodyPublishers.noBody()));
            assertThat(head.headers().firstValue("Content-Length"))
                    .hasValue(Integer.toString(first.body().getBytes(StandardCharsets.UTF_8).length));
        }
    }

    @Test
    void everyWordIsThereInBothLanguages() throws IOException {
        Set<String> english = names("words-en.js");
        assertThat(english).hasSizeGreaterThan(200).isEqualTo(names("words-zh.js"));
        Set<String> used = new TreeSet<>();
        for (String script : Assets.SCRIPTS) {
            if (!script.startsWith("words-")) {
                Matcher marks = Pattern.compile("\\b(?:t|counted)\\('([^']+)'").matcher(text(script + ".js"));
                marks.results().forEach(mark -> used.add(mark.group(1)));
            }
        }
        assertThat(used).hasSizeGreaterThan(100);
        assertThat(english).containsAll(used);
    }

    private static Set<String> names(String resource) throws IOException {
        List<String> all = ENTRY.matcher(text(resource))
                .results()
                .map(entry -> entry.group(1))
                .toList();
        assertThat(all).doesNotHaveDuplicates();
        return new TreeSet<>(all);
    }

    private static String text(String resource) throws IOException {
        try (InputStream in = AssetsTest.class.getResourceAsStream("ui/" + resource)) {
            assertThat(in).isNotNull();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
