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
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What went wrong elsewhere. */
class AccidentsTest {
    private static final Caller ADMIN = Caller.trusted("test");

    private RunningServer server;

    @BeforeEach
    void start(@TempDir Path data) {
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

    /** Tokens in URLs ended up in logs. The seed's key may stand there, and is found nowhere else. */
    @Test
    void sish_a_key_in_the_query_is_in_no_answer_and_in_no_audit() {
        String key = annasKey().secret();
        HttpResponse<String> refused = server.send(server.to("/api/create?key=" + key + "&nonsense=1")
                .POST(java.net.http.HttpRequest.BodyPublishers.ofString("innet=22&id=" + key))
                .header("Content-Type", "application/x-www-form-urlencoded"));
        assertThat(refused.statusCode()).isBetween(400, 499);
        assertThat(refused.body()).doesNotContain(key);
        String audit = get(server.audit.page(AuditFilter.ALL, OptionalLong.empty(), 100)).stream()
                .map(AuditLog::line)
                .collect(Collectors.joining());
        assertThat(audit).contains("api/create").doesNotContain(key);
    }
}
