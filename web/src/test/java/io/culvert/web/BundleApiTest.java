package io.culvert.web;

import static io.culvert.web.RunningServer.json;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What stock goproxy clients are given. */
class BundleApiTest {
    private static final String INSTANT = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z";

    @TempDir
    Path data;

    private RunningServer server;

    @BeforeEach
    void start() {
        server = RunningServer.keyed(data);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private JsonObject create(String form) {
        return json(server.form("/api/create", form)).getJsonObject("tunnel");
    }

    @Test
    void theSameIsShownUntilAnotherIsAskedFor() {
        create("innet=22");
        HttpResponse<String> first = server.get("/api/bundle?id=1");
        assertThat(json(first).fieldNames()).containsExactly("status", "id", "cert", "key");
        assertThat(json(first).getString("cert")).startsWith("-----BEGIN CERTIFICATE-----");
        assertThat(json(first).getString("key")).startsWith("-----BEGIN ").contains("PRIVATE KEY-----");
        assertThat(first.headers().firstValue("Cache-Control")).hasValue("no-store");
        assertThat(server.get("/api/bundle?id=1&format=json").body()).isEqualTo(first.body());
        HttpResponse<String> other = server.form("/api/bundle", "id=1&reissue=true");
        assertThat(json(other).getString("cert")).isNotEqualTo(json(first).getString("cert"));
        assertThat(json(other).getString("key")).isNotEqualTo(json(first).getString("key"));
        assertThat(other.headers().firstValue("Cache-Control")).hasValue("no-store");
        assertThat(server.get("/api/bundle?id=1").body()).isEqualTo(other.body());
        assertThat(json(server.json("/api/bundle", "{\"id\":1,\"reissue\":true}"))
                        .getString("key"))
                .isNotEqualTo(json(other).getString("key"));
    }

    @ParameterizedTest
    @CsvSource({
        "'',               proxy client -P 127.0.0.1:BRIDGE -C proxy.crt -K proxy.key",
        "&compress=true,   proxy client -P 127.0.0.1:BRIDGE -C proxy.crt -K proxy.key -c",
        "&bridge_tls=false,proxy client -t tcp -P 127.0.0.1:BRIDGE"
    })
    void theFilesComeWithTheLineThatUsesThem(String form, String line) throws IOException {
        JsonObject tunnel = create("innet=22" + form);
        Map<String, String> files = unzip(raw("127.0.0.1:8080"));
        assertThat(files.keySet()).containsExactly("proxy.crt", "proxy.key", "README.txt");
        JsonObject bundle = json(server.get("/api/bundle?id=1"));
        assertThat(files.get("proxy.crt")).isEqualTo(bundle.getString("cert"));
        assertThat(files.get("proxy.key")).isEqualTo(bundle.getString("key"));
        assertThat(files.get("README.txt"))
                .containsPattern("good until " + INSTANT + "\\. Fetch the bundle again after " + INSTANT + " and\nput")
                .contains("    " + line.replace("BRIDGE", String.valueOf(tunnel.getInteger("bridge_port"))) + "\n")
                .contains("    proxy client -P 127.0.0.1:" + server.gateway.bridgePort()
                        + " -C proxy.crt -K proxy.key --k t1\n");
    }

    @ParameterizedTest
    @CsvSource({
        "example.org, example.org",
        "example.org:80, example.org",
        "[2001:db8::1]:8000, [2001:db8::1]",
        "x;reboot, SERVER",
        "$(reboot), SERVER",
        "-x, SERVER",
        "'', SERVER"
    })
    void aHostGoesIntoTheLineOnlyWhereItIsHarmless(String header, String shown) throws IOException {
        create("innet=22");
        assertThat(unzip(raw(header)).get("README.txt"))
                .contains(" -P " + shown + ":" + server.gateway.bridgePort() + " ");
    }

    @Test
    void theDownloadHasAName() {
        create("innet=22");
        HttpResponse<String> zip = server.get("/api/bundle?id=1&format=zip");
        assertThat(zip.headers().firstValue("Content-Type")).hasValue("application/zip");
        assertThat(zip.headers().firstValue("Content-Disposition"))
                .hasValue("attachment; filename=\"culvert-tunnel-1.zip\"");
        assertThat(zip.headers().firstValue("Cache-Control")).hasValue("no-store");
        assertThat(zip.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
    }

    /** The body of an answer to a request with this {@code Host}, one char for each byte. */
    private String raw(String host) throws IOException {
        String answer = server.rawBytes("GET /api/bundle?id=1&format=zip HTTP/1.1\r\nHost: " + host
                + "\r\nAuthorization: Bearer " + RunningServer.KEY + "\r\nConnection: close\r\n\r\n");
        assertThat(answer).startsWith("HTTP/1.1 200 ");
        return answer.substring(answer.indexOf("\r\n\r\n") + 4);
    }

    private static Map<String, String> unzip(String bytes) throws IOException {
        Map<String, String> files = new LinkedHashMap<>();
        try (ZipInputStream zip =
                new ZipInputStream(new ByteArrayInputStream(bytes.getBytes(StandardCharsets.ISO_8859_1)))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                files.put(entry.getName(), new String(zip.readAllBytes(), StandardCharsets.UTF_8));
            }
        }
        return files;
    }
}
