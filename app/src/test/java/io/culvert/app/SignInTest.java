package io.culvert.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.culvert.app.config.Address;
import io.culvert.app.config.HttpsConfig;
import io.culvert.app.config.LoginConfig;
import io.culvert.app.config.ServerConfig;
import io.culvert.gateway.Cidr;
import io.culvert.gateway.identity.ServerIdentity;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** People who come in by the page's door: a whole server, reached by HTTPS and not. */
class SignInTest {
    private static final String FRESH = "seven herons on the weir";
    private static final String SESSION = "/api/v1/session";

    @TempDir
    Path directory;

    private final List<String> answers = new ArrayList<>();

    @Test
    void nps_boringproxy_sish_the_first_password_is_random_and_only_good_for_changing_it() throws Exception {
        try (Server server = Server.start(config().with(HttpsConfig.own("127.0.0.1")))) {
            String first = server.firstPassword().orElseThrow();
            HttpClient browser = trusting(authority());
            HttpResponse<String> in = signIn(server, browser, "admin", first);
            assertThat(in.statusCode()).isEqualTo(200);
            String cookie = in.headers().firstValue("Set-Cookie").orElseThrow();
            assertThat(cookie)
                    .startsWith("__Host-culvert=")
                    .contains("; Path=/", "; Secure", "; HttpOnly", "; SameSite=Strict")
                    .doesNotContain("Domain");
            assertThat(json(in).get("must_change_password").asBoolean()).isTrue();
            Map<String, String> me = me(in);

            assertThat(send(server, browser, "GET", "/api/v1/tunnels", "", me).statusCode())
                    .isEqualTo(403);
            assertThat(send(
                                    server,
                                    browser,
                                    "POST",
                                    "/api/v1/tunnels",
                                    "{\"exposes\":[{\"target\":\"127.0.0.1:22\"}]}",
                                    me)
                            .statusCode())
                    .isEqualTo(403);
            assertThat(send(server, browser, "GET", "/api/v1/users", "", me).statusCode())
                    .isEqualTo(403);
            assertThat(send(server, browser, "POST", SESSION + "/totp", "", me).statusCode())
                    .isEqualTo(403);
            assertThat(send(server, browser, "GET", "/api/v1/logins", "", me).statusCode())
                    .isEqualTo(403);

            String change = "{\"old\":\"" + first + "\",\"new\":\"" + FRESH + "\"}";
            assertThat(send(server, browser, "PUT", SESSION + "/password", change, me)
                            .statusCode())
                    .isEqualTo(204);
            HttpResponse<String> again = signIn(server, browser, "admin", FRESH);
            assertThat(json(again).get("must_change_password").asBoolean()).isFalse();
            assertThat(json(again).get("admin").asBoolean()).isTrue();
            assertThat(send(server, browser, "GET", "/api/v1/tunnels", "", me(again))
                            .statusCode())
                    .isEqualTo(200);
            assertThat(signIn(server, browser, "admin", first).statusCode()).isEqualTo(401);
        }
        try (Server server = Server.start(config())) {
            assertThat(server.firstPassword()).isEmpty();
        }
    }

    @Test
    void theFirstPasswordMayStandInAFile() throws Exception {
        Path file = Files.writeString(directory.resolve("first"), "a password of my own\n");
        LoginConfig logins =
                new LoginConfig(Optional.of(file), Duration.ofHours(12), Duration.ofHours(1), Optional.empty());
        try (Server server = Server.start(config().with(logins))) {
            assertThat(server.firstPassword()).isEmpty();
            HttpResponse<String> in = signIn(server, HttpClient.newHttpClient(), "admin", "a password of my own");
            assertThat(in.statusCode()).isEqualTo(200);
            assertThat(json(in).get("must_change_password").asBoolean()).isTrue();
            // On this machine alone, plain HTTP will do.
            assertThat(in.headers().firstValue("Set-Cookie").orElseThrow())
                    .startsWith("culvert=")
                    .contains("; HttpOnly; SameSite=Strict")
                    .doesNotContain("Secure");
        }
    }

