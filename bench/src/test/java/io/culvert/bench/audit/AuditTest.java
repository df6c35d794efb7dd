package io.culvert.bench.audit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The audit against a database that answers as OSV documents it. */
class AuditTest {
    private static final String BOTH_CLEAN = "{\"results\":[{},{}]}";

    @TempDir
    Path directory;

    private final ByteArrayOutputStream said = new ByteArrayOutputStream();
    private final List<String> questions = new ArrayList<>();
    private HttpServer osv;
    private int status = 200;
    private String answer = BOTH_CLEAN;
    private Path sbom;
    private Path list;

    @BeforeEach
    void start() throws IOException {
        osv = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        osv.createContext("/v1/querybatch", exchange -> {
            questions.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
        osv.start();
        sbom = write("bom.json", """
                {"bomFormat":"CycloneDX","components":[
                 {"purl":"pkg:maven/io.netty/netty-handler@4.2.12.Final?type=jar"},
                 {"purl":"pkg:maven/io.netty/netty-handler@4.2.12.Final?classifier=linux-x86_64&type=jar"},
                 {"purl":"pkg:maven/io.culvert/culvert-link@0.1.0?type=jar"},
                 {"purl":"pkg:maven/org.yaml/snakeyaml@2.5?type=jar"}]}""");
        list = write("list.tsv", "# nothing\n");
    }

    @AfterEach
    void stop() {
        osv.stop(0);
    }

    @Test
    void everyLibraryIsAskedForOnceAndByVersion() throws Exception {
        assertThat(audit()).isEqualTo(Audit.CLEAN);
        assertThat(new ObjectMapper().readTree(questions.get(0))).isEqualTo(new ObjectMapper().readTree("""
                {"queries":[{"package":{"purl":"pkg:maven/io.netty/netty-handler@4.2.12.Final"}},
                            {"package":{"purl":"pkg:maven/org.yaml/snakeyaml@2.5"}}]}"""));
        assertThat(said()).contains("2 libraries, 0 known holes");
    }

    @Test
    void whatTheDatabaseKnowsFails() throws Exception {
        answer = "{\"results\":[{},{\"vulns\":[{\"id\":\"GHSA-aaaa-bbbb-cccc\",\"modified\":\"2026-01-01T00:00:00Z\"}],"
                + "\"next_page_token\":\"x\"}]}";
        assertThat(audit()).isEqualTo(Audit.HOLES);
        assertThat(said())
                .contains(
                        "org.yaml:snakeyaml 2.5: GHSA-aaaa-bbbb-cccc, says http://127.0.0.1",
                        "more than one page of them");
    }

    @Test
    void whatOurOwnListKnowsFails() throws Exception {
        list = write(
                "list.tsv",
                "# a comment\nio.netty:netty-*\t4.2.15.Final\tCVE-2026-42577\thalf-close\norg.yaml:snakeyaml\t2.0\tCVE-2022-1471\told\n");
        assertThat(audit()).isEqualTo(Audit.HOLES);
        assertThat(said())
                .contains("io.netty:netty-handler 4.2.12.Final: CVE-2026-42577, good from 4.2.15.Final: half-close")
                .doesNotContain("CVE-2022-1471");
    }

    @Test
    void whatDoesNotConcernUsIsToldAndNotCounted() throws Exception {
        answer = "{\"results\":[{},{\"vulns\":[{\"id\":\"GHSA-aaaa-bbbb-cccc\"}]}]}";
        list = write("list.tsv", "!\tGHSA-aaaa-bbbb-cccc\tno YAML of strangers is read\n");
        assertThat(audit()).isEqualTo(Audit.CLEAN);
        assertThat(said())
                .contains(
                        "org.yaml:snakeyaml 2.5: GHSA-aaaa-bbbb-cccc does not concern us: no YAML of strangers is read");
        list = write("list.tsv", "!\tGHSA-aaaa-bbbb-cccc\t\n");
        assertThat(audit()).as("without a reason").isEqualTo(Audit.BROKEN);
    }

    @Test
    void silenceIsNoPass() throws Exception {
        for (String rubbish : List.of("", "<html>", "{}", "{\"results\":[{}]}", "[]")) {
            answer = rubbish;
            assertThat(audit()).as(rubbish).isEqualTo(Audit.UNASKED);
        }
        answer = BOTH_CLEAN;
        status = 503;
        assertThat(audit()).isEqualTo(Audit.UNASKED);
        assertThat(said()).contains("was NOT asked", "status 503");
        osv.stop(0);
        assertThat(audit()).isEqualTo(Audit.UNASKED);
        list = write("list.tsv", "io.netty:netty-handler\t5\tCVE-1\tx\n");
        assertThat(audit()).as("known anyhow").isEqualTo(Audit.HOLES);
    }

    @Test
    void aBillThatSaysNothingIsNoPass() throws Exception {
        for (String rubbish :
                List.of("", "{}", "{\"components\":[]}", "{\"components\":[{\"purl\":\"pkg:npm/x@1\"}]}")) {
            sbom = write("bom.json", rubbish);
            assertThat(audit()).as(rubbish).isEqualTo(Audit.BROKEN);
        }
        sbom = directory.resolve("missing.json");
        assertThat(audit()).isEqualTo(Audit.BROKEN);
        assertThat(questions).isEmpty();
    }

    @Test
    void versionsAreComparedByTheirNumbers() {
        assertThat(Advisory.isOlder("4.2.9.Final", "4.2.15.Final")).isTrue();
        assertThat(Advisory.isOlder("4.2.15.Final", "4.2.15.Final")).isFalse();
        assertThat(Advisory.isOlder("3.54.1.0", "3.54.1")).isFalse();
        assertThat(Advisory.isOlder("2", "2.0.1")).isTrue();
        assertThat(Advisory.isOlder("10.10", "9.37.2")).isFalse();
    }

    private int audit() throws InterruptedException {
        return Audit.run(
                sbom,
                list,
                URI.create("http://127.0.0.1:" + osv.getAddress().getPort() + "/"),
                Duration.ofSeconds(10),
                new PrintStream(said, true, StandardCharsets.UTF_8));
    }

    private String said() {
        return said.toString(StandardCharsets.UTF_8);
    }

    private Path write(String name, String text) {
        try {
            return Files.writeString(directory.resolve(name), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
