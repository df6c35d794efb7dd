package io.culvert.web;

import static io.culvert.web.RunningServer.rest;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.culvert.control.Caller;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What comes over the wire that no well-meant client says: the server answers, closes, and goes on. */
abstract class WireCases {
    private static final String BEARER = "Host: x\r\nAuthorization: Bearer " + RunningServer.KEY + "\r\n";
    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir
    Path data;

    /** A server with these limits, reached by the wire that is tried. */
    abstract RunningServer server(Path data, WebLimits limits);

    private RunningServer server(WebLimits limits) {
        return server(data, limits);
    }

    private RunningServer server() {
        return server(data, WebLimits.defaults());
    }

    private static WebLimits limits(int connections, Duration idle, Duration head, Duration request) {
        return new WebLimits(65_536, connections, connections, idle, head, request);
    }

    @Test
    void whatIsNoHttpIsRefusedInTheShapeOfErrors() throws IOException {
        try (RunningServer server = server()) {
            assertThat(server.raw("GET /" + "x".repeat(9_000) + " HTTP/1.1\r\nHost: x\r\n\r\n"))
                    .containsPattern("^HTTP/1.[01] 414 ")
                    .contains("\"status\":\"error\"");
            assertThat(server.raw("GET / HTTP/1.1\r\nHost: x\r\nX: " + "x".repeat(17_000) + "\r\n\r\n"))
                    .containsPattern("^HTTP/1.[01] 431 ")
                    .contains("\"status\":\"error\"");
            for (String request : new String[] {
                "\r\n\u0016\u0003\u0001\u0002\u0000\u0001\u0000\r\n\r\n",
                "nonsense\r\n\r\n",
                "GET /api/list HTTP/1.1\r\nHost: x\r\nContent-Length: abc\r\n\r\n",
                "GET /api/list HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
                "GET /api/list HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
                "GET /api/list HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
                "GET /api/list HTTP/1.1\r\nHost : x\r\nConnection: close\r\n\r\n",
                "GET %zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
                "GET /%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
            }) {
                assertThat(server.raw(request))
                        .as(request)
                        .containsPattern("^HTTP/1.[01] 4")
                        .contains("\"status\":\"error\"");
            }
            assertThat(server.get("/healthz").body()).isEqualTo("ok");
        }
    }