    @Test
    void seed_another_sites_page_cannot_use_a_login() throws Exception {
        try (Server server = settled(config().with(HttpsConfig.own("127.0.0.1")))) {
            HttpClient browser = trusting(authority());
            Map<String, String> me = me(signIn(server, browser, "admin", FRESH));
            String made = "{\"exposes\":[{\"target\":\"127.0.0.1:22\"}]}";
            assertThat(send(server, browser, "POST", "/api/v1/tunnels", made, with(me, "X-CSRF-Token", null))
                            .statusCode())
                    .isEqualTo(403);
            assertThat(send(server, browser, "POST", "/api/v1/tunnels", made, with(me, "X-CSRF-Token", "guessed"))
                            .statusCode())
                    .isEqualTo(403);
            assertThat(send(server, browser, "POST", "/api/v1/tunnels", made, with(me, "Sec-Fetch-Site", "cross-site"))
                            .statusCode())
                    .isEqualTo(403);
            assertThat(send(
                                    server,
                                    browser,
                                    "POST",
                                    "/api/v1/tunnels",
                                    made,
                                    with(me, "Origin", "https://evil.example"))
                            .statusCode())
                    .isEqualTo(403);
            assertThat(send(server, browser, "GET", "/api/v1/tunnels", "", with(me, "Sec-Fetch-Site", "same-site"))
                            .statusCode())
                    .isEqualTo(403);
            // The seed's API takes the cookie too, so it asks for the same.
            Map<String, String> bare =
                    with(with(me, "X-CSRF-Token", null), "Content-Type", "application/x-www-form-urlencoded");
            assertThat(send(server, browser, "POST", "/api/create", "innet=22", bare)
                            .statusCode())
                    .isEqualTo(403);
            // Nor can it sign somebody in as somebody else.
            assertThat(send(
                                    server,
                                    browser,
                                    "POST",
                                    SESSION,
                                    credentials("admin", FRESH),
                                    Map.of("Content-Type", "application/json", "Origin", "https://evil.example"))
                            .statusCode())
                    .isEqualTo(403);
            Map<String, String> own = with(me, "Origin", "https://127.0.0.1:" + server.httpPort());
            assertThat(send(
                                    server,
                                    browser,
                                    "POST",
                                    "/api/v1/tunnels",
                                    made,
                                    with(own, "Sec-Fetch-Site", "same-origin"))
                            .statusCode())
                    .isEqualTo(201);
            Map<String, String> twice = with(me, "Cookie", me.get("Cookie") + "; __Host-culvert=other");
            assertThat(send(server, browser, "GET", "/api/v1/tunnels", "", twice)
                            .statusCode())
                    .isEqualTo(401);
        }
    }

    @Test
    void aLoginEndsWhenItIsTold() throws Exception {
        try (Server server = settled(config().with(HttpsConfig.own("127.0.0.1")))) {
            HttpClient browser = trusting(authority());
            Map<String, String> one = me(signIn(server, browser, "admin", FRESH));
            Map<String, String> two = me(signIn(server, browser, "admin", FRESH));
            JsonNode logins = json(send(server, browser, "GET", "/api/v1/logins", "", one))
                    .get("logins");
            String other = "";
            for (JsonNode login : logins) {
                if (!login.get("current").asBoolean()) {
                    other = login.get("id").asText();
                    assertThat(send(server, browser, "DELETE", "/api/v1/logins/" + other, "", one)
                                    .statusCode())
                            .isEqualTo(204);
                }
            }
            assertThat(other).isNotEmpty();
            assertThat(send(server, browser, "GET", SESSION, "", two).statusCode())
                    .isEqualTo(401);
            HttpResponse<String> out = send(server, browser, "DELETE", SESSION, "", one);
            assertThat(out.statusCode()).isEqualTo(204);
            assertThat(out.headers().firstValue("Set-Cookie").orElseThrow()).contains("Max-Age=0");
            assertThat(send(server, browser, "GET", SESSION, "", one).statusCode())
                    .isEqualTo(401);
        }
    }

