package io.culvert.web;

import static io.culvert.web.RunningServer.json;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where a request is said to come from, as the audit has it: whom the server believes, and how far. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PeersTest {
    /** This machine, and a network of proxies behind it. */
    private static boolean isProxy(InetAddress address) {
        return address.isLoopbackAddress() || address.getHostAddress().startsWith("10.");
    }

    private RunningServer behind;
    private RunningServer alone;

    @BeforeAll
    void start(@TempDir Path data) {
        behind = RunningServer.with(
                data.resolve("behind"),
                RunningServer.plain(WebLimits.defaults()).behind(PeersTest::isProxy));
        alone = RunningServer.keyed(data.resolve("alone"));
    }

    @AfterAll
    void stop() {
        behind.close();
        alone.close();
    }

    /** Makes a tunnel, and reads in the audit where that came from. */
    private static String address(RunningServer server, String header, String value) {
        HttpRequest.Builder request = server.to("/api/v1/tunnels")
                .header("Authorization", "Bearer " + RunningServer.KEY)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{\"exposes\":[{\"target\":\"127.0.0.1:22\"}]}"));
        HttpResponse<String> created = server.send(request.header(header, value));
        assertThat(created.statusCode()).as(created.body()).isEqualTo(201);
        String target = "tunnel/" + json(created).getLong("id");
        return json(server.get("/api/v1/audit?operation=createTunnel&target=" + target))
                .getJsonArray("entries")
                .getJsonObject(0)
                .getString("address");
    }

    @ParameterizedTest
    @CsvSource({
        "X-Forwarded-For, 203.0.113.7",
        "Forwarded, for=203.0.113.7;proto=https",
        "X-Forwarded-For, '203.0.113.7, 10.1.1.1'",
    })
    void whoeverIsNoProxyIsNotBelieved(String header, String value) {
        assertThat(address(alone, header, value)).isEqualTo("127.0.0.1");
    }

    @ParameterizedTest
    @CsvSource({
        "203.0.113.7,                                       203.0.113.7",
        "203.0.113.7:4711,                                  203.0.113.7",
        "2001:db8::7,                                       2001:db8:0:0:0:0:0:7",
        // What the caller itself wrote in front is not believed.
        "'198.51.100.66, 203.0.113.7',                      203.0.113.7",
        "'127.0.0.1, 203.0.113.7',                          203.0.113.7",
        "'10.9.9.9, 203.0.113.7',                           203.0.113.7",
        // Several proxies: the first address, from here, that is none of them.
        "'203.0.113.7, 10.1.1.1',                           203.0.113.7",
        "'198.51.100.66, 203.0.113.7, 10.1.1.1, 10.2.2.2',  203.0.113.7",
        // Who is behind a proxy that says nonsense is not known: the proxy counts.
        "nonsense,                                          127.0.0.1",
        "'203.0.113.7, nonsense',                           127.0.0.1",
        "'203.0.113.7, evil.example, 10.1.1.1',             10.1.1.1",
    })
    void ofTheChainOnlyWhatProxiesWroteCounts(String value, String from) {
        assertThat(address(behind, "X-Forwarded-For", value)).isEqualTo(from);
    }

    @ParameterizedTest
    @CsvSource({
        "for=203.0.113.7,                                  203.0.113.7",
        "'For=\"[2001:db8::7]:4711\";proto=https',          2001:db8:0:0:0:0:0:7",
        "'for=198.51.100.66, for=203.0.113.7;by=10.1.1.1, for=10.1.1.1', 203.0.113.7",
        "for=unknown,                                      127.0.0.1",
    })
    void theStandardHeaderIsReadToo(String value, String from) {
        assertThat(address(behind, "Forwarded", value)).isEqualTo(from);
    }

    @Test
    void whereTheTwoDifferNeitherCounts() {
        HttpRequest.Builder request = behind.to("/api/v1/tunnels/9007199254740991")
                .header("Authorization", "Bearer " + RunningServer.KEY)
                .header("X-Forwarded-For", "203.0.113.7")
                .header("Forwarded", "for=198.51.100.66")
                .DELETE();
        assertThat(behind.send(request).statusCode()).isEqualTo(404);
        assertThat(json(behind.get("/api/v1/audit?operation=deleteTunnel"))
                        .getJsonArray("entries")
                        .getJsonObject(0)
                        .getString("address"))
                .isEqualTo("127.0.0.1");
    }

    @Test
    void onlyACertificateThatBrowsersBelieveShutsThemOutOfPlainHttp(@TempDir Path data) {
        WebCertificate own = TestTls.certificate("127.0.0.1");
        WebSettings plain = RunningServer.plain(WebLimits.defaults());
        try (RunningServer server = RunningServer.with(data.resolve("own"), plain.with(own))) {
            assertThat(server.send(server.to("/healthz")).headers().firstValue("Strict-Transport-Security"))
                    .isEmpty();
        }
        try (RunningServer server = RunningServer.with(data.resolve("public"), plain.with(TestTls.trusted(own)))) {
            for (String path : List.of("/healthz", "/ui/manager", "/api/v1/tunnels", "/nothing")) {
                assertThat(server.send(server.to(path)).headers().firstValue("Strict-Transport-Security"))
                        .as(path)
                        .hasValue("max-age=31536000");
            }
        }
        assertThat(alone.send(alone.to("/healthz")).headers().firstValue("Strict-Transport-Security"))
                .as("by plain http")
                .isEmpty();
    }
}
