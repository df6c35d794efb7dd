package io.culvert.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The page: that it is there, whole, and cannot be made to run what is not ours. */
class AssetsTest {
    private static final List<String> PAGES = List.of("/ui/manager", "/ui/login", "/docs", "/docs/problems");

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
            for (String script : List.of("/ui/manager.js", "/ui/login.js")) {
                Matcher names = Pattern.compile("from '([^']+)'")
                        .matcher(server.send(server.to(script)).body());
                assertThat(names.find()).isTrue();
                do {
                    assertThat(server.send(server.to(names.group(1))).headers().firstValue("Content-Type"))
                            .hasValue("text/javascript; charset=utf-8");
                } while (names.find());
            }
        }
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

    @ParameterizedTest
    @ValueSource(strings = {"manager.html", "login.html", "manager.js", "login.js"})
    void everyWordIsThereInBothLanguages(String resource) throws IOException {
        String words = text("words.js");
        int zh = words.indexOf("zh: {");
        TreeSet<String> used = new TreeSet<>();
        Matcher marks = Pattern.compile("data-t=\"([^\"]+)\"|\\bt\\('([^']+)'").matcher(text(resource));
        while (marks.find()) {
            used.add(marks.group(1) != null ? marks.group(1) : marks.group(2));
        }
        assertThat(used).isNotEmpty().allSatisfy(name -> {
            Pattern entry = Pattern.compile("^ {4}'?" + Pattern.quote(name) + "'?: '", Pattern.MULTILINE);
            assertThat(words.substring(0, zh)).containsPattern(entry);
            assertThat(words.substring(zh)).containsPattern(entry);
        });
    }

    private static String text(String resource) throws IOException {
        try (InputStream in = AssetsTest.class.getResourceAsStream("ui/" + resource)) {
            assertThat(in).isNotNull();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