    @Test
    void anUnknownUserAndAWrongPasswordAreToldAlike() throws Exception {
        try (Server server = Server.start(config())) {
            HttpClient browser = HttpClient.newHttpClient();
            HttpResponse<String> unknown = signIn(server, browser, "nobody", FRESH);
            HttpResponse<String> wrong = signIn(server, browser, "admin", FRESH);
            assertThat(unknown.statusCode()).isEqualTo(401);
            assertThat(wrong.statusCode()).isEqualTo(401);
            assertThat(unknown.body()).isEqualTo(wrong.body());
        }
    }

    @Test
    void noPasswordByPlainHttpThroughAProxyThatNobodyNamed() throws Exception {
        Map<String, String> passedOn = Map.of(
                "Content-Type", "application/json", "X-Forwarded-For", "203.0.113.7", "X-Forwarded-Proto", "https");
        HttpsConfig behind = new HttpsConfig(
                false,
                Optional.empty(),
                Optional.empty(),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                List.of(Cidr.parse("127.0.0.1")));
        try (Server server = settled(config().with(behind))) {
            HttpResponse<String> in =
                    send(server, HttpClient.newHttpClient(), "POST", SESSION, credentials("admin", FRESH), passedOn);
            assertThat(in.statusCode()).isEqualTo(200);
            assertThat(in.headers().firstValue("Set-Cookie").orElseThrow()).startsWith("__Host-culvert=");
            Map<String, String> me = new HashMap<>(passedOn);
            me.putAll(me(in));
            assertThat(send(server, HttpClient.newHttpClient(), "GET", "/api/v1/logins", "", me)
                            .body())
                    .contains("203.0.113.7");
        }
        try (Server server = Server.start(config())) {
            HttpResponse<String> refused =
                    send(server, HttpClient.newHttpClient(), "POST", SESSION, credentials("admin", "x"), passedOn);
            assertThat(refused.statusCode()).isEqualTo(403);
            assertThat(refused.body()).contains("plain http").contains("--trusted-proxy");
        }
    }

