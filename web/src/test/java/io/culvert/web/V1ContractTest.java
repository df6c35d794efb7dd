package io.culvert.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.culvert.agent.Agent;
import io.culvert.control.Caller;
import io.culvert.control.event.EventKind;
import io.culvert.web.ContractBook.Entry;
import io.culvert.web.contract.Contract;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.openapi.contract.OpenAPIContract;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * The contract, kept: every operation, every status and every example in it is asked of a running server. What no test has seen at the end
 * is a promise that nobody keeps, and fails.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class V1ContractTest {
    private static final String NOBODY = "9007199254740991";

    static final Set<String> OF_A_LOGIN = Set.of(
            "signIn",
            "signOut",
            "getSession",
            "getWays",
            "changePassword",
            "beginSecondFactor",
            "confirmSecondFactor",
            "renewRecoveryCodes",
            "removeSecondFactor",
            "listLogins",
            "endLogin");

    private final ContractBook book = new ContractBook();

    private RunningServer server;
    private RunningServer open;
    private RunningServer deaf;

    @BeforeAll
    void start(@TempDir Path data) {
        server = RunningServer.keyed(data.resolve("keyed"));
        open = RunningServer.open(data.resolve("open"));
        deaf = RunningServer.deaf(data.resolve("deaf"));
    }

    @AfterAll
    void everyPromiseWasSeenKept() {
        server.close();
        open.close();
        deaf.close();
        assertThat(book.open()).as("promised by the contract and never seen").isEmpty();
    }

    // ---- the walk

    /** One request of an operation, to be sent somewhere. */
    private HttpRequest.Builder request(RunningServer to, Entry entry, String path, Optional<JsonObject> body) {
        HttpRequest.Builder request = to.to("/api/v1" + path);
        body.ifPresent(json -> request.header("Content-Type", "application/json"));
        return request.method(
                entry.method(),
                body.map(json -> BodyPublishers.ofString(json.encode())).orElse(BodyPublishers.noBody()));
    }

    private HttpResponse<String> keyed(HttpRequest.Builder request) {
        return server.send(request.header("Authorization", "Bearer " + RunningServer.KEY));
    }

    /** Asks the server, holds the answer against the contract. */
    private HttpResponse<String> ask(String id, String path, Optional<JsonObject> body, String... headers) {
        Entry entry = book.entry(id);
        HttpRequest.Builder request = request(server, entry, path, body);
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        HttpResponse<String> response = keyed(request);
        book.check(entry, response);
        return response;
    }

    private JsonObject ask(int status, String id, String path, Optional<JsonObject> body, String... headers) {
        HttpResponse<String> response = ask(id, path, body, headers);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        return response.body().isEmpty() ? new JsonObject() : new JsonObject(response.body());
    }

    private JsonObject get(String id, String path) {
        return ask(200, id, path, Optional.empty());
    }

    private JsonObject create(JsonObject body) {
        return ask(201, "createTunnel", "/tunnels", Optional.of(body));
    }

    private static JsonObject least() {
        return leading(22);
    }

    /** A tunnel with a name, labels and a lease that has everything. */
    private static JsonObject rich(String name) {
        JsonObject lease = new JsonObject()
                .put("ttl_seconds", 60)
                .put("max_lifetime_seconds", 7_200)
                .put("warn_before_seconds", new JsonArray().add(20));
        return least().put("name", name)
                .put("labels", new JsonObject().put("room", "204"))
                .put("lease", lease);
    }

    private static JsonObject leading(int port) {
        return new JsonObject()
                .put("exposes", new JsonArray().add(new JsonObject().put("target", "127.0.0.1:" + port)));
    }

    private static int port(JsonObject tunnel) {
        return tunnel.getJsonArray("exposes").getJsonObject(0).getInteger("port");
    }

    /** A path with everything filled in that exists nowhere. */
    private static String nowhere(Entry entry) {
        return entry.path()
                .replace("{id}", NOBODY)
                .replace("{connection}", NOBODY)
                .replace("{session}", NOBODY)
                .replace("{webhook}", NOBODY)
                .replace("{delivery}", "99-99")
                .replace("{token}", "0123456789abcdef")
                .replace("{protocol}", "udp")
                .replace("{port}", "1")
                .replace("{login}", "nobody")
                .replace("{user}", "nobody")
                .replace("{project}", "none")
                .replace("{key}", "zzzzzzzz");
    }

    /** What a user does with a login of its own takes a cookie, which none of these requests has. */
    private static boolean isOfALogin(Entry entry) {
        return OF_A_LOGIN.contains(entry.id());
    }

    private static Optional<JsonObject> anyBody(Entry entry) {
        return entry.bodies().values().stream().findFirst();
    }

    // ---- what goes wrong alike everywhere

    @Test
    void withoutAKeyNothingIsToldOrDone() {
        int wrongs = 0;
        for (Entry entry : book.entries()) {
            if (entry.promises(401) && !entry.id().equals("signIn")) {
                HttpResponse<String> response = server.send(request(server, entry, nowhere(entry), anyBody(entry)));
                assertThat(response.statusCode()).as(entry.id()).isEqualTo(401);
                book.check(entry, response);
                // Not more of them: whoever tries too often is not looked at.
                if (wrongs++ >= 3) {
                    continue;
                }
                HttpResponse<String> wrong = server.send(request(server, entry, nowhere(entry), anyBody(entry))
                        .header("Authorization", "Bearer wrong-key-of-mine"));
                assertThat(wrong.statusCode()).as(entry.id()).isEqualTo(401);
                assertThat(wrong.body()).doesNotContain("wrong-key-of-mine");
            }
        }
        assertThat(server.send(server.to("/api/v1/tunnels?key=" + RunningServer.KEY))
                        .statusCode())
                .isEqualTo(401);
    }

    @Test
    void pagesOfElsewhereAreRefused() {
        for (Entry entry : book.entries()) {
            HttpResponse<String> response = open.send(
                    request(open, entry, nowhere(entry), anyBody(entry)).header("Origin", "http://evil.example"));
            assertThat(response.statusCode()).as(entry.id()).isEqualTo(403);
            book.check(entry, response);
        }
    }

    @Test
    void whatTheContractDoesNotKnowIsRefused() {
        for (Entry entry : book.entries()) {
            HttpResponse<String> response =
                    keyed(request(server, entry, nowhere(entry) + "?nonsense=secret-value", anyBody(entry)));
            assertThat(response.statusCode()).as(entry.id()).isEqualTo(400);
            assertThat(response.body()).contains("nonsense").doesNotContain("secret-value");
            book.check(entry, response);
        }
    }

    @Test
    void bodiesThatAreTooLongOrNoJson() {
        for (Entry entry : book.entries()) {
            if (entry.promises(413)) {
                HttpResponse<String> tooLong = keyed(server.to("/api/v1" + nowhere(entry))
                        .header("Content-Type", "application/json")
                        .method(entry.method(), BodyPublishers.ofString(" ".repeat(2 << 20))));
                assertThat(tooLong.statusCode()).as(entry.id()).isEqualTo(413);
                book.check(entry, tooLong);
            }
            if (entry.promises(415)) {
                HttpResponse<String> form = keyed(server.to("/api/v1" + nowhere(entry))
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .method(entry.method(), BodyPublishers.ofString("a=b")));
                assertThat(form.statusCode()).as(entry.id()).isEqualTo(415);
                book.check(entry, form);
            }
            assertThat(entry.promises(413)).as(entry.id()).isEqualTo(entry.promises(415));
            assertThat(entry.promises(413))
                    .as(entry.id())
                    .isEqualTo(!entry.bodies().isEmpty());
        }
    }

    @Test
    void whatIsNowhereIsNotFound() {
        for (Entry entry : book.entries()) {
            if (entry.promises(404) && !isOfALogin(entry)) {
                HttpResponse<String> response = keyed(request(server, entry, nowhere(entry), anyBody(entry)));
                assertThat(response.statusCode())
                        .as(entry.id() + response.body())
                        .isEqualTo(404);
                book.check(entry, response);
            }
        }
    }

    @Test
    void aServerThatCannotChangeAnythingSaysSo() {
        for (Entry entry : book.entries()) {
            if (entry.promises(503) && !isOfALogin(entry) && !entry.id().equals("streamEvents")) {
                HttpResponse<String> response = deaf.send(request(deaf, entry, nowhere(entry), anyBody(entry))
                        .header("Authorization", "Bearer " + RunningServer.KEY));
                assertThat(response.statusCode())
                        .as(entry.id() + response.body())
                        .isEqualTo(503);
                book.check(entry, response);
            }
        }
    }

    // ---- users, projects, keys, audit

    @Test
    void usersWithRolesAndKeysFromTheirCreationToTheirEnd() {
        JsonObject body = new JsonObject().put("name", "zoe");
        assertThat(ask(201, "createUser", "/users", Optional.of(body)).getString("password"))
                .isNotBlank();
        ask(409, "createUser", "/users", Optional.of(body));
        assertThat(get("getUser", "/users/zoe").getBoolean("must_change_password"))
                .isTrue();
        assertThat(get("listUsers", "/users").getJsonArray("users")).isNotEmpty();
        ask(200, "changeUser", "/users/zoe", Optional.of(new JsonObject().put("title", "Z")));
        ask(
                201,
                "createUser",
                "/users",
                Optional.of(new JsonObject().put("name", "boss").put("admin", true)));
        ask(409, "changeUser", "/users/boss", Optional.of(new JsonObject().put("admin", false)));
        ask(409, "removeUser", "/users/boss", Optional.empty());
        JsonObject project = new JsonObject().put("name", "zoo");
        ask(201, "createProject", "/projects", Optional.of(project));
        ask(409, "createProject", "/projects", Optional.of(project));
        assertThat(get("getProject", "/projects/zoo").getJsonObject("used").getInteger("tunnels"))
                .isZero();
        get("listProjects", "/projects");
        JsonObject quotas = new JsonObject().put("quotas", new JsonObject().put("tunnels", 1));
        ask(200, "changeProject", "/projects/zoo", Optional.of(quotas));
        ask(200, "putMember", "/projects/zoo/members/zoe", Optional.of(new JsonObject().put("role", "member")));
        assertThat(get("listMembers", "/projects/zoo/members").getJsonArray("members"))
                .hasSize(1);
        JsonObject wanted = new JsonObject()
                .put("user", "zoe")
                .put("project", "zoo")
                .put("scopes", new JsonArray().add("tunnels:read").add("tunnels:write"));
        JsonObject key = ask(201, "createKey", "/keys", Optional.of(wanted));
        long served = create(least()).getLong("id");
        JsonObject heartbeat = new JsonObject()
                .put("user", "zoe")
                .put("tunnel", served)
                .put("scopes", new JsonArray().add("tunnels:renew"));
        ask(201, "createKey", "/keys", Optional.of(heartbeat));
        assertThat(server.send(server.to("/api/v1/tunnels")
                                .header("Authorization", "Bearer " + key.getString("secret")))
                        .statusCode())
                .isEqualTo(200);
        assertThat(get("getKey", "/keys/" + key.getString("id")).getString("user"))
                .isEqualTo("zoe");
        get("listKeys", "/keys");
        JsonObject inZoo = create(least().put("project", "zoo"));
        ask(409, "createTunnel", "/tunnels", Optional.of(least().put("project", "zoo")));
        ask(409, "removeProject", "/projects/zoo", Optional.empty());
        ask(200, "deleteTunnel", "/tunnels/" + inZoo.getLong("id"), Optional.empty());
        ask(204, "revokeKey", "/keys/" + key.getString("id"), Optional.empty());
        assertThat(server.send(server.to("/api/v1/tunnels")
                                .header("Authorization", "Bearer " + key.getString("secret")))
                        .statusCode())
                .as("at once")
                .isEqualTo(401);
        ask(204, "endLogins", "/users/zoe/logins", Optional.empty());
        ask(204, "removeMember", "/projects/zoo/members/zoe", Optional.empty());
        ask(204, "removeProject", "/projects/zoo", Optional.empty());
        ask(204, "removeUser", "/users/zoe", Optional.empty());
        JsonArray entries = get("listAudit", "/audit?target=project/zoo").getJsonArray("entries");
        assertThat(entries.getJsonObject(0).getString("operation")).isEqualTo("removeProject");
        assertThat(entries.getJsonObject(1).getString("outcome")).isEqualTo("refused: conflict");
        HttpResponse<String> lines = ask("exportAudit", "/audit/export", Optional.empty());
        assertThat(lines.statusCode()).isEqualTo(200);
        assertThat(lines.body()).contains("createKey").doesNotContain(key.getString("secret"));
        assertThat(get("verifyAudit", "/audit/verify").getValue("gap")).isNull();
    }

    // ---- logins

    @Test
    void aLoginFromTheFirstPasswordToTheLastSignOut() {
        LoginWalk walk = new LoginWalk(server, book);
        walk.walk();
        walk.noChangeWithoutTheLoginsToken();
        Entry ways = book.entry("getWays");
        book.check(ways, server.send(request(server, ways, "/session/ways", Optional.empty())));
        HttpResponse<String> nobody =
                open.send(request(open, book.entry("signIn"), "/session", anyBody(book.entry("signIn"))));
        assertThat(nobody.statusCode()).isEqualTo(404);
        book.check(book.entry("signIn"), nobody);
    }

    @Test
    void whoTriesTooOftenIsNotLookedAtAndWhoCannotBeWrittenDownIsTold(@TempDir Path data) {
        try (RunningServer own = RunningServer.keyed(data)) {
            LoginWalk walk = new LoginWalk(own, book);
            LoginWalk.Login calm = walk.settled("ida", false);
            walk.tooManyTries(walk.settled("una", false));
            own.access.close();
            assertThat(walk.signIn("ida", LoginWalk.FRESH, null).statusCode()).isEqualTo(503);
            JsonObject code = LoginWalk.code("492039");
            walk.ask(503, calm, "changePassword", LoginWalk.passwords(LoginWalk.FRESH, LoginWalk.FIRST));
            walk.ask(503, calm, "beginSecondFactor", new JsonObject());
            walk.ask(503, calm, "confirmSecondFactor", code);
            walk.ask(503, calm, "renewRecoveryCodes", code);
            walk.ask(503, calm, "removeSecondFactor", code);
            assertThat(walk.ask(calm, "endLogin", "none", new JsonObject()).statusCode())
                    .isEqualTo(503);
            walk.ask(503, calm, "signOut", new JsonObject());
        }
    }

    // ---- tunnels

    @Test
    void everyExampleOfARequestDoesWhatItSays() {
        long first = create(least()).getLong("id");
        create(least());
        for (Entry entry : book.entries()) {
            if (isOfALogin(entry)) {
                continue;
            }
            for (Map.Entry<String, JsonObject> example : entry.bodies().entrySet()) {
                String path = entry.path()
                        .replace("{id}", String.valueOf(first))
                        .replace("{webhook}", "1")
                        .replace("{user}", "anna")
                        .replace("{project}", "lab");
                HttpResponse<String> response = ask(entry.id(), path, Optional.of(example.getValue()));
                assertThat(response.statusCode())
                        .as(entry.id() + " " + example.getKey() + response.body())
                        .isBetween(200, 299);
                book.sent(entry, example.getKey());
            }
            if (entry.id().equals("deleteTunnels")) {
                first = create(least()).getLong("id");
            }
        }
        ask(200, "drainServer", "/server/drain", Optional.of(new JsonObject().put("on", false)));
    }

    @Test
    void aTunnelFromItsCreationToItsEnd() {
        JsonObject created = create(rich("life"));
        String path = "/tunnels/" + created.getLong("id");
        assertThat(created.getString("state")).isEqualTo("waiting");
        assertThat(created.getString("join")).isNotBlank();
        assertThat(get("getTunnel", path).getString("name")).isEqualTo("life");

        JsonObject renamed = ask(
                200,
                "changeTunnel",
                path,
                Optional.of(new JsonObject().put("name", "other")),
                "If-Match",
                "\"" + created.getLong("version") + "\"");
        assertThat(renamed.getString("name")).isEqualTo("other");
        assertThat(renamed.getJsonObject("labels").getString("room")).isEqualTo("204");
        ask(
                412,
                "changeTunnel",
                path,
                Optional.of(new JsonObject().put("name", "late")),
                "If-Match",
                "\"" + created.getLong("version") + "\"");
        create(least().put("name", "taken"));
        ask(409, "changeTunnel", path, Optional.of(new JsonObject().put("name", "taken")));

        assertThat(ask(200, "renewTunnel", path + "/renew", Optional.empty()).getString("name"))
                .isEqualTo("other");
        assertThat(ask(200, "pauseTunnel", path + "/pause", Optional.empty()).getString("state"))
                .isEqualTo("paused");
        assertThat(ask(200, "resumeTunnel", path + "/resume", Optional.empty()).getString("state"))
                .isEqualTo("waiting");
        assertThat(ask(200, "rotateToken", path + "/rotate-token", Optional.empty())
                        .getString("join"))
                .isNotEqualTo(created.getString("join"));

        ask(412, "deleteTunnel", path, Optional.empty(), "If-Match", "\"" + created.getLong("version") + "\"");
        assertThat(ask(200, "deleteTunnel", path, Optional.empty()).getString("state"))
                .isEqualTo("ended");
        assertThat(get("getTunnel", path).getString("state")).isEqualTo("ended");
        ask(404, "renewTunnel", path + "/renew", Optional.empty());
        assertThat(get("listTunnels", "/tunnels?state=ended").getJsonArray("tunnels").stream()
                        .map(each -> ((JsonObject) each).getLong("id")))
                .contains(created.getLong("id"));
    }

    @Test
    void aJoinTokenFromItsMakingToItsEnd() {
        JsonObject tunnel = create(least());
        String path = "/tunnels/" + tunnel.getLong("id");
        JsonObject made = ask(
                201,
                "createJoinToken",
                path + "/join-tokens",
                Optional.of(new JsonObject().put("ttl_seconds", 60.5).put("uses", 1)));
        assertThat(made.getString("join"))
                .startsWith("cv1." + tunnel.getLong("id") + ".")
                .isNotEqualTo(tunnel.getString("join"));
        assertThat(Duration.between(made.getInstant("created_at"), made.getInstant("expires_at")))
                .isEqualTo(Duration.ofMillis(60_500));
        try (Agent agent = server.agent(made.getString("join"))) {
            assertThat(agent).isNotNull();
            await().until(() -> !get("listSessions", path + "/sessions")
                    .getJsonArray("sessions")
                    .isEmpty());
            JsonObject listed = get("listJoinTokens", path + "/join-tokens")
                    .getJsonArray("join_tokens")
                    .getJsonObject(0);
            assertThat(listed.getString("state")).isEqualTo("used_up");
            assertThat(listed.getInteger("uses_left")).isZero();
            assertThat(listed.getInteger("credentials")).isEqualTo(1);
            assertThat(listed.encode())
                    .doesNotContain(made.getString("join").split("\\.", -1)[2])
                    .doesNotContain("join\"");
            String token = path + "/join-tokens/" + made.getString("id");
            ask(204, "revokeJoinToken", token, Optional.empty());
            await().until(() -> get("listSessions", path + "/sessions")
                    .getJsonArray("sessions")
                    .isEmpty());
            ask(204, "revokeJoinToken", token, Optional.empty());
        }
        assertThat(get("listJoinTokens", path + "/join-tokens")
                        .getJsonArray("join_tokens")
                        .getJsonObject(0)
                        .getString("state"))
                .isEqualTo("revoked");
        assertThat(ask(404, "revokeJoinToken", path + "/join-tokens/0123456789abcdef", Optional.empty())
                        .getString("detail"))
                .isEqualTo("token: 0123456789abcdef (expected: one of tunnel " + tunnel.getLong("id") + ")");
        JsonObject wrong =
                ask(400, "createJoinToken", path + "/join-tokens", Optional.of(new JsonObject().put("uses", 0)));
        assertThat(wrong.encode()).contains("/uses");
        JsonObject atOnce =
                ask(400, "createJoinToken", path + "/join-tokens", Optional.of(new JsonObject().put("ttl_seconds", 0)));
        assertThat(atOnce.encode()).contains("/ttl_seconds", "0.001");
    }

    @Test
    void stockClientsGetTheirFiles() {
        String path = "/tunnels/" + create(least()).getLong("id") + "/bundle";
        JsonObject first = get("getBundle", path);
        assertThat(get("getBundle", path)).isEqualTo(first);
        assertThat(first.getInstant("renew_at")).isBefore(first.getInstant("ends_at"));
        JsonObject other = ask(200, "reissueBundle", path, Optional.empty());
        assertThat(other.getString("key")).isNotEqualTo(first.getString("key")).contains("PRIVATE KEY");
        assertThat(get("getBundle", path)).isEqualTo(other);
        HttpResponse<String> zip = ask("getBundle", path + "?format=zip", Optional.empty());
        assertThat(zip.headers().firstValue("Content-Type")).hasValue("application/zip");
        assertThat(zip.body()).startsWith("PK").contains("proxy.crt", "proxy.key", "README.txt");
        ask(400, "getBundle", path + "?format=tar", Optional.empty());
        String target = path.replace("/tunnels/", "tunnel/").replace("/bundle", "");
        JsonArray told =
                get("listAudit", "/audit?operation=getBundle&target=" + target).getJsonArray("entries");
        assertThat(told).as("four done, one refused").hasSize(5);
        assertThat(told.encode()).doesNotContain("PRIVATE KEY");
    }

    @Test
    void moreJoinTokensThanATunnelHas() {
        String path = "/tunnels/" + create(least()).getLong("id") + "/join-tokens";
        for (int i = 0; i < 100; i++) {
            ask(201, "createJoinToken", path, Optional.empty());
        }
        ask(409, "createJoinToken", path, Optional.empty());
    }

    @Test
    void patchesThatMeetAreAllTaken() {
        long id = create(least()).getLong("id");
        List<CompletableFuture<Integer>> answers = IntStream.range(0, 30)
                .mapToObj(i -> CompletableFuture.supplyAsync(
                        () -> ask(
                                        "changeTunnel",
                                        "/tunnels/" + id,
                                        Optional.of(new JsonObject().put("labels", new JsonObject().put("l" + i, "1"))))
                                .statusCode(),
                        task -> new Thread(task).start()))
                .toList();
        assertThat(answers).allSatisfy(answer -> assertThat(answer.join()).isEqualTo(200));
        assertThat(get("getTunnel", "/tunnels/" + id).getJsonObject("labels")).hasSize(30);
    }

    @Test
    void momentsOutsideOfWhatRfc3339CanSayAreRefused() {
        for (String moment : List.of("9999-12-31T23:59:59-18:00", "1970-01-01T00:00:00+18:00")) {
            JsonObject body = least().put("lease", new JsonObject().put("expires_at", moment));
            assertThat(ask(400, "createTunnel", "/tunnels", Optional.of(body)).getString("detail"))
                    .contains("expires_at", "like 2026-11-23T12:00:00Z");
        }
    }

    @Test
    void aMergePatchTakesAwayWhatIsNull() {
        JsonObject created = create(least().put(
                        "labels", new JsonObject().put("a", "1").put("b", "2"))
                .put("lease", new JsonObject().put("ttl_seconds", 60.5).put("grace_seconds", 10))
                .put(
                        "policies",
                        new JsonObject()
                                .put(
                                        "bytes_per_second",
                                        new JsonObject().put("in", 1_000).put("out", 2_000))));
        assertThat(created.getJsonObject("lease").getDouble("ttl_seconds")).isEqualTo(60.5);
        JsonObject patched = ask(
                200,
                "changeTunnel",
                "/tunnels/" + created.getLong("id"),
                Optional.of(new JsonObject()
                        .put("labels", new JsonObject().put("a", null).put("c", "3"))
                        .put("lease", new JsonObject().put("grace_seconds", null))
                        .put("policies", new JsonObject().put("bytes_per_second", new JsonObject().put("in", null)))));
        assertThat(patched.getJsonObject("labels").getMap()).isEqualTo(Map.of("b", "2", "c", "3"));
        assertThat(patched.getJsonObject("lease").getDouble("ttl_seconds")).isEqualTo(60.5);
        assertThat(patched.getJsonObject("lease").getValue("grace_seconds")).isNull();
        JsonObject rates = patched.getJsonObject("policies").getJsonObject("bytes_per_second");
        assertThat(rates.getValue("in")).isNull();
        assertThat(rates.getLong("out")).isEqualTo(2_000);
        assertThat(patched.getLong("version")).isGreaterThan(created.getLong("version"));
    }

    @Test
    void aRepeatedCreateIsDoneOnce() {
        String[] key = {"Idempotency-Key", "once-and-only"};
        HttpResponse<String> first = ask("createTunnel", "/tunnels", Optional.of(least()), key);
        HttpResponse<String> second = ask("createTunnel", "/tunnels", Optional.of(least()), key);
        assertThat(first.headers().firstValue("Idempotency-Replayed")).isEmpty();
        assertThat(second.headers().firstValue("Idempotency-Replayed")).hasValue("true");
        assertThat(second.headers().firstValue("Location"))
                .isEqualTo(first.headers().firstValue("Location"));
        ask(409, "createTunnel", "/tunnels", Optional.of(least().put("comment", "other")), key);

        JsonObject two =
                new JsonObject().put("tunnels", new JsonArray().add(least()).add(least()));
        String[] bulk = {"Idempotency-Key", "many-at-once"};
        HttpResponse<String> all = ask("createTunnels", "/tunnels/bulk-create", Optional.of(two), bulk);
        HttpResponse<String> again = ask("createTunnels", "/tunnels/bulk-create", Optional.of(two), bulk);
        assertThat(again.headers().firstValue("Idempotency-Replayed")).hasValue("true");
        assertThat(ids(new JsonObject(again.body()))).isEqualTo(ids(new JsonObject(all.body())));
    }

    private static List<Long> ids(JsonObject results) {
        return results.getJsonArray("results").stream()
                .map(each -> ((JsonObject) each).getJsonObject("tunnel").getLong("id"))
                .toList();
    }

    @Test
    void eachOfManyHasAResultOfItsOwn() {
        JsonObject taken = new JsonObject()
                .put(
                        "exposes",
                        new JsonArray()
                                .add(new JsonObject()
                                        .put("target", "127.0.0.1:22")
                                        .put("port", port(create(least())))));
        JsonObject created = ask(
                200,
                "createTunnels",
                "/tunnels/bulk-create",
                Optional.of(new JsonObject()
                        .put("tunnels", new JsonArray().add(rich("many")).add(taken))));
        assertThat(statuses(created)).containsExactly(201, 409);
        long id = created.getJsonArray("results")
                .getJsonObject(0)
                .getJsonObject("tunnel")
                .getLong("id");
        JsonObject both = new JsonObject().put("ids", new JsonArray().add(id).add(Long.valueOf(NOBODY)));
        assertThat(statuses(ask(200, "renewTunnels", "/tunnels/bulk-renew", Optional.of(both))))
                .containsExactly(200, 404);
        assertThat(statuses(ask(200, "deleteTunnels", "/tunnels/bulk-delete", Optional.of(both))))
                .containsExactly(200, 404);
    }

    private static List<Integer> statuses(JsonObject results) {
        return results.getJsonArray("results").stream()
                .map(each -> ((JsonObject) each).getInteger("status"))
                .toList();
    }

    @Test
    void aDryRunChangesNothing() {
        int before = server.tunnels.list(Caller.trusted("test")).size();
        ask(
                200,
                "createTunnel",
                "/tunnels?dry_run=true",
                Optional.of(least().put("lease", new JsonObject().put("ttl_seconds", 60))));
        ask(
                400,
                "createTunnel",
                "/tunnels?dry_run=true",
                Optional.of(least().put(
                                "policies",
                                new JsonObject()
                                        .put(
                                                "visitors",
                                                new JsonObject().put("deny", new JsonArray().add("nonsense"))))));
        assertThat(server.tunnels.list(Caller.trusted("test"))).hasSizeLessThanOrEqualTo(before);
    }

    @Test
    void pagesHoldEveryTunnelOnceWhateverComesInBetween() {
        String label = "page:one";
        List<Long> made = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            made.add(create(least().put("labels", new JsonObject().put("page", "one")))
                    .getLong("id"));
        }
        for (String sort : List.of("id", "-id", "name", "-name", "created_at", "-created_at", "deadline", "-bytes")) {
            List<Long> seen = new ArrayList<>();
            String cursor = "";
            do {
                JsonObject page = get("listTunnels", "/tunnels?limit=3&sort=" + sort + "&label=" + label + cursor);
                page.getJsonArray("tunnels").forEach(each -> seen.add(((JsonObject) each).getLong("id")));
                create(least().put("labels", new JsonObject().put("page", "two")));
                String next = page.getString("next_cursor");
                cursor = next == null ? "" : "&cursor=" + next;
            } while (!cursor.isEmpty());
            assertThat(seen).as(sort).containsExactlyInAnyOrderElementsOf(made);
        }
        ask(400, "listTunnels", "/tunnels?cursor=nonsense", Optional.empty());
        assertThat(get("listTunnels", "/tunnels?q=PAGE:one&owner=key-2&state=waiting&state=up")
                        .getInteger("total"))
                .isEqualTo(7);
        assertThat(get("listTunnels", "/tunnels?owner=nobody").getInteger("total"))
                .isZero();
        JsonObject named = get("listTunnels", "/tunnels?id=" + made.get(4) + "&id=" + made.get(1) + "&id=999999999");
        assertThat(named.getJsonArray("tunnels").stream().map(each -> ((JsonObject) each).getLong("id")))
                .containsExactly(made.get(1), made.get(4));
        assertThat(named.getInteger("total")).isEqualTo(2);
    }

    // ---- ports

    @Test
    void portsAreHeldMovedAndKept() {
        JsonObject one = create(least());
        JsonObject two = create(least().put("name", "lab-two"));
        JsonObject onto = new JsonObject().put("expose", 0).put("port", port(two));
        JsonObject conflict = ask(409, "movePort", "/tunnels/" + one.getLong("id") + "/move-port", Optional.of(onto));
        assertThat(conflict.getString("detail")).contains(String.valueOf(two.getLong("id")));
        JsonObject same = least();
        same.getJsonArray("exposes").getJsonObject(0).put("port", port(two));
        assertThat(ask(409, "createTunnel", "/tunnels", Optional.of(same)).getString("type"))
                .isEqualTo("/docs/problems#port-taken");

        assertThat(get("listPorts", "/ports").getJsonArray("ports")).isNotEmpty();
        assertThat(get("listPools", "/pools").getJsonArray("pools")).isNotEmpty();
        JsonObject kept = ask(201, "reservePort", "/ports", Optional.of(new JsonObject().put("name", "kept")));
        assertThat(kept.getString("reservation")).isEqualTo("kept");
        ask(
                409,
                "reservePort",
                "/ports",
                Optional.of(new JsonObject().put("name", "late").put("port", kept.getInteger("port"))));
        ask(204, "releasePort", "/ports/tcp/" + kept.getInteger("port"), Optional.empty());
        ask(404, "releasePort", "/ports/tcp/" + kept.getInteger("port"), Optional.empty());
    }

    // ---- traffic

    @Test
    void whoIsThereAndWhatTheyCarry() throws IOException {
        try (EchoTarget target = new EchoTarget()) {
            JsonObject created = create(leading(target.port()));
            String path = "/tunnels/" + created.getLong("id");
            JsonObject nobody = ask(200, "probeTunnel", path + "/probe", Optional.empty());
            assertThat(nobody.getBoolean("ok")).isFalse();
            ask(400, "probeTunnel", path + "/probe", Optional.of(new JsonObject().put("expose", 3)));
            try (Agent agent = server.agent(created.getString("join"));
                    Socket visitor = server.visitor(port(created))) {
                assertThat(agent).isNotNull();
                visitor.getOutputStream().write(new byte[1_000]);
                assertThat(visitor.getInputStream().readNBytes(1_000)).hasSize(1_000);
                await().untilAsserted(() ->
                        assertThat(get("getTunnel", path).getString("state")).isEqualTo("up"));
                assertThat(ask(200, "probeTunnel", path + "/probe", Optional.empty())
                                .getBoolean("ok"))
                        .isTrue();
                JsonObject connection = get("listConnections", path + "/connections")
                        .getJsonArray("connections")
                        .getJsonObject(0);
                assertThat(connection.getLong("bytes_in")).isEqualTo(1_000);
                JsonObject session = get("listSessions", path + "/sessions")
                        .getJsonArray("sessions")
                        .getJsonObject(0);
                assertThat(connection.getLong("session")).isEqualTo(session.getLong("id"));
                assertThat(get("getServer", "/server").getJsonObject("counts").getInteger("sessions"))
                        .isPositive();
                ask(204, "cutConnection", path + "/connections/" + connection.getLong("id"), Optional.empty());
                ask(204, "kickSession", path + "/sessions/" + session.getLong("id"), Optional.empty());
                ask(404, "cutConnection", path + "/connections/" + NOBODY, Optional.empty());
                ask(404, "kickSession", path + "/sessions/" + NOBODY, Optional.empty());
            }
            await().untilAsserted(() -> assertThat(
                            get("getUsage", path + "/usage?grain=hour").getJsonArray("slots"))
                    .isNotEmpty());
            ask(400, "getUsage", path + "/usage?from=2026-11-23T12:00:00Z&to=2026-11-23T11:00:00Z", Optional.empty());
            ask(200, "getUsage", path + "/usage?grain=minute&from=2026-11-23T12:00:00%2B02:00", Optional.empty());
        }
    }

    @Test
    void aTunnelThatDrainsIsNotChangedAnyMore() throws IOException {
        try (EchoTarget target = new EchoTarget()) {
            JsonObject created = create(leading(target.port()));
            String path = "/tunnels/" + created.getLong("id");
            try (Agent agent = server.agent(created.getString("join"));
                    Socket visitor = server.visitor(port(created))) {
                assertThat(agent).isNotNull();
                visitor.getOutputStream().write(1);
                assertThat(visitor.getInputStream().read()).isEqualTo(1);
                ask("deleteTunnel", path + "?mode=drain&drain_seconds=60", Optional.empty());
                assertThat(get("getTunnel", path).getString("state")).isEqualTo("draining");
                ask(409, "renewTunnel", path + "/renew", Optional.empty());
                ask(409, "pauseTunnel", path + "/pause", Optional.empty());
                ask(409, "resumeTunnel", path + "/resume", Optional.empty());
                ask(409, "rotateToken", path + "/rotate-token", Optional.empty());
                ask(409, "getBundle", path + "/bundle", Optional.empty());
                ask(409, "reissueBundle", path + "/bundle", Optional.empty());
                visitor.getOutputStream().write(2);
                assertThat(visitor.getInputStream().read()).isEqualTo(2);
            }
        }
    }

    // ---- events

    @Test
    void eventsComeAsTheyHappenAndGoOnWhereTheReaderStopped() throws IOException {
        Entry entry = book.entry("streamEvents");
        long before = server.events.lastId();
        JsonObject created;
        try (Reader reader = new Reader("?kind=created")) {
            created = create(least());
            String id = reader.field("id");
            assertThat(reader.field("event")).isEqualTo("created");
            JsonObject data = new JsonObject(reader.field("data"));
            // What it began with would have led to this very event.
            assertThat(reader.began).isBetween(before, Long.parseLong(id) - 1);
            assertThat(data.getLong("tunnel")).isEqualTo(created.getLong("id"));
            assertThat(String.valueOf(data.getLong("id"))).isEqualTo(id);
            assertThat(data.fieldNames()).containsExactly("id", "at", "kind", "tunnel", "project", "text", "details");
            book.shown(entry, 200, "created", data);
        }
        try (Reader reader = new Reader("?last_event_id=" + before + "&tunnel=" + created.getLong("id"))) {
            assertThat(reader.field("event")).isEqualTo("created");
        }
        try (Reader reader = new Reader("?last_event_id=" + NOBODY)) {
            assertThat(reader.field("event")).isEqualTo("gap");
        }
    }

    @Test
    void countsComeToThoseWhoAskForThem() throws IOException {
        JsonObject bystander = create(least());
        try (Reader reader = new Reader("?kind=created&traffic=true")) {
            assertThat(reader.field("event")).isEqualTo("traffic");
            assertThat(new JsonObject(reader.field("data")).fieldNames()).containsExactly("at", "tunnels");
            JsonObject created = create(least());
            assertThat(reader.field("event")).isEqualTo("created");
            assertThat(new JsonObject(reader.field("data")).getLong("tunnel")).isEqualTo(created.getLong("id"));
            JsonArray told = new JsonArray();
            while (told.isEmpty()) {
                assertThat(reader.field("event")).isEqualTo("traffic");
                told = new JsonObject(reader.field("data")).getJsonArray("tunnels");
            }
            assertThat(told.stream().map(each -> ((JsonObject) each).getLong("id")))
                    .contains(created.getLong("id"))
                    .doesNotContain(bystander.getLong("id"));
            JsonObject count = (JsonObject) told.getValue(0);
            count.remove("id");
            assertThat(count.fieldNames())
                    .isEqualTo(created.getJsonObject("traffic").fieldNames());
        }
    }

    /** Half for one caller; the other half is there for all others. */
    @Test
    void readersPastTheLimitAreRefusedAndPlacesComeFree() throws IOException {
        List<Reader> readers = new ArrayList<>();
        try {
            fill(readers, RunningServer.KEY);
            assertThat(readers).hasSizeBetween(30, 32);
            Entry entry = book.entry("streamEvents");
            HttpResponse<String> refused = keyed(request(server, entry, "/events", Optional.empty()));
            assertThat(refused.statusCode()).isEqualTo(503);
            assertThat(refused.body()).contains("32 readers of yours");
            book.check(entry, refused);
            fill(readers, "other");
            assertThat(readers).hasSizeBetween(60, 64);
        } finally {
            for (Reader reader : readers) {
                reader.close();
            }
        }
        await().untilAsserted(() -> {
            try (Reader reader = new Reader("")) {
                assertThat(reader.status).isEqualTo(200);
            }
        });
    }

    /** Until a caller is refused. Readers of tests before may still be leaving. */
    private void fill(List<Reader> readers, String key) throws IOException {
        Reader next = new Reader("", key);
        while (next.status == 200) {
            readers.add(next);
            next = new Reader("", key);
        }
        next.close();
        assertThat(next.status).isEqualTo(503);
    }

    @Test
    void aWebhookFromItsMakingToItsEnd() throws IOException {
        int closed;
        try (ServerSocket socket = new ServerSocket(0)) {
            closed = socket.getLocalPort();
        }
        JsonObject wanted = new JsonObject().put("url", "http://127.0.0.1:" + closed + "/told?by=told");
        JsonObject made = ask(
                201,
                "addWebhook",
                "/webhooks",
                Optional.of(wanted.copy().put("kinds", new JsonArray().add("created"))));
        String path = "/webhooks/" + made.getLong("id");
        assertThat(made.getString("secret")).isNotBlank();
        assertThat(get("listWebhooks", "/webhooks").getJsonArray("webhooks")).isNotEmpty();
        JsonObject attempt = ask(200, "testWebhook", path + "/test", Optional.empty());
        assertThat(attempt.getBoolean("delivered")).isFalse();
        assertThat(ask(200, "rotateSecret", path + "/rotate-secret", Optional.empty())
                        .getString("secret"))
                .isNotEqualTo(made.getString("secret"));

        create(least());
        String letters = "/webhooks/dead-letters?webhook=" + made.getLong("id");
        await().untilAsserted(() -> assertThat(get("listDeadLetters", letters).getJsonArray("dead_letters"))
                .isNotEmpty());
        assertThat(get("getWebhook", path).getJsonObject("last").getString("outcome"))
                .isNotBlank();
        String letter = get("listDeadLetters", letters)
                .getJsonArray("dead_letters")
                .getJsonObject(0)
                .getString("id");
        ask(200, "redeliver", "/webhooks/dead-letters/" + letter + "/redeliver", Optional.empty());
        await().untilAsserted(() -> ask(204, "dropDeadLetter", "/webhooks/dead-letters/" + letter, Optional.empty()));

        JsonObject off = ask(200, "changeWebhook", path, Optional.of(new JsonObject().put("active", false)));
        assertThat(off.getJsonArray("kinds")).containsExactly("created");
        JsonObject fault = ask(400, "changeWebhook", path, Optional.of(new JsonObject().put("secret", "too-short")));
        assertThat(fault.encode()).contains("/secret").doesNotContain("too-short");
        ask(204, "removeWebhook", path, Optional.empty());
        JsonArray noted =
                get("listAudit", "/audit?target=webhook/" + made.getLong("id")).getJsonArray("entries");
        assertThat(noted.encode())
                .as("where it leads, and nothing of what may be a secret in it")
                .contains("http://127.0.0.1:" + closed + "/…")
                .doesNotContain("told");
    }

    @Test
    void moreWebhooksThanTheServerTakes() {
        JsonObject wanted = new JsonObject().put("url", "http://127.0.0.1:9/").put("active", false);
        List<Long> added = new ArrayList<>();
        HttpResponse<String> last;
        do {
            last = ask("addWebhook", "/webhooks", Optional.of(wanted));
            if (last.statusCode() == 201) {
                added.add(new JsonObject(last.body()).getLong("id"));
            }
        } while (last.statusCode() == 201);
        assertThat(last.statusCode()).isEqualTo(409);
        added.forEach(id -> ask(204, "removeWebhook", "/webhooks/" + id, Optional.empty()));
    }

    @Test
    void everyKindOfEventStandsInTheContract() {
        List<String> kinds = Contract.load()
                .document()
                .getJsonObject("components")
                .getJsonObject("schemas")
                .getJsonObject("EventKind")
                .getJsonArray("enum")
                .stream()
                .map(String::valueOf)
                .toList();
        assertThat(Stream.of(EventKind.values())
                        .filter(kind -> kind != EventKind.TEST)
                        .map(kind -> kind.name().toLowerCase(Locale.ROOT)))
                .containsExactlyElementsOf(kinds);
    }

    /** Reads a stream of events, each with at most 10 s of patience. */
    private final class Reader implements AutoCloseable {
        private final Socket socket;
        private final BufferedReader lines;
        private final int status;
        private final long began;

        Reader(String query) throws IOException {
            this(query, RunningServer.KEY);
        }

        Reader(String query, String key) throws IOException {
            socket = server.connect();
            socket.getOutputStream()
                    .write(("GET /api/v1/events" + query + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + key
                                    + "\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
            status = Integer.parseInt(lines.readLine().substring("HTTP/1.1 ".length(), "HTTP/1.1 200".length()));
            if (status == 200) {
                // The reader is in its place when this has come.
                assertThat(field("retry")).isEqualTo("2000");
            }
            began = status == 200 ? Long.parseLong(field("id")) : -1;
        }

        /** The next value of a field; chunk sizes, comments and other fields are passed over. */
        String field(String name) throws IOException {
            while (true) {
                String line = lines.readLine();
                assertThat(line).as("the stream ended before " + name).isNotNull();
                if (line.startsWith(name + ": ")) {
                    return line.substring(name.length() + 2);
                }
            }
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    // ---- the document itself

    @Test
    void theContractIsServedAsItIsWritten() {
        assertThat(keyed(server.to("/api/v1/openapi.yaml")).body())
                .isEqualTo(new String(Contract.load().yaml(), StandardCharsets.UTF_8));
        HttpResponse<String> yaml = server.send(server.to("/api/v1/openapi.yaml"));
        book.check(book.entry("getContract"), yaml);
        HttpResponse<String> json = server.send(server.to("/api/v1/openapi.json"));
        assertThat(new JsonObject(json.body())).isEqualTo(Contract.load().document());
        book.check(book.entry("getContractAsJson"), json);
    }

    /** Vert.x's own reader takes it as OpenAPI 3.1, apart from media types that it does not know and an address that is relative. */
    @Test
    void theContractIsOpenApi() throws Exception {
        JsonObject copy = Contract.load()
                .document()
                .put("servers", new JsonArray().add(new JsonObject().put("url", "http://localhost/api/v1")));
        JsonObject paths = copy.getJsonObject("paths");
        for (String path : paths.fieldNames()) {
            JsonObject item = paths.getJsonObject(path);
            for (String method : item.fieldNames()) {
                if (!method.equals("parameters")) {
                    item.getJsonObject(method)
                            .put("responses", new JsonObject().put("200", new JsonObject().put("description", "-")));
                }
            }
        }
        copy.getJsonObject("components").remove("responses");
        Vertx vertx = Vertx.vertx();
        try {
            OpenAPIContract contract = OpenAPIContract.from(vertx, copy)
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(30, TimeUnit.SECONDS);
            assertThat(contract.operations()).hasSize(book.entries().size());
        } finally {
            vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void whatIsNoOperationIsAProblemToo() {
        for (String path : List.of("/api/v1", "/api/v1/", "/api/v1/nothing", "/api/v1/tunnels/1/nothing")) {
            HttpResponse<String> response = keyed(server.to(path));
            assertThat(response.statusCode()).as(path).isEqualTo(404);
            assertThat(new JsonObject(response.body()).getString("type")).isEqualTo("/docs/problems#not-found");
        }
        HttpResponse<String> method = keyed(server.to("/api/v1/pools").method("DELETE", BodyPublishers.noBody()));
        assertThat(method.statusCode()).isEqualTo(405);
        assertThat(method.headers().firstValue("Allow")).hasValue("GET, HEAD");
        assertThat(method.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        HttpResponse<String> head = keyed(server.to("/api/v1/server").method("HEAD", BodyPublishers.noBody()));
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.body()).isEmpty();
    }

    @Test
    void errorsNameThePlaceTheValueAndTheExpectation() {
        JsonObject body = new JsonObject()
                .put(
                        "exposes",
                        new JsonArray()
                                .add(new JsonObject().put("target", "nowhere").put("prot", "tcp")))
                .put("lease", new JsonObject().put("ttl_seconds", -3).put("expires_at", "soon"))
                .put("labels", new JsonObject().put("a b", "x"));
        JsonObject problem = ask(400, "createTunnel", "/tunnels", Optional.of(body));
        Map<String, String> flaws = new TreeMap<>();
        problem.getJsonArray("errors").forEach(each -> {
            JsonObject flaw = (JsonObject) each;
            flaws.put(flaw.getString("field"), flaw.getString("value") + " | " + flaw.getString("expected"));
        });
        assertThat(flaws)
                .containsEntry("/exposes/0/target", "nowhere | host:port, for instance 127.0.0.1:22")
                .containsEntry("/exposes/0/prot", "null | no such field; one of protocol, target, port, pool, bind")
                .containsEntry("/lease/ttl_seconds", "-3 | a number, 0.001 to 315360000, or null")
                .containsEntry("/lease/expires_at", "soon | a time like 2026-11-23T12:00:00Z, or null")
                .containsKey("/labels")
                .hasSize(5);
        ask(
                400,
                "createTunnel",
                "/tunnels",
                Optional.of(least().put("lease", new JsonObject().put("ttl_seconds", -3))));
        JsonObject query = ask(400, "listTunnels", "/tunnels?limit=5000&state=dead&sort=x", Optional.empty());
        assertThat(query.getJsonArray("errors")).hasSize(3);
        assertThat(ask(400, "createTunnel", "/tunnels", Optional.of(new JsonObject()))
                        .getJsonArray("errors")
                        .getJsonObject(0)
                        .getString("field"))
                .isEqualTo("/exposes");
        JsonObject rule = ask(
                400,
                "createTunnel",
                "/tunnels",
                Optional.of(least().put(
                                "policies",
                                new JsonObject()
                                        .put(
                                                "visitors",
                                                new JsonObject()
                                                        .put(
                                                                "allow",
                                                                new JsonArray()
                                                                        .add("10.0.0.0/8")
                                                                        .add("x.y"))))));
        assertThat(rule.getJsonArray("errors").getJsonObject(0).getString("field"))
                .isEqualTo("/policies/visitors/allow/1");
    }

    @Test
    void timesAreKeptInUtc() {
        JsonObject created =
                create(least().put("lease", new JsonObject().put("expires_at", "2036-01-01T02:00:00+02:00")));
        assertThat(created.getJsonObject("lease").getString("expires_at")).isEqualTo("2036-01-01T00:00:00Z");
        assertThat(Duration.between(Instant.parse(created.getString("created_at")), server.tunnels.now())
                        .abs())
                .isLessThan(Duration.ofMinutes(1));
    }
}
