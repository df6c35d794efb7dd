package io.culvert.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertPathBuilderException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.tools.ToolProvider;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the client says and what it makes of answers; against the real server it is tested in {@code app}. */
class CulvertClientTest {
    private static final String TUNNEL = FakeServer.TUNNEL + "}";
    private static final String CREATED = FakeServer.TUNNEL + ",\"join\":\"t0ken\"}";

    @TempDir
    Path directory;

    private FakeServer server;

    @BeforeEach
    void start() throws IOException {
        server = new FakeServer();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void theExampleOfThePackageCompiles() throws Exception {
        String text = Files.readString(Path.of("src/main/java/io/culvert/client/package-info.java"));
        String example = text.substring(text.indexOf("<pre>{@code") + 11, text.indexOf("}</pre>"))
                .lines()
                .map(line -> line.replaceFirst("^ \\* ?", ""))
                .collect(Collectors.joining("\n"));
        assertThat(example.strip().lines().count()).isEqualTo(10);
        Path file = Files.writeString(
                directory.resolve("Example.java"),
                "import io.culvert.client.*; import java.net.URI; import java.time.Duration;\nclass Example { void run(String key)"
                        + " throws java.io.IOException {\n" + example + "\n} }");
        int compiled = ToolProvider.getSystemJavaCompiler()
                .run(
                        null,
                        null,
                        null,
                        "-d",
                        directory.toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        "-Xlint:all,-path,-processing",
                        "-proc:none",
                        file.toString());
        assertThat(compiled).isZero();
    }

    @Test
    void aTunnelOfANewerServerIsRead() throws IOException {
        server.says(200, TUNNEL);
        Tunnel tunnel = server.client().tunnels().get(7);
        assertThat(server.last().line()).isEqualTo("GET /api/v1/tunnels/7");
        assertThat(server.last().header("Authorization")).hasValue("Bearer " + FakeServer.KEY);
        assertThat(tunnel.name()).hasValue("lab");
        assertThat(tunnel.exposes()).containsExactly(Expose.tcp("127.0.0.1:22").onPort(22022));
        assertThat(tunnel.bridge()).isEmpty();
        assertThat(tunnel.lease().ttl()).hasValue(Duration.ofMillis(60_500));
        assertThat(tunnel.lease().grace()).isEmpty();
        assertThat(tunnel.lease().drain()).hasValue(Duration.ofSeconds(30));
        assertThat(tunnel.lease().warnBefore()).containsExactly(Duration.ofSeconds(20));
        assertThat(tunnel.deadline()).hasValue(Instant.parse("2026-11-23T12:01:00.250Z"));
        assertThat(tunnel.policies().volumeBytes()).hasValue(5_000_000_000L);
        assertThat(tunnel.policies().connections().most()).hasValue(200L);
        assertThat(tunnel.policies().bytesPerSecond().out()).hasValue(1000L);
        assertThat(tunnel.state()).isEqualTo(State.OTHER);
        assertThat(tunnel.transitions()).hasSize(1);
        assertThat(tunnel.traffic().bytesOut()).isEqualTo(9_321_100_000L);
        // Whole, with what the client does not know, and numbers as they were written.
        assertThat(tunnel.document().json()).contains("\"colour\":\"green\"", "\"ttl_seconds\":60.500", "dreaming");
        assertThat(tunnel.document()).isEqualTo(Document.of(TUNNEL));
    }

    @Test
    void everythingThatCanBeAskedForIsSaid() throws IOException {
        server.says(201, CREATED);
        NewTunnel wanted = NewTunnel.builder()
                .name("lab")
                .label("room", "204")
                .comment("x")
                .expose(Expose.tcp("127.0.0.1:22").onPort(22022).boundTo("127.0.0.1"))
                .expose(Expose.udp("[::1]:53").fromPool("dns"))
                .bridge(new Bridge(0, false, true))
                .lease(LeaseSettings.builder()
                        .ttl(Duration.ofMillis(1500))
                        .grace(Duration.ofMinutes(1))
                        .maxLifetime(Duration.ofHours(2))
                        .expiresAt(Instant.parse("2026-11-23T12:00:00Z"))
                        .drainAtTheEnd(Duration.ofSeconds(30))
                        .renewedBySession(true)
                        .warnBefore(List.of(Duration.ofSeconds(20)))
                        .build())
                .policies(PolicySettings.builder()
                        .allow(List.of("192.0.2.0/24"))
                        .deny(List.of("192.0.2.66"))
                        .most(PolicySettings.Bound.CONNECTIONS, 200)
                        .most(PolicySettings.Bound.CONNECTIONS_OF_AN_ADDRESS, 20)
                        .most(PolicySettings.Bound.NEW_PER_SECOND, 5)
                        .most(PolicySettings.Bound.BYTES_IN, 1)
                        .most(PolicySettings.Bound.BYTES_OUT, 2)
                        .most(PolicySettings.Bound.CONNECTION_BYTES_IN, 3)
                        .most(PolicySettings.Bound.CONNECTION_BYTES_OUT, 4)
                        .most(PolicySettings.Bound.VOLUME, 5_000_000_000L)
                        .most(PolicySettings.Bound.IDLE, Duration.ofSeconds(90))
                        .without(PolicySettings.Bound.LONGEST)
                        .proxyProtocol("v2")
                        .build())
                .build();
        CreatedTunnel created = server.client().tunnels().create(wanted);
        assertThat(created.join()).hasValue("t0ken");
        assertThat(created.toString()).doesNotContain("t0ken");
        assertThat(server.last().line()).isEqualTo("POST /api/v1/tunnels");
        assertThat(server.last().body()).isEqualTo("""
                        {"exposes":[{"protocol":"tcp","target":"127.0.0.1:22","port":22022,"bind":"127.0.0.1"},
                        {"protocol":"udp","target":"[::1]:53","pool":"dns"}],"name":"lab","labels":{"room":"204"},
                        "comment":"x","bridge":{"tls":false,"compress":true},
                        "lease":{"ttl_seconds":1.500000000,"grace_seconds":60,"max_lifetime_seconds":7200,
                        "expires_at":"2026-11-23T12:00:00Z","on_expiry":{"action":"drain","drain_seconds":30},
                        "renew_by":"session","warn_before_seconds":[20]},
                        "policies":{"visitors":{"allow":["192.0.2.0/24"],"deny":["192.0.2.66"]},
                        "connections":{"most":200,"most_per_address":20,"new_per_second":5},
                        "bytes_per_second":{"in":1,"out":2,"connection_in":3,"connection_out":4},
                        "volume_bytes":5000000000,"idle_seconds":90,"longest_seconds":null,"proxy_protocol":"v2"}}""".replace("\n", ""));
    }

    @Test
    void aCreationWhoseAnswerIsLostIsSentAgainWithTheSameKey() throws IOException {
        server.breaks().breaks().says(201, CREATED);
        server.client().tunnels().create(NewTunnel.to("127.0.0.1:22", Duration.ofMinutes(1)));
        Set<Optional<String>> keys = server.requests.stream()
                .map(request -> request.header("Idempotency-key"))
                .collect(Collectors.toSet());
        assertThat(server.requests).hasSizeGreaterThanOrEqualTo(3);
        assertThat(keys).hasSize(1);
        assertThat(keys.iterator().next()).isPresent();
        server.client().tunnels().create(NewTunnel.to("127.0.0.1:22", Duration.ofMinutes(1)), "mine");
        assertThat(server.last().header("Idempotency-key")).hasValue("mine");
    }

    @Test
    void aDeletionWhoseAnswerIsLostIsNotSentAgain() {
        server.breaks();
        assertThatThrownBy(() -> server.client().tunnels().delete(7)).isInstanceOf(IOException.class);
        assertThat(server.requests).hasSize(1);
    }

    @Test
    void aChangeNamesOnlyWhatItChanges() throws IOException {
        server.says(200, TUNNEL);
        TunnelChange change = TunnelChange.builder()
                .withoutName()
                .label("a", "b")
                .withoutLabel("room")
                .lease(LeaseSettings.builder()
                        .without(LeaseSettings.Term.TTL)
                        .cutAtTheEnd()
                        .build())
                .build();
        server.client().tunnels().change(7, change, 3);
        assertThat(server.last().line()).isEqualTo("PATCH /api/v1/tunnels/7");
        assertThat(server.last().header("If-match")).hasValue("\"3\"");
        assertThat(server.last().body())
                .isEqualTo("{\"name\":null,\"labels\":{\"a\":\"b\",\"room\":null},"
                        + "\"lease\":{\"ttl_seconds\":null,\"on_expiry\":{\"action\":\"cut\"}}}");
        assertThatThrownBy(() -> TunnelChange.builder().build()).hasMessageContaining("expected: something to change");
    }

    @Test
    void aListIsReadToItsLastPage() throws IOException {
        String page = "{\"tunnels\":[" + TUNNEL + "],\"total\":2,\"next_cursor\":";
        server.says(200, page + "\"a&b\"}").says(200, page + "null}");
        TunnelFilter filter = TunnelFilter.all()
                .label("ci/x", "a b:c")
                .state(State.UP)
                .state(State.ENDED)
                .ownedBy("key-1")
                .containing("22")
                .sortedBy("-bytes");
        assertThat(server.client().tunnels().list(filter)).hasSize(2);
        String query = "label=ci%2Fx%3Aa%20b%3Ac&state=up&state=ended&owner=key-1&q=22&sort=-bytes&limit=1000";
        assertThat(server.requests.stream().map(FakeServer.Request::line))
                .containsExactly("GET /api/v1/tunnels?" + query, "GET /api/v1/tunnels?" + query + "&cursor=a%26b");
    }

    /** Two dots would mean what the path names before them: the tunnel of a token, the project of a member. */
    @ParameterizedTest
    @ValueSource(strings = {"", ".", ".."})
    void whatIsNoNameIsNotSent(String word) {
        server.says(200, TUNNEL);
        CulvertClient client = server.client();
        UserSettings user = UserSettings.builder().title("x").build();
        List<ThrowingCallable> calls = List.of(
                () -> client.joinTokens().revoke(7, word),
                () -> client.projects().get(word),
                () -> client.projects().change(word, Optional.of("x"), Optional.empty()),
                () -> client.projects().remove(word),
                () -> client.projects().members(word),
                () -> client.projects().putMember(word, "anna", "member"),
                () -> client.projects().putMember("lab", word, "member"),
                () -> client.projects().removeMember(word, "anna"),
                () -> client.projects().removeMember("lab", word),
                () -> client.users().get(word),
                () -> client.users().change(word, user),
                () -> client.users().remove(word),
                () -> client.users().endLogins(word),
                () -> client.keys().get(word),
                () -> client.keys().revoke(word),
                () -> client.webhooks().redeliver(word),
                () -> client.webhooks().drop(word));
        for (ThrowingCallable call : calls) {
            assertThatThrownBy(call)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("'" + word + "' (expected: an id or a name)");
        }
        assertThat(server.requests).isEmpty();
    }

    @Test
    void dotsInANameAreItsOwn() throws IOException {
        server.says(204, "");
        server.client().users().remove("a..b/../c");
        server.client().keys().revoke("...");
        assertThat(server.requests.stream().map(FakeServer.Request::line))
                .containsExactly("DELETE /api/v1/users/a..b%2F..%2Fc", "DELETE /api/v1/keys/...");
    }

    @Test
    void manyAreSentAThousandAtATime() throws IOException {
        server.says(
                200,
                "{\"results\":[{\"id\":1,\"status\":200,\"tunnel\":" + TUNNEL
                        + ",\"problem\":null},{\"id\":9,\"status\":404,\"tunnel\":null,\"problem\":{\"type\":\"/docs/problems#no-such-tunnel\","
                        + "\"title\":\"No such tunnel\",\"status\":404,\"detail\":\"id: 9\",\"errors\":[]}}]}");
        List<Long> ids = LongStream.range(0, 1001).boxed().toList();
        List<Outcome<Tunnel>> outcomes = server.client().tunnels().drainAll(ids, Duration.ofSeconds(3));
        assertThat(server.requests).hasSize(2);
        assertThat(server.last().body()).isEqualTo("{\"ids\":[1000],\"mode\":\"drain\",\"drain_seconds\":3}");
        assertThat(outcomes).extracting(Outcome::done).containsExactly(true, false, true, false);
        assertThat(outcomes.get(1).problem().orElseThrow().name()).isEqualTo("no-such-tunnel");
    }

    @Test
    void whatWasCreatedBeforeARequestFailedIsTold() {
        String flaw = "{\"type\":\"/docs/problems#invalid-request\",\"title\":\"No\",\"status\":400,"
                + "\"detail\":\"/tunnels/49/name: 'x' (expected: another)\","
                + "\"errors\":[{\"field\":\"/tunnels/49/name\",\"value\":\"x\",\"expected\":\"another\"}]}";
        String done = "{\"results\":[{\"status\":201,\"tunnel\":" + CREATED + ",\"problem\":null},"
                + "{\"status\":400,\"tunnel\":null,\"problem\":" + flaw + "}]}";
        server.says(200, done).says(200, done).says(400, flaw);
        List<NewTunnel> wanted = Collections.nCopies(301, NewTunnel.to("127.0.0.1:22", Duration.ofMinutes(1)));
        assertThatThrownBy(() -> server.client().tunnels().createAll(wanted))
                .isInstanceOfSatisfying(UnfinishedException.class, e -> {
                    assertThat(e).hasMessageStartingWith("4 of 301 were answered, and then: refused with 400: ");
                    assertThat(e.created())
                            .filteredOn(Outcome::done)
                            .hasSize(2)
                            .allMatch(outcome ->
                                    outcome.value().orElseThrow().join().equals(Optional.of("t0ken")));
                    assertThat(places(e.created().stream().flatMap(outcome -> outcome.problem().stream())))
                            .containsExactly("/tunnels/49/name", "/tunnels/149/name");
                    assertThat(e.outcomes()).isEmpty();
                    assertThat(e.getCause()).isInstanceOfSatisfying(CulvertApiException.class, refusal -> {
                        assertThat(places(Stream.of(refusal.problem()))).containsExactly("/tunnels/249/name");
                        assertThat(refusal.detail()).startsWith("/tunnels/249/name: 'x'");
                    });
                });
        assertThat(server.requests).hasSize(3);
        server.says(400, flaw);
        assertThatThrownBy(() -> server.client().tunnels().createAll(wanted))
                .as("nothing was done")
                .isInstanceOfSatisfying(
                        CulvertApiException.class, e -> assertThat(e.detail()).startsWith("/tunnels/49/name: 'x'"));
    }

    private static List<String> places(Stream<Problem> problems) {
        return problems.flatMap(problem -> problem.errors().stream())
                .map(Problem.Flaw::field)
                .toList();
    }

    @Test
    void whatWasDoneBeforeAConnectionBrokeIsTold() {
        String done = "{\"results\":[{\"id\":1,\"status\":200,\"tunnel\":" + TUNNEL + ",\"problem\":null}]}";
        List<Long> ids = LongStream.range(0, 1001).boxed().toList();
        server.says(200, done).breaks();
        assertThatThrownBy(() -> server.client().tunnels().deleteAll(ids))
                .isInstanceOfSatisfying(UnfinishedException.class, e -> {
                    assertThat(e.outcomes()).extracting(Outcome::done).containsExactly(true);
                    assertThat(e.created()).isEmpty();
                    assertThat(e).hasMessageStartingWith("1 of 1001 were answered, and then: no answer from ");
                    assertThat(e.getCause()).isInstanceOf(IOException.class);
                });
    }

    @Test
    void aRefusalIsAProblemDocument() {
        server.says(exchange -> {
            exchange.getResponseHeaders().set("Retry-After", "2");
            byte[] body =
                    ("{\"type\":\"/docs/problems#invalid-request\",\"title\":\"No\",\"status\":400,\"detail\":\"d\","
                                    + "\"errors\":[{\"field\":\"/name\",\"value\":null,\"expected\":\"a name\"}],\"more\":1}")
                            .getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(400, body.length);
            exchange.getResponseBody().write(body);
        });
        assertThatThrownBy(() -> server.client().ports().list())
                .isInstanceOfSatisfying(CulvertApiException.class, e -> {
                    assertThat(e.status()).isEqualTo(400);
                    assertThat(e.problem().name()).isEqualTo("invalid-request");
                    assertThat(e.problem().errors())
                            .containsExactly(new Problem.Flaw("/name", Optional.empty(), "a name"));
                    assertThat(e.retryAfter()).hasValue(Duration.ofSeconds(2));
                    assertThat(e).hasMessage("refused with 400: d");
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "<html>bad gateway</html>", "[]", "{\"type\":1}"})
    void aRefusalThatIsNoProblemDocumentIsOneAllTheSame(String body) {
        server.says(502, body);
        assertThatThrownBy(() -> server.client().server()).isInstanceOfSatisfying(CulvertApiException.class, e -> {
            assertThat(e.status()).isEqualTo(502);
            assertThat(e.problem().type()).isEqualTo(Problem.UNKNOWN);
            assertThat(e).hasMessage("refused with 502: HTTP status 502");
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "<html>", "null", "[]", "{}", "{\"tunnels\":[{}],\"total\":1}", "{\"tunnels\":1}"})
    void anAnswerThatIsNotTheApisIsAnIoException(String body) {
        server.says(200, body);
        assertThatThrownBy(() -> server.client().tunnels().list(TunnelFilter.all()))
                .isInstanceOf(IOException.class);
    }

    @Test
    void aFieldThatIsMissingIsNamed() {
        server.says(200, TUNNEL.replace("\"target\"", "\"aim\""));
        assertThatThrownBy(() -> server.client().tunnels().get(7))
                .isInstanceOf(IOException.class)
                .hasMessage("/exposes[0]/target: missing in the server's answer (expected: a string)");
    }

    /** To round it, ten would be raised to its power: minutes of computing. */
    @ParameterizedTest
    @ValueSource(strings = {"1e-500000000", "0e-500000000", "1e600000000", "-1e16"})
    void aNumberPastAllBoundsIsRefusedAtOnce(String number) {
        server.says(200, TUNNEL.replace("60.500", number));
        CulvertClient client = server.client();
        assertThat(CompletableFuture.runAsync(
                        () -> assertThatThrownBy(() -> client.tunnels().get(7))
                                .isInstanceOf(IOException.class)
                                .hasMessage("/lease/ttl_seconds: missing in the server's answer (expected: seconds)")))
                .succeedsWithin(Duration.ofSeconds(10));
    }

    @ParameterizedTest
    @CsvSource({"0e9999999, PT0S", "1e-900, PT0S", "0.0019999999999, PT0.001999999S", "1e15, PT277777777777H46M40S"})
    void aNumberWithinThemIsRead(String number, Duration means) throws IOException {
        server.says(200, TUNNEL.replace("60.500", number));
        assertThat(server.client().tunnels().get(7).lease().ttl()).hasValue(means);
    }

    /** There would be time for a second try, not for the pause of two seconds behind the third. */
    @Test
    void allTriesShareTheTimeOfTheCall() {
        server.breaks().breaks().breaks().says(200, TUNNEL);
        CulvertClient client = CulvertClient.to(server.address())
                .timeout(Duration.ofSeconds(1))
                .build();
        assertThatThrownBy(() -> client.tunnels().renew(7)).isInstanceOf(IOException.class);
        assertThat(server.requests).hasSizeLessThanOrEqualTo(3);
    }

    @Test
    void anAnswerThatIsTooLongIsNotAskedForAgain() {
        byte[] blanks = " ".repeat(1 << 20).getBytes(StandardCharsets.UTF_8);
        server.says(exchange -> {
            exchange.sendResponseHeaders(200, 0);
            for (int i = 0; i <= 128; i++) {
                exchange.getResponseBody().write(blanks);
            }
        });
        assertThatThrownBy(() -> server.client().tunnels().renew(7))
                .isInstanceOf(IOException.class)
                .hasMessage("the server's answer is too long (expected: at most 134217728 bytes)");
        assertThat(server.requests).hasSize(1);
    }

    @Test
    void aCertificateThatIsNotTrustedIsNotLookedAtAgain() throws Exception {
        AtomicInteger connections = new AtomicInteger();
        try (ServerSocket stranger =
                stranger().getServerSocketFactory().createServerSocket(0, 8, InetAddress.getLoopbackAddress())) {
            Thread thread = new Thread(() -> shakeHands(stranger, connections), "stranger");
            thread.setDaemon(true);
            thread.start();
            URI address = URI.create("https://127.0.0.1:" + stranger.getLocalPort());
            assertThatThrownBy(() -> CulvertClient.to(address).build().ports().list())
                    .isInstanceOf(IOException.class)
                    .hasRootCauseInstanceOf(CertPathBuilderException.class);
        }
        assertThat(connections).hasValue(1);
    }

    private static void shakeHands(ServerSocket stranger, AtomicInteger connections) {
        while (!stranger.isClosed()) {
            try (Socket visitor = stranger.accept()) {
                connections.incrementAndGet();
                int unused = visitor.getInputStream().read();
            } catch (IOException e) {
                // not trusted, or closed
            }
        }
    }

    /** A server of a certificate that it has issued for itself. */
    private SSLContext stranger() throws Exception {
        Path keys = directory.resolve("stranger.p12");
        char[] password = "changeit".toCharArray();
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=stranger",
                        "-ext",
                        "san=ip:127.0.0.1",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        keys.toString(),
                        "-storepass",
                        "changeit")
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("keytool.log").toFile())
                .start();
        assertThat(keytool.waitFor()).isZero();
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(KeyStore.getInstance(keys.toFile(), password), password);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(factory.getKeyManagers(), null, null);
        return context;
    }

    @Test
    void nobodyThereIsToldAtOnceAndWithoutTheKey() throws IOException {
        int port;
        try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = closed.getLocalPort();
        }
        CulvertClient client = CulvertClient.to(URI.create("http://127.0.0.1:" + port))
                .key(FakeServer.KEY)
                .build();
        assertThatThrownBy(() -> client.tunnels().create(NewTunnel.to("127.0.0.1:1", Duration.ofSeconds(1))))
                .isInstanceOf(IOException.class)
                .hasMessageNotContaining(FakeServer.KEY);
        assertThat(client.toString()).doesNotContain(FakeServer.KEY).contains("MASKED");
    }