    @Test
    void plainHttpLeadsBrowsersToHttpsAndRefusesPrograms() throws Exception {
        HttpsConfig https = new HttpsConfig(
                true,
                Optional.empty(),
                Optional.empty(),
                List.of("127.0.0.1"),
                Optional.of(new Address("127.0.0.1", 0)),
                Optional.empty(),
                List.of());
        try (Server server = Server.start(config().with(https))) {
            String plain = "http://127.0.0.1:" + server.redirectPort().orElseThrow();
            HttpClient client = HttpClient.newHttpClient();
            HttpResponse<String> page = client.send(
                    HttpRequest.newBuilder(URI.create(plain + "/ui/manager?x=1"))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(page.statusCode()).isEqualTo(308);
            assertThat(page.headers().firstValue("Location"))
                    .hasValue("https://127.0.0.1:" + server.httpPort() + "/ui/manager?x=1");
            HttpResponse<String> api = client.send(
                    HttpRequest.newBuilder(URI.create(plain + "/api/list?key=planted-key"))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(api.statusCode()).isEqualTo(403);
            assertThat(api.headers().firstValue("Location")).isEmpty();
            assertThat(api.body()).contains("https").doesNotContain("planted-key");
        }
    }

    @Test
    void everyAnswerHasItsHeadersAndTlsIsNotOld() throws Exception {
        try (Server server = Server.start(config().with(HttpsConfig.own("127.0.0.1")))) {
            HttpClient browser = trusting(authority());
            for (String path : List.of("/ui/manager", "/nothing", "/api/list", "/api/v1/tunnels", "/healthz", "/")) {
                HttpResponse<String> answer = send(server, browser, "GET", path, "", Map.of());
                assertThat(answer.headers().map())
                        .as(path)
                        .containsKeys(
                                "content-security-policy",
                                "permissions-policy",
                                "cross-origin-opener-policy",
                                "cross-origin-resource-policy")
                        .containsEntry("x-content-type-options", List.of("nosniff"))
                        .containsEntry("x-frame-options", List.of("DENY"))
                        .containsEntry("referrer-policy", List.of("no-referrer"))
                        // A certificate that browsers do not believe must not shut them out for a year.
                        .doesNotContainKey("strict-transport-security");
                assertThat(answer.headers()
                                .firstValue("content-security-policy")
                                .orElseThrow())
                        .startsWith("default-src 'none'")
                        .contains("frame-ancestors 'none'")
                        .doesNotContain("unsafe");
            }
            assertThat(agreed(server, "TLSv1.3")).isEqualTo("TLSv1.3");
            assertThat(agreed(server, "TLSv1.2")).isEqualTo("TLSv1.2");
            assertThatThrownBy(() -> agreed(server, "TLSv1.1")).isInstanceOf(SSLException.class);
        }
    }

    @Test
    void aChangedCertificateIsShownWithoutARestart() throws Exception {
        Path cert = directory.resolve("web.crt");
        Path key = directory.resolve("web.key");
        X509Certificate first = write(cert, key, "one");
        HttpsConfig given = new HttpsConfig(
                false, Optional.of(cert), Optional.of(key), List.of(), Optional.empty(), Optional.empty(), List.of());
        try (Server server = Server.start(config().with(given))) {
            assertThat(shown(server)).isEqualTo(first);
            Files.writeString(cert, "rubbish");
            X509Certificate second = write(cert, key, "two");
            await().atMost(Duration.ofSeconds(40)).until(() -> shown(server).equals(second));
        }
    }

    /** No secret that goes through the server stands in what it logs, answers or writes down. */
    @Test
    void cloudflared_sish_planted_secrets_are_nowhere() throws Exception {
        Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        root.addAppender(log);
        Logger ours = (Logger) LoggerFactory.getLogger("io.culvert");
        Level before = ours.getLevel();
        ours.setLevel(Level.DEBUG);
        String key = "planted-key-4711-of-the-configuration";
        String wrongKey = "planted-wrong-key-4712";
        String wrongPassword = "planted wrong password 4713";
        String admin;
        String first;
        String cookie;
        String audit;
        List<String> toldOnce;
        String password = "planted password of una 4714";
        String hook = "planted-webhook-secret-4715";
        try (Server server = Server.start(config().with(HttpsConfig.own("127.0.0.1")))) {
            HttpClient browser = trusting(authority());
            admin = server.adminKey().orElseThrow();
            first = server.firstPassword().orElseThrow();
            Map<String, String> in = me(signIn(server, browser, "admin", first));
            cookie = String.valueOf(in.get("Cookie")).substring("__Host-culvert=".length());
            send(
                    server,
                    browser,
                    "PUT",
                    SESSION + "/password",
                    "{\"old\":\"" + first + "\",\"new\":\"" + FRESH + "\"}",
                    in);
            send(
                    server,
                    browser,
                    "PUT",
                    SESSION + "/password",
                    "{\"old\":\"" + wrongPassword + "\",\"new\":\"short\"}",
                    in);
            signIn(server, browser, "admin", wrongPassword);
            send(
                    server,
                    browser,
                    "POST",
                    SESSION,
                    "{\"user\":\"" + wrongPassword,
                    Map.of("Content-Type", "application/json"));
            send(server, browser, "GET", "/api/list?key=" + admin, "", Map.of());
            send(server, browser, "GET", "/api/list?key=" + wrongKey, "", Map.of());
            send(
                    server,
                    browser,
                    "GET",
                    "/api/v1/tunnels?key=" + wrongKey,
                    "",
                    Map.of("Authorization", "Bearer " + admin));
            send(server, browser, "GET", "/api/v1/tunnels", "", Map.of("Authorization", "Bearer " + wrongKey));
            send(server, browser, "POST", "/api/v1/tunnels", "{}", Map.of("Authorization", "Bearer " + key));
            toldOnce = toldOnce(server, browser, admin, password, hook);
            HttpResponse<String> entries =
                    send(server, browser, "GET", "/api/v1/audit", "", Map.of("Authorization", "Bearer " + admin));
            assertThat(entries.statusCode()).isEqualTo(200);
            audit = entries.body();
            assertThat(audit).contains("changePassword");
            assertThat(audit)
                    .containsPattern(
                            "\"caller\":\"admin\",\"kind\":\"login\",\"address\":\"[^\"]+\",\"operation\":\"signIn\","
                                    + "\"target\":\"[^\"]*\",\"outcome\":\"done\"");
        } finally {
            root.detachAppender(log);
            ours.setLevel(before);
        }
        StringBuilder all = new StringBuilder(audit);
        for (ILoggingEvent event : log.list) {
            all.append(event.getFormattedMessage()).append('\n');
            for (var thrown = event.getThrowableProxy(); thrown != null; thrown = thrown.getCause()) {
                all.append(thrown.getMessage()).append('\n');
            }
        }
        assertThat(log.list).isNotEmpty();
        assertThat(toldOnce).hasSize(6);
        assertThat(all.toString()).as("what an answer told once").doesNotContain(toldOnce);
        // A stock client's private key is in the bundle that is shown
        // again and again: the one secret that the database has.
        List<String> notStored =
                toldOnce.stream().filter(secret -> !secret.startsWith("MHc")).toList();
        assertThat(notStored).hasSize(5);
        assertThat(database())
                .as("the database")
                .doesNotContain(notStored)
                .doesNotContain(password, key, wrongKey, wrongPassword, admin, first, FRESH, cookie);
        answers.forEach(all::append);
        assertThat(all.toString()).doesNotContain(password);
        assertThat(all.toString()).doesNotContain(key, wrongKey, wrongPassword, admin, first, FRESH, cookie);
    }

    /** All bytes of it, one character each. */
    private String database() throws IOException {
        StringBuilder all = new StringBuilder();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory.resolve("data"), "culvert.db*")) {
            for (Path file : files) {
                all.append(Files.readString(file, StandardCharsets.ISO_8859_1));
            }
        }
        assertThat(all.toString()).startsWith("SQLite format 3");
        return all.toString();
    }

