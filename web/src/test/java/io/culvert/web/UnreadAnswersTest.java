package io.culvert.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.culvert.control.usage.UsageReader;
import io.culvert.web.caller.Doorman;
import io.culvert.web.caller.Guest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Answers that nobody reads, or that nobody gives: neither the memory nor a place is theirs for long. */
class UnreadAnswersTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    // Less than one of our lists: while one waits there is no room for another.
    private static final long UNSENT = 1 << 20;
    private static final String LIST = "/api/v1/tunnels?limit=1000";

    @TempDir
    private Path data;

    /** A thousand tunnels with much to tell; returns the first one's number. */
    private static long fill(RunningServer server) {
        JsonArray tunnels = new JsonArray();
        for (int i = 0; i < 1_000; i++) {
            tunnels.add(new JsonObject()
                    .put("name", "t" + i)
                    .put(
                            "labels",
                            new JsonObject()
                                    .put("a", "x".repeat(60))
                                    .put("b", "y".repeat(60))
                                    .put("c", "z".repeat(60))
                                    .put("d", "z".repeat(60)))
                    .put("exposes", new JsonArray().add(new JsonObject().put("target", "127.0.0.1:1")))
                    .put("lease", new JsonObject().put("ttl_seconds", 600)));
        }
        HttpResponse<String> made = server.json(
                "/api/v1/tunnels/bulk-create",
                new JsonObject().put("tunnels", tunnels).encode());
        assertThat(made.statusCode()).isEqualTo(200);
        HttpResponse<String> first = server.get("/api/v1/tunnels?limit=1");
        return RunningServer.json(first)
                .getJsonArray("tunnels")
                .getJsonObject(0)
                .getLong("id");
    }

    private static String request(String path) {
        return "GET " + path + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + RunningServer.KEY + "\r\n\r\n";
    }

    private static void say(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().flush();
    }

    /** Asks for more than the kernel takes for itself, by few requests: what stands behind four is still read. */
    private static Socket deaf(WebServer web, int requests) throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(4_096);
        socket.setSoLinger(true, 0);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), web.port()));
        say(socket, request(LIST).repeat(requests));
        return socket;
    }

    @Test
    void longAnswersAreRefusedWhileOthersWaitToBeRead() throws IOException {
        WebLimits limits = WebLimits.defaults().withMaxUnsent(UNSENT);
        try (RunningServer server = RunningServer.keyed(data, limits)) {
            long tunnel = fill(server);
            assertThat(server.get(LIST).statusCode()).isEqualTo(200);
            try (Socket unread = deaf(server.web, 8)) {
                HttpResponse<String> refused = refused(server, LIST, unread);
                assertThat(refused.headers().firstValue("Retry-After")).contains("1");
                assertThat(refused.headers().firstValue("Content-Type")).contains("application/problem+json");
                assertThat(RunningServer.json(refused).getString("type")).isEqualTo("/docs/problems#unavailable");
                HttpResponse<String> seeds = refused(server, "/api/list", unread);
                assertThat(RunningServer.json(seeds).getString("status")).isEqualTo("error");
                assertThat(server.send(server.to("/api/v1/tunnels/" + tunnel + "/renew")
                                        .header("Authorization", "Bearer " + RunningServer.KEY)
                                        .POST(BodyPublishers.noBody()))
                                .statusCode())
                        .as("a renewal passes")
                        .isEqualTo(200);
                assertThat(unread.isConnected()).isTrue();
            }
            await().untilAsserted(
                            () -> assertThat(server.get(LIST).statusCode()).isEqualTo(200));
            await().untilAsserted(() ->
                    assertThat(server.get("/api/list").statusCode()).isEqualTo(200));
        }
    }

    /** Who reads nothing has lists refused to himself, and not to others. */
    @Test
    void oneCallerAloneDoesNotTakeAllOfIt() throws IOException {
        WebLimits limits = WebLimits.defaults().withMaxUnsent(4 * UNSENT);
        try (RunningServer server = RunningServer.keyed(data, limits)) {
            long unused = fill(server);
            try (Socket unread = deaf(server.web, 8)) {
                HttpResponse<String> refused = refused(server, LIST, unread);
                assertThat(refused.headers().firstValue("Retry-After")).contains("1");
                assertThat(server.send(server.to(LIST).header("Authorization", "Bearer other"))
                                .statusCode())
                        .as("another's list")
                        .isEqualTo(200);
                assertThat(server.get(LIST).statusCode())
                        .as("still refused to the one")
                        .isEqualTo(503);
            }
        }
    }

    /** The answer to a GET that is refused, which may take a while: the kernel takes answers for itself, up to 4 MB, and the one behind them waits. */
    private static HttpResponse<String> refused(RunningServer server, String path, Socket unread) {
        return await().until(
                        () -> {
                            say(unread, request(LIST));
                            return server.get(path);
                        },
                        answer -> answer.statusCode() == 503);
    }

    /** Neither what he does not read nor what he says keeps the connection. */
    @Test
    void whoReadsNothingAndSaysAByteNowAndThenIsCut() throws Exception {
        WebLimits limits = new WebLimits(65_536, 100, 100, Duration.ofSeconds(1), Duration.ofMillis(300), LONG);
        try (RunningServer server = RunningServer.keyed(data)) {
            fill(server);
            try (WebServer web = start(server, limits, RunningServer.NO_USAGE, server.doorman());
                    Socket unread = deaf(web, 4)) {
                await().pollInterval(Duration.ofMillis(100))
                        .atMost(Duration.ofSeconds(10))
                        .until(() -> {
                            try {
                                say(unread, "G");
                                return false;
                            } catch (IOException e) {
                                return true;
                            }
                        });
            }
        }
    }

    /** What Vert.x logs and nobody answers: the stack, or the memory, was at its end while a request was worked on. */
    @Test
    void aRequestThatEndsInAnErrorEndsItsConnection() throws Exception {
        try (RunningServer server = RunningServer.keyed(data)) {
            long tunnel = RunningServer.json(
                            server.json("/api/v1/tunnels", "{\"exposes\":[{\"target\":\"127.0.0.1:1\"}]}"))
                    .getLong("id");
            UsageReader broken = (id, grain, from, to) -> {
                throw new StackOverflowError("a test");
            };
            try (WebServer web = start(server, WebLimits.defaults(), broken, server.doorman())) {
                assertThat(answer(web, request("/api/v1/tunnels/" + tunnel + "/usage")))
                        .isEmpty();
            }
            try (WebServer web = start(server, WebLimits.defaults(), RunningServer.NO_USAGE, new BrokenDoorman())) {
                assertThat(answer(web, request("/api/list"))).isEmpty();
                assertThat(answer(web, request("/healthz").replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n")))
                        .startsWith("HTTP/1.1 200 ");
            }
        }
    }

    private static WebServer start(RunningServer server, WebLimits limits, UsageReader usage, Doorman doorman)
            throws Exception {
        return WebServer.start(
                        RunningServer.plain(limits),
                        RunningServer.CONTRACT,
                        server.tunnels,
                        server.events,
                        usage,
                        server.hooks,
                        doorman,
                        server.people())
                .toCompletableFuture()
                .get(20, TimeUnit.SECONDS);
    }

    /** All that is said until the server closes; waits 5 s for it. */
    private static String answer(WebServer web, String request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), web.port())) {
            socket.setSoTimeout(5_000);
            say(socket, request);
            return RunningServer.rest(socket);
        }
    }

    private static final class BrokenDoorman implements Doorman {
        @Override
        public boolean isOpen() {
            return false;
        }

        @Override
        public Optional<Guest> key(@Nullable String key, InetAddress from) {
            throw new StackOverflowError("a test");
        }

        @Override
        public Optional<Guest> login(String secret, InetAddress from) {
            throw new StackOverflowError("a test");
        }
    }
}