    @Test
    void secretsStandInNoToString() {
        WebhookSettings webhook = WebhookSettings.builder()
                .url(URI.create("http://x"))
                .secret("0123456789abcdef")
                .build();
        assertThat(webhook.toString()).contains("http://x").doesNotContain("0123456789abcdef");
        assertThat(webhook.json().toString()).contains("0123456789abcdef");
    }

    @Test
    void everyRecordHidesTheDocumentsText() throws IOException {
        server.says(200, TUNNEL);
        assertThat(server.client().tunnels().get(7).toString()).contains("lab").doesNotContain("colour");
    }

    @Test
    void aFileWithoutCertificatesIsNamed() throws IOException {
        Path file = Files.writeString(directory.resolve("ca.pem"), "nothing");
        assertThatThrownBy(() -> CulvertClient.to(server.address()).trusting(file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("ca.pem")
                .hasMessageContaining("expected: PEM");
        assertThatThrownBy(() -> CulvertClient.to(server.address()).trusting(directory.resolve("none")))
                .isInstanceOf(IOException.class);
    }

    @Test
    void requestsForEachOperationGoWhereTheContractSays() throws IOException {
        CulvertClient client = server.client();
        List<String> lines = new ArrayList<>();
        server.says(200, TUNNEL);
        client.tunnels().renew(7);
        client.tunnels().pause(7);
        client.tunnels().resume(7);
        client.tunnels().delete(7);
        client.tunnels().drain(7, Duration.ofMillis(1500));
        client.tunnels().movePort(7, 0, 0);
        server.requests.forEach(request -> lines.add(request.line()));
        assertThat(lines)
                .containsExactly(
                        "POST /api/v1/tunnels/7/renew",
                        "POST /api/v1/tunnels/7/pause",
                        "POST /api/v1/tunnels/7/resume",
                        "DELETE /api/v1/tunnels/7",
                        "DELETE /api/v1/tunnels/7?mode=drain&drain_seconds=1.500000000",
                        "POST /api/v1/tunnels/7/move-port");
        assertThat(Stream.of(server.last().body())).containsExactly("{\"expose\":0,\"port\":0}");
    }
}
