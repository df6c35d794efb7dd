package io.culvert.client.seed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.culvert.client.CulvertApiException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The client against an HTTP server that says what the test wants; against the real one it is tested end to end. */
class SeedClientTest {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final String KEY = "s3cret-key";
    private static final String TUNNEL =
            "\"id\":7,\"tunnel\":{\"innet_port\":22,\"bridge_port\":7000,\"expose_port\":22022,"
                    + "\"comment\":\"x\",\"expire_time\":0.5,\"last_check_time\":1562416269.695682,\"from_last_check\":1.25,"
                    + "\"exposes\":[{\"innet_port\":22,\"expose_port\":22022,\"innet_host\":\"db\",\"protocol\":\"udp\"}],"
                    + "\"state\":\"up\",\"sessions\":1,\"visitors\":2,\"bytes_in\":3,\"bytes_out\":5000000000,"
                    + "\"protocol\":\"udp\",\"compress\":true,\"bridge_tls\":false,\"datagrams_dropped\":9,\"agent_port\":7001}";

    private record Request(String method, String target, Optional<String> authorization, String body) {}

    private final Queue<Request> requests = new ConcurrentLinkedQueue<>();
    private HttpServer server;
    private volatile int status = 200;
    private volatile String answer = "";

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        requests.add(new Request(
                exchange.getRequestMethod(),
                exchange.getRequestURI().toString(),
                Optional.ofNullable(exchange.getRequestHeaders().getFirst("Authorization")),
                body));
        byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
        if (status >= 300 && status < 400) {
            exchange.getResponseHeaders().set("Location", "/elsewhere");
        }
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    private URI address() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    private SeedClient client() {
        return new SeedClient(address(), Optional.of(KEY), PATIENCE);
    }

    private Request last() {
        return requests.remove();
    }

    @Test
    void createsWithTheKeyInTheHeaderOnly() throws IOException {
        answer = "{\"status\":\"success\"," + TUNNEL + ",\"join\":\"t0ken\"}";
        CreatedTunnel created = client().create(new NewTunnel(
                List.of(new Expose("db", 22, 22022), new Expose(Protocol.UDP, "::1", 80, 0)),
                33022,
                false,
                true,
                "中 \"x\"",
                Duration.ofMillis(500)));
        assertThat(created.join()).isEqualTo("t0ken");
        assertThat(created.toString()).doesNotContain("t0ken");
        assertThat(created.tunnel())
                .isEqualTo(new Tunnel(
                        7,
                        List.of(new Expose(Protocol.UDP, "db", 22, 22022)),
                        7000,
                        "x",
                        Duration.ofMillis(500),
                        Instant.ofEpochSecond(1562416269, 695_682_000),
                        Duration.ofMillis(1250),
                        1,
                        2,
                        3,
                        5_000_000_000L,
                        true,
                        false,
                        9,
                        7001));
        Request request = last();
        assertThat(request.method() + " " + request.target()).isEqualTo("POST /api/create");
        assertThat(request.authorization()).hasValue("Bearer " + KEY);
        JsonNode body = new ObjectMapper().readTree(request.body());
        assertThat(body.path("exposes").textValue()).isEqualTo("db:22-22022,udp://[::1]:80-0");
        assertThat(body.path("bridge").intValue()).isEqualTo(33022);
        assertThat(body.path("bridge_tls").isBoolean()).isTrue();
        assertThat(body.path("bridge_tls").booleanValue()).isFalse();
        assertThat(body.path("compress").booleanValue()).isTrue();
        assertThat(body.path("comment").textValue()).isEqualTo("中 \"x\"");
        assertThat(new BigDecimal(body.path("expire").textValue())).isEqualByComparingTo("0.5");
        assertThat(request.body()).doesNotContain(KEY);
    }