    /** CVE-2026-50020, -42581: where two readers could see the end of a request at two places, a second one is hidden in the first. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: 40\r\nTransfer-Encoding: chunked",
                "Transfer-Encoding: chunked\r\nContent-Length: 40",
                "Transfer-Encoding : chunked",
                "Transfer-Encoding: xchunked",
                "Transfer-Encoding: chunked, identity",
                "Transfer-Encoding:\u000bchunked",
                "Transfer-Encoding: chunked\u0000",
                "Content-Length: +40",
                "Content-Length: 40, 41",
                "X: a\u0000b",
                "X: a\rb",
                "X\u0001: b",
            })
    void netty_no_request_is_smuggled_in_another(String header) throws IOException {
        try (RunningServer server = server()) {
            String answer = server.raw("POST /api/list HTTP/1.1\r\nHost: x\r\n" + header
                    + "\r\n\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
            assertThat(answer).containsPattern("\\AHTTP/1.[01] 4");
            // The hidden one would be answered by 200.
            assertThat(answer).doesNotContainPattern("HTTP/1.[01] 200");
        }
    }

    @Test
    void aBrokenChunkEndsTheConnectionAndChangesNothing() throws IOException {
        try (RunningServer server = server(limits(100, LONG, LONG, Duration.ofSeconds(2)))) {
            String answer = server.raw(
                    "POST /api/create HTTP/1.1\r\n" + BEARER
                            + "Content-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\ninnet=22\r\n0\r\n\r\n");
            assertThat(answer).doesNotContain("success");
            assertThat(server.tunnels.list(Caller.trusted("test"))).isEmpty();
            assertThat(server.get("/healthz").body()).isEqualTo("ok");
        }
    }

    @Test
    void aRequestThatIsCutOffChangesNothing() throws IOException {
        try (RunningServer server = server()) {
            try (Socket socket = server.connect()) {
                socket.getOutputStream()
                        .write(("POST /api/create HTTP/1.1\r\n" + BEARER
                                        + "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 20\r\n\r\ninnet=22")
                                .getBytes(StandardCharsets.US_ASCII));
            }
            assertThat(server.get("/api/list").body()).contains("\"data\":[]");
        }
    }

    @Test
    void frp_a_head_that_never_ends_is_closed() throws IOException {
        try (RunningServer server = server(limits(100, LONG, Duration.ofMillis(400), LONG))) {
            try (Socket silent = server.connect();
                    Socket slow = server.connect()) {
                slow.getOutputStream().write("GET /api/list HTTP/1.1\r\nX".getBytes(StandardCharsets.US_ASCII));
                assertThat(rest(silent)).isEmpty();
                assertThat(rest(slow)).isEmpty();
            }
        }
    }

    @Test
    void aSecondHeadHasItsTimeToo() throws IOException {
        try (RunningServer server = server(limits(100, LONG, Duration.ofMillis(400), LONG))) {
            try (Socket socket = server.connect()) {
                socket.getOutputStream()
                        .write("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET".getBytes(StandardCharsets.US_ASCII));
                assertThat(rest(socket)).startsWith("HTTP/1.1 200 ").endsWith("ok");
            }
        }
    }

    @Test
    void aBodyThatNeverEndsIsToldSo() throws IOException {
        try (RunningServer server = server(limits(100, LONG, LONG, Duration.ofMillis(400)))) {
            assertThat(server.raw("POST /api/create HTTP/1.1\r\n" + BEARER + "Content-Length: 20\r\n\r\ninnet"))
                    .startsWith("HTTP/1.1 408 ")
                    .contains("400 ms");
        }
    }

    @Test
    void anAnswerThatDoesNotComeIsToldSo() throws Exception {
        try (RunningServer server = server(limits(100, LONG, LONG, Duration.ofMillis(400)))) {
            try (AutoCloseable busy = server.busy()) {
                assertThat(
                                server.raw(
                                        "POST /api/create HTTP/1.1\r\n" + BEARER
                                                + "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 8\r\n\r\ninnet=22"))
                        .startsWith("HTTP/1.1 503 ")
                        .contains("not known");
                assertThat(busy).isNotNull();
            }
        }
    }

    @Test
    void anIdleConnectionIsClosed() throws IOException {
        try (RunningServer server = server(limits(100, Duration.ofMillis(300), LONG, LONG))) {
            try (Socket socket = server.connect()) {
                assertThat(rest(socket)).isEmpty();
            }
        }
    }

    @Test
    void connectionsPastTheLimitAreClosedAndPlacesComeFree() throws IOException {
        try (RunningServer server = server(limits(3, LONG, LONG, LONG))) {
            List<Socket> held = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                Socket socket = server.connect();
                held.add(socket);
                assertThat(health(socket)).contains("200 OK");
            }
            try (Socket fourth = server.connect()) {
                assertThat(rest(fourth)).isEmpty();
            }
            held.get(0).close();
            await().ignoreExceptions().until(() -> {
                try (Socket socket = server.connect()) {
                    return health(socket).contains("200 OK");
                }
            });
            for (Socket socket : held) {
                socket.close();
            }
        }
    }

    private static String health(Socket socket) throws IOException {
        socket.getOutputStream().write("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        byte[] some = new byte[64];
        int read = socket.getInputStream().read(some);
        return new String(some, 0, Math.max(0, read), StandardCharsets.US_ASCII);
    }

    @Test
    void aLongBodyIsNotAskedFor() throws IOException {
        try (RunningServer server = server()) {
            assertThat(server.raw("POST /api/create HTTP/1.1\r\n" + BEARER
                            + "Expect: 100-continue\r\nContent-Length: 100000\r\n\r\n"))
                    .startsWith("HTTP/1.1 413 ");
            assertThat(server.raw("POST /api/create HTTP/1.1\r\n" + BEARER + "Content-Length: 100000000\r\n\r\n"))
                    .startsWith("HTTP/1.1 413 ");
        }
    }

    @Test
    void aShortBodyIsAskedFor() throws IOException {
        try (RunningServer server = server()) {
            String answer = server.raw("POST /api/create HTTP/1.1\r\n" + BEARER
                    + "Expect: 100-continue\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                    + "Content-Length: 8\r\n\r\ninnet=22");
            assertThat(answer).startsWith("HTTP/1.1 100 ").contains("HTTP/1.1 200 ");
        }
    }

    /** Requests whose answers nobody reads must not pile up as answers: at some point the server stops reading. */
    @Test
    void whoDoesNotReadIsNotReadFrom() throws IOException {
        try (RunningServer server = server();
                Socket socket = server.connect()) {
            // The JDK's TLS would else wait for the writer before it closes.
            socket.setSoLinger(true, 0);
            byte[] request = get("/ui/manager.js").getBytes(StandardCharsets.US_ASCII);
            AtomicLong written = new AtomicLong();
            Thread writer = new Thread(() -> {
                try {
                    while (true) {
                        socket.getOutputStream().write(request);
                        written.incrementAndGet();
                    }
                } catch (IOException e) {
                    // the test is over
                }
            });
            writer.start();
            AtomicLong before = new AtomicLong(-1);
            await().pollInterval(Duration.ofMillis(100))
                    .during(Duration.ofSeconds(1))
                    .atMost(Duration.ofSeconds(8))
                    .until(() -> before.getAndSet(written.get()) == written.get());
            assertThat(server.get("/healthz").body()).isEqualTo("ok");
        }
    }

    @Test
    void pipelinedRequestsAreAnsweredInOrder() throws IOException {
        try (RunningServer server = server()) {
            String last = get("/healthz").replace("Host", "Connection: close\r\nHost");
            String answers = server.raw(get("/healthz") + get("/nothing") + last);
            assertThat(answers.lines()
                            .filter(line -> line.contains("HTTP/1.1 "))
                            .map(line -> line.replaceAll(".*HTTP/1.1 (\\d+) .*", "$1")))
                    .containsExactly("200", "404", "200");
        }
    }

    private static String get(String path) {
        return "GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n";
    }

    @Test
    void aClosedServerCutsItsConnections() throws IOException {
        Socket socket;
        try (RunningServer server = server()) {
            socket = server.connect();
            assertThat(health(socket)).contains("200 OK");
        }
        try (socket) {
            assertThat(rest(socket)).doesNotContain("HTTP/1.1 5");
        } catch (SocketTimeoutException e) {
            throw new AssertionError("still connected", e);
        }
    }
}
