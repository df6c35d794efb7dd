package io.culvert.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.control.Caller;
import io.culvert.control.access.CreatedKey;
import io.culvert.control.access.NewKey;
import io.culvert.control.access.NewUser;
import io.culvert.control.audit.AuditFilter;
import io.culvert.control.audit.AuditLog;
import io.culvert.control.caller.Permission;
import io.culvert.control.caller.Role;
import io.culvert.link.agent.JoinToken;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What went wrong elsewhere. */
class AccidentsTest {
    private static final Caller ADMIN = Caller.trusted("test");

    @TempDir
    private Path data;

    private RunningServer server;

    @BeforeEach
    void start() {
        server = RunningServer.keyed(data);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static <T> T get(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(30, TimeUnit.SECONDS).join();
    }

    private CreatedKey annasKey() {
        get(server.access.users().create(ADMIN, new NewUser("anna", "", false, Optional.empty())));
        get(server.access.projects().putMember(ADMIN, "default", "anna", Role.MEMBER));
        return get(server.access
                .keys()
                .create(
                        ADMIN,
                        new NewKey(
                                "",
                                Optional.of("anna"),
                                Optional.empty(),
                                EnumSet.allOf(Permission.class),
                                OptionalLong.empty(),
                                Optional.empty())));
    }

    /** Our own: each request beyond the 128th that was sent ahead of its answer was a line in the log, with a trace, and never answered. */
    @Test
    void requestsThatAreSentAheadAreAllAnswered() throws IOException {
        int requests = 1_000;
        try (Socket socket = server.connect()) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream()
                    .write(("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(requests - 1)
                                    + "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                            .getBytes(StandardCharsets.UTF_8));
            String answers = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(answers.split("HTTP/1.1 200 OK", -1)).hasSize(requests + 1);
        }
    }

    /** GHSA-24fp-5v3p-rvpw: rights were looked at when somebody came in, and never again. */
    @Test
    void chisel_a_stream_ends_with_the_key_that_opened_it() throws IOException {
        CreatedKey key = annasKey();
        try (Socket socket = server.connect()) {
            socket.getOutputStream()
                    .write(("GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + key.secret()
                                    + "\r\n\r\n")
                            .getBytes(StandardCharsets.UTF_8));
            BufferedReader lines =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            String line = lines.readLine();
            while (!line.startsWith("retry:")) {
                line = lines.readLine();
            }
            assertThat(server.json("/api/create", "{\"innet\":22,\"comment\":\"seen\"}")
                            .statusCode())
                    .isEqualTo(200);
            while (!line.contains("\"kind\":\"created\"")) {
                line = lines.readLine();
            }
            get(server.access.keys().revoke(ADMIN, key.key().id()));
            assertThat(server.json("/api/create", "{\"innet\":22,\"comment\":\"not seen\"}")
                            .statusCode())
                    .isEqualTo(200);
            String rest = lines.lines().collect(Collectors.joining("\n"));
            assertThat(rest)
                    .as("the connection has ended, and nothing was told")
                    .doesNotContain("created");
        }
    }

    /** The same where nothing happens: an open stream is cut within two seconds, and its place is free. */
    @Test
    void chisel_a_silent_stream_ends_with_the_key_too() throws IOException {
        CreatedKey key = annasKey();
        try (Socket socket = server.connect()) {
            socket.getOutputStream()
                    .write(("GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + key.secret()
                                    + "\r\n\r\n")
                            .getBytes(StandardCharsets.UTF_8));
            BufferedReader lines =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            String line = lines.readLine();
            while (!line.startsWith("id:")) {
                line = lines.readLine();
            }
            get(server.access.keys().revoke(ADMIN, key.key().id()));
            // Less than the pulse of 15 s, by which a stream without news is found out otherwise.
            socket.setSoTimeout(8_000);
            assertThat(lines.lines().collect(Collectors.joining())).doesNotContain("data:");
        }
    }

    /** The same: a role that was taken away was good for as long as somebody stayed. */
    @Test
    void chisel_a_role_that_is_taken_away_is_gone_at_the_next_request() {
        CreatedKey key = annasKey();
        HttpResponse<String> before = list(key.secret());
        get(server.access.projects().removeMember(ADMIN, "default", "anna"));
        assertThat(before.statusCode()).isEqualTo(200);
        assertThat(list(key.secret()).statusCode()).isEqualTo(403);
    }

    private HttpResponse<String> list(String key) {
        return server.send(server.to("/api/v1/tunnels").header("Authorization", "Bearer " + key));
    }

    /** A key that was left out of the configuration was the empty one, and whoever showed nothing had it. */
    @Test
    void nps_an_empty_key_is_none() {
        for (String path : new String[] {"/api/list?key=", "/api/list?key=%20"}) {
            assertThat(server.send(server.to(path)).statusCode()).isEqualTo(401);
        }
        assertThat(list("").statusCode()).isEqualTo(401);
    }

    /** CVE-2026-40910: a second way to say who one is, and it was looked at by other eyes. */
    @Test
    void frp_there_is_one_way_to_say_who_one_is() {
        String key = annasKey().secret();
        String basic = Base64.getEncoder().encodeToString(("anna:" + key).getBytes(StandardCharsets.UTF_8));
        for (String path : List.of("/api/v1/tunnels", "/api/v1/users", "/api/list", "/api/v1/audit")) {
            for (String[] headers : List.of(
                    new String[] {"Authorization", "Basic " + basic},
                    new String[] {"Authorization", key},
                    new String[] {"Authorization", "Bearer " + key, "Authorization", "Bearer " + RunningServer.KEY},
                    new String[] {"Authorization", "Bearer " + key + ", Bearer " + RunningServer.KEY},
                    new String[] {"X-Authorization", "Bearer " + key},
                    new String[] {"Proxy-Authorization", "Bearer " + key},
                    new String[] {"X-Forwarded-User", "anna"},
                    new String[] {"Cookie", "culvert=" + key + "; __Host-culvert=" + key})) {
                assertThat(server.send(server.to(path).headers(headers)).statusCode())
                        .as("%s by %s", path, String.join(" ", headers))
                        .isEqualTo(401);
            }
        }
        assertThat(list(key).statusCode()).isEqualTo(200);
    }

    /** Tokens in URLs ended up in logs. The seed's key may stand there, and is found nowhere else. */
    @Test
    void sish_a_key_in_the_query_is_in_no_answer_and_in_no_audit() {
        String key = annasKey().secret();
        HttpResponse<String> refused = server.send(server.to("/api/create?key=" + key + "&nonsense=1")
                .POST(java.net.http.HttpRequest.BodyPublishers.ofString("innet=22&id=" + key))
                .header("Content-Type", "application/x-www-form-urlencoded"));
        assertThat(refused.statusCode()).isBetween(400, 499);
        assertThat(refused.body()).doesNotContain(key);
        assertThat(audit()).contains("api/create").doesNotContain(key);
    }

    /** The same: the audit says whose password was tried, and nothing of what was typed in place of a name. */
    @Test
    void sish_a_password_typed_as_a_name_is_in_no_audit() {
        get(server.access.users().create(ADMIN, new NewUser("anna", "", false, Optional.empty())));
        for (String typed : new String[] {"anna", "seven-herons-on-the-weir"}) {
            HttpResponse<String> refused = server.send(server.to("/api/v1/session")
                    .header("Content-Type", "application/json")
                    .POST(java.net.http.HttpRequest.BodyPublishers.ofString(
                            "{\"user\":\"" + typed + "\",\"password\":\"seven-herons-on-the-weir\"}")));
            assertThat(refused.statusCode()).isEqualTo(401);
        }
        assertThat(audit()).contains("user/anna").doesNotContain("herons");
    }

    private String audit() {
        return get(server.audit.page(AuditFilter.ALL, OptionalLong.empty(), 100)).stream()
                .map(AuditLog::line)
                .collect(Collectors.joining());
    }

    /** CVE-2021-3019, and the way round its mend: paths of files, plain and disguised, led out of the page's directory. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "/../conf/config.properties",
                "/ui/../../../../../../etc/passwd",
                "/ui/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
                "/ui/..%2f..%2f..%2f..%2fetc%2fpasswd",
                "/ui/..%5C..%5C..%5Cadmin.key",
                "/ui/..\\..\\admin.key",
                "/ui/%252e%252e/%252e%252e/admin.key",
                "/ui/%c0%ae%c0%ae/%c0%ae%c0%ae/etc/passwd",
                "/ui/....//....//etc/passwd",
                "/ui/..;/..;/admin.key",
                "/ui/app.js/../../admin.key",
                "/ui/app.js%00.png",
                "//etc/passwd",
                "/file:/etc/passwd",
                "/ui//etc/passwd",
                "/META-INF/MANIFEST.MF",
                "/io/culvert/web/ui/app.html",
                "/ui/../v1/openapi.yaml",
                "http://localhost/../../etc/passwd",
            })
    void lanproxy_no_path_leads_out_of_the_page(String path) throws IOException {
        Files.writeString(data.resolve("admin.key"), "a secret of this server");
        String answer = server.raw("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        assertThat(answer).containsPattern("\\AHTTP/1\\.1 (400|404) ");
        assertThat(answer).doesNotContain("a secret of this server", "root:", "Implementation-Version", "openapi:");
    }

    /** The key pair of every server lay in the release. */
    @Test
    void lanproxy_each_server_has_a_key_pair_of_its_own(@TempDir Path other) {
        try (RunningServer second = RunningServer.keyed(other)) {
            assertThat(JoinToken.parse(aTunnel(server)).pin())
                    .isNotEqualTo(JoinToken.parse(aTunnel(second)).pin());
        }
    }

    /** {@code /auth/getauthkey}: an address told everybody the key, sealed by a key that everybody knew. */
    @Test
    void nps_no_answer_tells_a_secret_a_second_time() {
        CreatedKey key = annasKey();
        String join = aTunnel(server);
        assertThat(join).startsWith("cv1.");
        for (String path : new String[] {
            "/api/v1/keys",
            "/api/v1/users",
            "/api/v1/users/anna",
            "/api/v1/session",
            "/api/v1/server",
            "/api/v1/tunnels",
            "/api/v1/tunnels/1",
            "/api/v1/audit",
            "/api/list",
            "/metrics",
            "/auth/getauthkey",
        }) {
            assertThat(server.get(path).body()).as(path).doesNotContain(key.secret(), RunningServer.KEY, join);
        }
    }

    /** GHSA-26gq-p25f-99cp: five bytes ended the whole server. Each line here is one connection's. */
    @Test
    void frp_no_bytes_of_one_peer_end_it_for_others() throws IOException {
        for (String bytes : new String[] {
            "\u0000\u0000\u0000\u0001e",
            "\u00ff\u00ff\u00ff\u00ff\u00ff",
            "SSH-2.0-x\r\n",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            "GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
            "POST /api/create HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
        }) {
            try (Socket api = server.connect();
                    Socket bridge = new Socket(InetAddress.getLoopbackAddress(), server.gateway.bridgePort())) {
                for (Socket each : List.of(api, bridge)) {
                    each.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
                    each.getOutputStream().flush();
                    each.shutdownOutput();
                    each.setSoTimeout(15_000);
                    RunningServer.rest(each);
                }
            }
        }
        assertThat(server.get("/api/list").statusCode()).isEqualTo(200);
        server.agent(aTunnel(server)).close();
    }

    /** CVE-2026-50560: streams of HTTP/2 that are opened and reset by the thousand. It is not spoken here. */
    @Test
    void netty_http_2_is_not_spoken(@TempDir Path other) throws IOException {
        try (RunningServer secure = RunningServer.secure(other, WebLimits.defaults());
                SSLSocket socket = (SSLSocket) secure.connect()) {
            SSLParameters wanted = socket.getSSLParameters();
            wanted.setApplicationProtocols(new String[] {"h2", "http/1.1"});
            socket.setSSLParameters(wanted);
            socket.startHandshake();
            assertThat(socket.getApplicationProtocol()).isIn("", "http/1.1");
        }
        String upgrade = server.raw(String.join(
                "\r\n",
                "GET /healthz HTTP/1.1",
                "Host: localhost",
                "Connection: Upgrade, HTTP2-Settings",
                "Upgrade: h2c",
                "HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA",
                "",
                "GET /healthz HTTP/1.1",
                "Host: localhost",
                "Connection: close",
                "",
                ""));
        assertThat(upgrade).startsWith("HTTP/1.1 200 ").doesNotContain(" 101 ");
    }

    /** Whoever knew, or had set, the cookie of before was in by it afterwards. */
    @Test
    void a_session_that_somebody_else_has_set_is_not_the_one_that_is_signed_in(@TempDir Path other) {
        try (RunningServer secure = RunningServer.secure(other, WebLimits.defaults())) {
            get(secure.access
                    .users()
                    .create(ADMIN, new NewUser("anna", "", false, Optional.of("seven herons on the weir"))));
            String fixed = "__Host-culvert=" + "A".repeat(43);
            HttpResponse<String> in = signIn(secure, fixed);
            assertThat(in.statusCode()).isEqualTo(200);
            String first = in.headers().firstValue("Set-Cookie").orElseThrow().split(";", 2)[0];
            assertThat(first).startsWith("__Host-culvert=").isNotEqualTo(fixed);
            HttpResponse<String> again = signIn(secure, first);
            String second =
                    again.headers().firstValue("Set-Cookie").orElseThrow().split(";", 2)[0];
            assertThat(second).as("nor is the one of before signed in anew").isNotEqualTo(first);
            assertThat(session(secure, fixed)).isEqualTo(401);
            assertThat(session(secure, second)).isEqualTo(200);
        }
    }

    private static HttpResponse<String> signIn(RunningServer server, String cookie) {
        return server.send(server.to("/api/v1/session")
                .header("Cookie", cookie)
                .header("Content-Type", "application/json")
                .POST(java.net.http.HttpRequest.BodyPublishers.ofString(
                        "{\"user\":\"anna\",\"password\":\"seven herons on the weir\"}")));
    }

    private static int session(RunningServer server, String cookie) {
        return server.send(server.to("/api/v1/session").header("Cookie", cookie))
                .statusCode();
    }

    /** What an agent joins with. */
    private static String aTunnel(RunningServer server) {
        HttpResponse<String> made = server.json("/api/v1/tunnels", "{\"exposes\":[{\"target\":\"127.0.0.1:22\"}]}");
        assertThat(made.statusCode()).isEqualTo(201);
        return RunningServer.json(made).getString("join");
    }
}