    /** Has the server make and take everything that is secret; what came of it is in the answers, this once, and nowhere else. */
    private List<String> toldOnce(Server server, HttpClient browser, String admin, String password, String hook)
            throws Exception {
        Map<String, String> asked = Map.of("Authorization", "Bearer " + admin, "Content-Type", "application/json");
        JsonNode tunnel = json(send(
                server, browser, "POST", "/api/v1/tunnels", "{\"exposes\":[{\"target\":\"127.0.0.1:22\"}]}", asked));
        String path = "/api/v1/tunnels/" + tunnel.get("id").asText();
        JsonNode token = json(send(server, browser, "POST", path + "/join-tokens", "{}", asked));
        JsonNode bundle = json(send(server, browser, "GET", path + "/bundle", "", asked));
        String user = "{\"name\":\"una\",\"password\":\"" + password + "\"}";
        assertThat(send(server, browser, "POST", "/api/v1/users", user, asked).statusCode())
                .isEqualTo(201);
        JsonNode made = json(send(server, browser, "POST", "/api/v1/users", "{\"name\":\"ida\"}", asked));
        JsonNode key = json(send(
                server, browser, "POST", "/api/v1/keys", "{\"user\":\"una\",\"scopes\":[\"tunnels:read\"]}", asked));
        String webhook = "{\"url\":\"http://127.0.0.1:9/\",\"secret\":\"" + hook + "\"}";
        assertThat(send(server, browser, "POST", "/api/v1/webhooks", webhook, asked)
                        .statusCode())
                .isEqualTo(201);
        return List.of(
                tunnel.get("join").asText().split("\\.", -1)[2],
                token.get("join").asText().split("\\.", -1)[2],
                bundle.get("key").asText().lines().skip(1).findFirst().orElseThrow(),
                made.get("password").asText(),
                key.get("secret").asText(),
                hook);
    }

    private ServerConfig config() {
        return ServerConfig.embedded(directory.resolve("data"));
    }

