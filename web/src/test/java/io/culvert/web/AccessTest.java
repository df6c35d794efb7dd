package io.culvert.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.control.Caller;
import io.culvert.web.caller.Doorman;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who gets in, with keys and without. */
class AccessTest {
    private static final String REFUSED = "{\"status\":\"error\",\"error_info\":\"Authorization failed.\"}";

    @TempDir
    Path data;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api/list",
                "/api/query",
                "/api/query?id=abc",
                "/api/query?id=99",
                "/api/bundle?id=1",
                "/api/bundle?id=1&format=zip",
                "/api/list?key=",
                "/api/list?key=wrong",
                "/api/list?unknown=1",
                "/api/list?key=correct-horse-battery&key=wrong",
                "/api/list?key=CORRECT-HORSE-BATTERY"
            })
    void withoutAGoodKeyNothingIsLookedAt(String path) {
        try (RunningServer server = RunningServer.keyed(data)) {
            HttpResponse<String> response = server.send(server.to(path));
            assertThat(response.statusCode()).isEqualTo(401);
            assertThat(response.body()).isEqualTo(REFUSED);
            assertThat(response.headers().firstValue("WWW-Authenticate")).isPresent();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "Bearer", "Bearer ", "Bearer wrong", "Basic correct-horse-battery", "correct-horse-battery"})
    void aHeaderThatIsNoGoodKey(String header) {
        try (RunningServer server = RunningServer.keyed(data)) {
            assertThat(server.send(server.to("/api/list").header("Authorization", header))
                            .body())
                    .isEqualTo(REFUSED);
        }
    }

    @Test
    void changesAreRefusedBeforeTheirParametersAreLookedAt() {
        try (RunningServer server = RunningServer.keyed(data)) {
            for (String body : new String[] {"innet=22", "innet=nonsense", "innet=%zz", "innet=22&key=wrong", ""}) {
                HttpResponse<String> response = server.send(server.to("/api/create")
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(BodyPublishers.ofString(body)));
                assertThat(response.statusCode()).as(body).isEqualTo(401);
                assertThat(response.body()).isEqualTo(REFUSED);
            }
            assertThat(server.tunnels.list(Caller.trusted("test"))).isEmpty();
        }
    }

    @Test
    void thePageAndTheHealthNeedNoKey() {
        try (RunningServer server = RunningServer.keyed(data)) {
            assertThat(server.send(server.to("/healthz")).body()).isEqualTo("ok");
            assertThat(server.send(server.to("/ui/login")).statusCode()).isEqualTo(200);
        }
    }

    @Test
    void anOpenApiAnswersThisMachinesPrograms() throws IOException {
        try (RunningServer server = RunningServer.open(data)) {
            assertThat(server.send(server.to("/api/list")).statusCode()).isEqualTo(200);
            assertThat(server.send(server.to("/api/list?key=whatever")).statusCode())
                    .isEqualTo(200);
            for (String host : new String[] {
                "localhost:8000", "127.0.0.1", "127.8.9.10:1", "[::1]:8000", "LOCALHOST", "a.localhost"
            }) {
                assertThat(list(server, host, "")).as(host).startsWith("HTTP/1.1 200 ");
            }
            assertThat(list(
                            server,
                            "localhost:8000",
                            "Origin: http://localhost:8000\r\nSec-Fetch-Site: same-origin\r\n"))
                    .startsWith("HTTP/1.1 200 ");
            assertThat(list(server, "localhost", "Sec-Fetch-Site: none\r\n")).startsWith("HTTP/1.1 200 ");
        }
    }

    @Test
    void anOpenApiRefusesOtherSitesPages() throws IOException {
        try (RunningServer server = RunningServer.open(data)) {
            for (String host : new String[] {
                "evil.example",
                "evil.example:8000",
                "localhost.evil.example",
                "127.0.0.1.evil.example",
                "10.0.0.1",
                "",
                "[::2]",
                "localhost@evil"
            }) {
                assertThat(list(server, host, "")).as(host).startsWith("HTTP/1.1 4");
            }
            for (String header : new String[] {
                "Origin: http://evil.example",
                "Origin: null",
                "Origin: http://localhost:3000",
                "Sec-Fetch-Site: cross-site",
                "Sec-Fetch-Site: same-site",
                "Host: localhost:9",
            }) {
                assertThat(list(server, "localhost:8000", header + "\r\n"))
                        .as(header)
                        .startsWith("HTTP/1.1 4");
            }
            assertThat(server.raw("GET /api/list HTTP/1.0\r\n\r\n")).contains(" 403 ");
        }
    }

    private static String list(RunningServer server, String host, String headers) throws IOException {
        return server.raw("GET /api/list HTTP/1.1\r\nHost: " + host + "\r\n" + headers + "Connection: close\r\n\r\n");
    }

    @Test
    void anOpenApiIsNotServedToTheNetwork() {
        try (RunningServer server = RunningServer.open(data)) {
            assertThatThrownBy(() -> WebServer.start(
                            WebSettings.on("0.0.0.0", 0),
                            RunningServer.CONTRACT,
                            server.tunnels,
                            server.events,
                            RunningServer.NO_USAGE,
                            server.hooks,
                            Doorman.of(server.access.authenticator(), true),
                            server.people()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("0.0.0.0");
        }
    }
}