    @Test
    void listsQueriesRenewsAndRemoves() throws IOException {
        answer = "{\"status\":\"success\",\"data\":[{" + TUNNEL + "}]}";
        assertThat(client().list())
                .singleElement()
                .satisfies(tunnel -> assertThat(tunnel.id()).isEqualTo(7));
        assertThat(last().target()).isEqualTo("/api/list");
        answer = "{\"status\":\"success\"," + TUNNEL + "}";
        assertThat(client().query(7).bridgePort()).isEqualTo(7000);
        assertThat(last().target()).isEqualTo("/api/query?id=7");
        answer = "{\"status\":\"success\",\"id\":7}";
        client().heartbeat(7);
        assertThat(last()).isEqualTo(new Request("POST", "/api/heartbeat", Optional.of("Bearer " + KEY), "{\"id\":7}"));
        client().remove(7);
        assertThat(last().target()).isEqualTo("/api/remove");
    }

    @Test
    void fetchesBundlesAndKeepsTheKeyQuiet() throws IOException {
        answer = "{\"status\":\"success\",\"id\":7,\"cert\":\"C\\n\",\"key\":\"s3cret\\n\"}";
        Bundle bundle = client().bundle(7);
        assertThat(bundle).isEqualTo(new Bundle("C\n", "s3cret\n"));
        assertThat(bundle.toString()).doesNotContain("s3cret");
        assertThat(last()).isEqualTo(new Request("GET", "/api/bundle?id=7", Optional.of("Bearer " + KEY), ""));
        assertThat(client().reissueBundle(7)).isEqualTo(bundle);
        assertThat(last())
                .isEqualTo(new Request(
                        "POST", "/api/bundle", Optional.of("Bearer " + KEY), "{\"id\":7,\"reissue\":true}"));
        answer = "{\"status\":\"success\",\"id\":7,\"cert\":\"C\"}";
        assertThatThrownBy(() -> client().bundle(7))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("key: missing");
    }

    @Test
    void aPathInFrontOfTheApiIsKept() throws IOException {
        answer = "{\"status\":\"success\",\"data\":[]}";
        new SeedClient(address().resolve("/culvert"), Optional.empty(), PATIENCE).list();
        Request request = last();
        assertThat(request.target()).isEqualTo("/culvert/api/list");
        assertThat(request.authorization()).isEmpty();
    }