    /** A server whose admin has a password of its own. */
    private Server settled(ServerConfig config) throws Exception {
        try (Server server = Server.start(config())) {
            HttpClient browser = HttpClient.newHttpClient();
            String first = server.firstPassword().orElseThrow();
            HttpResponse<String> in = signIn(server, browser, "admin", first);
            String change = "{\"old\":\"" + first + "\",\"new\":\"" + FRESH + "\"}";
            assertThat(send(server, browser, "PUT", SESSION + "/password", change, me(in))
                            .statusCode())
                    .isEqualTo(204);
        }
        return Server.start(config);
    }

    private X509Certificate authority() throws IOException {
        return ServerIdentity.loadOrCreate(directory.resolve("data"), InstantSource.system(), new SecureRandom())
                .chain()
                .get(1);
    }

    private X509Certificate write(Path cert, Path key, String name) throws IOException {
        var pair = ServerIdentity.loadOrCreate(directory.resolve(name), InstantSource.system(), new SecureRandom())
                .web(Set.of("127.0.0.1"));
        Files.writeString(key, Pem.key(pair.key()));
        Files.writeString(cert, Pem.certificates(pair.chain()));
        return pair.leaf();
    }

    private static HttpClient trusting(X509Certificate authority) throws Exception {
        KeyStore anchors = KeyStore.getInstance(KeyStore.getDefaultType());
        anchors.load(null, null);
        anchors.setCertificateEntry("ca", authority);
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(anchors);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .sslContext(context)
                .build();
    }

    /** What is shown to whoever connects, believed or not. */
    private static X509Certificate shown(Server server) throws Exception {
        try (SSLSocket socket = socket(server)) {
            socket.startHandshake();
            return (X509Certificate) socket.getSession().getPeerCertificates()[0];
        }
    }

    private static String agreed(Server server, String protocol) throws Exception {
        try (SSLSocket socket = socket(server)) {
            socket.setEnabledProtocols(new String[] {protocol});
            socket.startHandshake();
            return socket.getSession().getProtocol();
        }
    }

    private static SSLSocket socket(Server server) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new javax.net.ssl.TrustManager[] {new Credulous()}, null);
        SSLSocket socket = (SSLSocket)
                context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), server.httpPort());
        socket.setSoTimeout(10_000);
        return socket;
    }

    private HttpResponse<String> signIn(Server server, HttpClient browser, String user, String password)
            throws Exception {
        return send(
                server,
                browser,
                "POST",
                SESSION,
                credentials(user, password),
                Map.of("Content-Type", "application/json"));
    }

    private static String credentials(String user, String password) {
        return "{\"user\":\"" + user + "\",\"password\":\"" + password + "\"}";
    }

    private HttpResponse<String> send(
            Server server, HttpClient browser, String method, String path, String body, Map<String, String> headers)
            throws Exception {
        String scheme = browser.sslContext().equals(SSLContext.getDefault()) ? "http" : "https";
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create(scheme + "://127.0.0.1:" + server.httpPort() + path))
                .timeout(Duration.ofSeconds(30))
                .method(method, HttpRequest.BodyPublishers.ofString(body));
        headers.forEach(request::header);
        HttpResponse<String> answer = browser.send(request.build(), HttpResponse.BodyHandlers.ofString());
        answers.add(answer.body());
        return answer;
    }

    /** What a browser sends along after a sign-in. */
    private static Map<String, String> me(HttpResponse<String> in) throws IOException {
        String cookie = in.headers().firstValue("Set-Cookie").orElseThrow();
        return Map.of(
                "Cookie",
                cookie.substring(0, cookie.indexOf(';')),
                "X-CSRF-Token",
                json(in).get("csrf").asText(),
                "Content-Type",
                "application/json");
    }

    private static Map<String, String> with(
            Map<String, String> headers, String name, @org.jspecify.annotations.Nullable String value) {
        Map<String, String> other = new HashMap<>(headers);
        if (value == null) {
            other.remove(name);
        } else {
            other.put(name, value);
        }
        return other;
    }

    private static JsonNode json(HttpResponse<String> answer) throws IOException {
        return JsonMapper.builder().build().readTree(answer.body());
    }
}
