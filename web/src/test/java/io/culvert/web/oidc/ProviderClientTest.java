package io.culvert.web.oidc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What providers say that are broken, or none. Those that are whole are in the module {@code provider}. */
class ProviderClientTest {
    private static final String DOCUMENT = "/.well-known/openid-configuration";

    private final Map<String, String> answers = new ConcurrentHashMap<>();
    private final AtomicInteger asked = new AtomicInteger();
    private volatile int status = 200;
    private volatile Runnable beforeAnswering = () -> {};
    private volatile Instant now = Instant.parse("2026-11-28T12:00:00Z");
    private HttpServer stub;
    private String issuer;
    private ProviderClient client;

    @BeforeEach
    void start() throws IOException {
        stub = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        stub.createContext("/", exchange -> {
            asked.incrementAndGet();
            beforeAnswering.run();
            byte[] body = answers.getOrDefault(exchange.getRequestURI().getPath(), "{}")
                    .getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Location", issuer + "/elsewhere");
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        stub.start();
        issuer = "http://127.0.0.1:" + stub.getAddress().getPort();
        Provider provider = new Provider(
                URI.create(issuer),
                "culvert",
                Optional.empty(),
                "groups",
                URI.create("https://tunnels.example"),
                groups -> new Provider.Standing(true, Map.of()));
        client = new ProviderClient(provider, () -> now);
        answers.put("/keys", "{\"keys\":[]}");
        answers.put(DOCUMENT, document(Map.of()));
    }

    @AfterEach
    void stop() {
        stub.stop(0);
    }

    @Test
    void whatItSaysIsKeptForAnHour() {
        discovered();
        discovered();
        assertThat(asked).hasValue(2);
        now = now.plus(Duration.ofMinutes(61));
        discovered();
        assertThat(asked).hasValue(4);
    }

    /** Whoever opens the address of a sign-in has us ask, without any credential. */
    @Test
    void manyWhoAskAtOnceAreOneFetch() {
        CountDownLatch all = new CountDownLatch(1);
        beforeAnswering = () -> {
            try {
                all.await(10, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        };
        List<CompletableFuture<Discovery>> asking =
                Stream.generate(client::discovery).limit(50).toList();
        all.countDown();
        asking.forEach(each ->
                assertThat(each.orTimeout(10, TimeUnit.SECONDS).join().keys()).isEqualTo(URI.create(issuer + "/keys")));
        assertThat(asked).as("the document and the keys").hasValue(2);
    }

    @Test
    void aFailureIsRememberedForSomeSeconds() {
        refused("<html>", "no JSON object");
        int before = asked.get();
        answers.put(DOCUMENT, document(Map.of()));
        assertThatThrownBy(
                        () -> client.discovery().orTimeout(10, TimeUnit.SECONDS).join())
                .hasMessageContaining("no JSON object");
        assertThat(asked).hasValue(before);
        now = now.plus(Duration.ofSeconds(5));
        discovered();
    }

    @Test
    void whatIsNotWhatItMustBeIsRefusedByName() {
        refused("{\"issuer\":\"" + "x".repeat(300_000) + "\"}", "too long");
        refused("<html>", "discovery: status 200 and no JSON object");
        refused("[]", "discovery: status 200 and no JSON object");
        refused("{}", "issuer: 'null' (expected: '" + issuer + "', exactly)");
        refused(
                document(Map.of("issuer", issuer + "/")),
                "issuer: '" + issuer + "/' (expected: '" + issuer + "', exactly)");
        refused(
                document(Map.of("token_endpoint", "http://192.0.2.1/token")),
                "token_endpoint: 'http://192.0.2.1/token' (expected: https://…)");
        refused(
                document(Map.of("jwks_uri", "file:///etc/passwd")),
                "jwks_uri: 'file:///etc/passwd' (expected: https://…)");
        refused(document(Map.of("authorization_endpoint", "javascript:alert(1)")), "authorization_endpoint: ");
        answers.put("/keys", "{\"keys\":7}");
        refused(document(Map.of()), "keys: not a set of JSON Web Keys");
        answers.remove("/keys");
        refused(document(Map.of()), "keys: not a set of JSON Web Keys");
        status = 302;
        refused(document(Map.of()), "discovery: status 302");
        // What was refused is not kept for long.
        now = now.plus(Duration.ofSeconds(5));
        status = 200;
        answers.put("/keys", "{\"keys\":[]}");
        discovered();
    }

    private void discovered() {
        assertThat(client.discovery().orTimeout(10, TimeUnit.SECONDS).join().keys())
                .isEqualTo(URI.create(issuer + "/keys"));
    }

    private void refused(String document, String why) {
        // The failure before is forgotten by then.
        now = now.plus(Duration.ofSeconds(5));
        answers.put(DOCUMENT, document);
        assertThatThrownBy(
                        () -> client.discovery().orTimeout(10, TimeUnit.SECONDS).join())
                .isInstanceOf(CompletionException.class)
                .cause()
                .isInstanceOf(ProviderException.class)
                .hasMessageContaining(why);
    }

    private String document(Map<String, String> changes) {
        Map<String, Object> all = new HashMap<>(Map.of(
                "issuer", issuer,
                "authorization_endpoint", issuer + "/authorize",
                "token_endpoint", issuer + "/token",
                "jwks_uri", issuer + "/keys"));
        all.putAll(changes);
        return new JsonObject(all).encode();
    }
}