    @Test
    void aRefusalIsNoFaultOfTheConnection() {
        status = 409;
        answer = "{\"status\":\"error\",\"error_info\":\"expose: 22022 is held by tunnel 7\"}";
        assertThatThrownBy(() -> client().list()).isInstanceOfSatisfying(CulvertApiException.class, e -> {
            assertThat(e.status()).isEqualTo(409);
            assertThat(e.detail()).isEqualTo("expose: 22022 is held by tunnel 7");
        });
        status = 502;
        answer = "<html>a proxy</html>";
        assertThatThrownBy(() -> client().list())
                .isInstanceOfSatisfying(
                        CulvertApiException.class, e -> assertThat(e.detail()).isEmpty());
        status = 401;
        answer = "";
        assertThatThrownBy(() -> client().list())
                .isInstanceOfSatisfying(
                        CulvertApiException.class, e -> assertThat(e.status()).isEqualTo(401));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "<html>",
                "null",
                "[]",
                "{}",
                "{\"status\":\"error\"}",
                "{\"status\":\"success\"}",
                "{\"status\":\"success\",\"data\":{}}",
                "{\"status\":\"success\",\"data\":[1]}",
                "{\"status\":\"success\",\"data\":[{\"id\":1}]}",
                "{\"status\":\"success\",\"data\":[{\"id\":1,\"tunnel\":{\"exposes\":[{\"innet_port\":99999}]}}]}",
                "{\"status\":\"success\",\"data\":[]}x"
            })
    void anAnswerThatIsNotTheApisIsAnIoException(String body) {
        answer = body;
        assertThatThrownBy(() -> client().list()).isInstanceOf(IOException.class);
    }

    @Test
    void numbersPastTheirBoundsAreAnIoException() {
        for (String broken : List.of(
                TUNNEL.replace("7000", "99999999999"),
                TUNNEL.replace("\"id\":7", "\"id\":99999999999999999999"),
                TUNNEL.replace("22022", "-1"),
                TUNNEL.replace("1562416269.695682", "1e999999"),
                TUNNEL.replace("1562416269.695682", "1e18"))) {
            answer = "{\"status\":\"success\",\"data\":[{" + broken + "}]}";
            assertThatThrownBy(() -> client().list()).as(broken).isInstanceOf(IOException.class);
        }
    }

    /** To round it, ten would be raised to its power: minutes of computing. */
    @Test
    void aNumberPastAllBoundsIsRefusedAtOnce() {
        answer = "{\"status\":\"success\",\"data\":[{" + TUNNEL.replace("1562416269.695682", "1e-500000000") + "}]}";
        SeedClient client = client();
        assertThat(CompletableFuture.runAsync(
                        () -> assertThatThrownBy(client::list).isInstanceOf(IOException.class)))
                .succeedsWithin(PATIENCE);
    }

    @Test
    void aRedirectIsNotFollowed() {
        status = 302;
        assertThatThrownBy(() -> client().list())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("302");
        assertThat(requests).hasSize(1);
    }

    @Test
    void silenceEndsInTime() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 8, InetAddress.getLoopbackAddress())) {
            URI address = URI.create("http://127.0.0.1:" + silent.getLocalPort());
            SeedClient client = new SeedClient(address, Optional.empty(), Duration.ofMillis(300));
            assertThatThrownBy(client::list).isInstanceOf(HttpTimeoutException.class);
        }
    }

    @Test
    void aBodyThatNeverEndsEndsInTime() throws Exception {
        try (ServerSocket slow = new ServerSocket(0, 8, InetAddress.getLoopbackAddress())) {
            Thread peer = new Thread(() -> {
                try (var socket = slow.accept()) {
                    socket.getOutputStream()
                            .write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"
                                    .getBytes(StandardCharsets.US_ASCII));
                    while (socket.getInputStream().read() >= 0) {
                        // until the client gives up
                    }
                } catch (IOException e) {
                    // so it has
                }
            });
            peer.start();
            URI address = URI.create("http://127.0.0.1:" + slow.getLocalPort());
            SeedClient client = new SeedClient(address, Optional.empty(), Duration.ofMillis(500));
            assertThatThrownBy(client::list).isInstanceOf(HttpTimeoutException.class);
        }
    }

    @Test
    void nobodyThereIsAnIoException() throws IOException {
        int port;
        try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = closed.getLocalPort();
        }
        SeedClient client = new SeedClient(URI.create("http://127.0.0.1:" + port), Optional.of(KEY), PATIENCE);
        assertThat(catchThrowable(client::list)).isInstanceOf(IOException.class).hasMessageNotContaining(KEY);
    }

    @Test
    void anInterruptIsPassedOn() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 8, InetAddress.getLoopbackAddress())) {
            URI address = URI.create("http://127.0.0.1:" + silent.getLocalPort());
            SeedClient client = new SeedClient(address, Optional.empty(), PATIENCE);
            Thread.currentThread().interrupt();
            assertThatThrownBy(client::list).isInstanceOf(InterruptedIOException.class);
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ftp://h",
                "h:8000",
                "/api",
                "http://u:p4ss@h",
                "http://h/?key=p4ss",
                "http:///x",
                "http://h/#p4ss"
            })
    void anAddressThatIsNoneIsNamedWithoutItsSecrets(String address) {
        assertThatThrownBy(() -> new SeedClient(URI.create(address), Optional.empty(), PATIENCE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected: ")
                .hasMessageNotContaining("p4ss");
    }

    @Test
    void aKeyThatNoHeaderCarriesIsRefusedUnseen() {
        for (String key : List.of("", " ", "two words", "schlüssel", "a\r\nX: y")) {
            assertThatThrownBy(() -> new SeedClient(address(), Optional.of(key), PATIENCE))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("key: not fit for a header");
        }
    }

    @Test
    void toStringMasksTheKey() {
        assertThat(client().toString()).contains("127.0.0.1").doesNotContain(KEY);
    }
}
