package io.culvert.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.culvert.control.Caller;
import io.culvert.control.access.NewKey;
import io.culvert.control.access.NewUser;
import io.culvert.control.caller.Permission;
import io.culvert.control.caller.Quotas;
import io.culvert.control.caller.Role;
import io.culvert.web.ContractBook.Entry;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Who may do what: every operation of the contract, tried by everybody on a thing of project {@code lab} whose owner is {@code anna}. What comes
 * of each try is told by the permission that the contract names, and by {@link #TABLE}.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class V1MatrixTest {
    private static final String NOBODY = "9007199254740991";

    /** Who tries. */
    private enum Who {
        ADMIN,
        OPERATOR,
        /** The member whose thing it is. */
        OWNER,
        /** Another member. */
        MEMBER,
        VIEWER,
        /** An operator, of another project. */
        STRANGER,
        /** A key of the owner's that may renew this one tunnel. */
        RENEWER,
        /** A credential that is none. */
        WRONG,
        NONE
    }

    /** What comes of it. */
    private enum Cell {
        DONE,
        /** 403. */
        FORBIDDEN,
        /** As if the thing were not there: 404, and lists leave it out. */
        HIDDEN,
        /** 401. */
        UNAUTHORIZED
    }

    private static final String TABLE = """
            permission     ADMIN OPERATOR  OWNER     MEMBER    VIEWER    STRANGER  RENEWER   WRONG        NONE
            tunnels:read   DONE  DONE      DONE      DONE      DONE      HIDDEN    FORBIDDEN UNAUTHORIZED UNAUTHORIZED
            tunnels:write  DONE  DONE      DONE      FORBIDDEN FORBIDDEN HIDDEN    FORBIDDEN UNAUTHORIZED UNAUTHORIZED
            tunnels:renew  DONE  DONE      DONE      FORBIDDEN FORBIDDEN HIDDEN    DONE      UNAUTHORIZED UNAUTHORIZED
            ports:read     DONE  DONE      DONE      DONE      DONE      HIDDEN    FORBIDDEN UNAUTHORIZED UNAUTHORIZED
            ports:write    DONE  DONE      FORBIDDEN FORBIDDEN FORBIDDEN HIDDEN    FORBIDDEN UNAUTHORIZED UNAUTHORIZED
            server:read    DONE  DONE      DONE      DONE      DONE      HIDDEN    FORBIDDEN UNAUTHORIZED UNAUTHORIZED
            webhooks       DONE  DONE      FORBIDDEN FORBIDDEN FORBIDDEN HIDDEN    FORBIDDEN UNAUTHORIZED UNAUTHORIZED
            admin          DONE  FORBIDDEN FORBIDDEN FORBIDDEN FORBIDDEN FORBIDDEN FORBIDDEN UNAUTHORIZED UNAUTHORIZED
            keys           DONE  DONE      DONE      HIDDEN    FORBIDDEN HIDDEN    FORBIDDEN UNAUTHORIZED UNAUTHORIZED
            members        DONE  DONE      FORBIDDEN FORBIDDEN FORBIDDEN HIDDEN    FORBIDDEN UNAUTHORIZED UNAUTHORIZED
            anyone         DONE  DONE      DONE      DONE      DONE      DONE      DONE      UNAUTHORIZED UNAUTHORIZED
            login          FORBIDDEN FORBIDDEN FORBIDDEN FORBIDDEN FORBIDDEN FORBIDDEN FORBIDDEN UNAUTHORIZED UNAUTHORIZED
            sign-in        UNAUTHORIZED UNAUTHORIZED UNAUTHORIZED UNAUTHORIZED UNAUTHORIZED UNAUTHORIZED UNAUTHORIZED UNAUTHORIZED UNAUTHORIZED
            public         DONE  DONE      DONE      DONE      DONE      DONE      DONE      DONE         DONE
            """;

    /** Operations that make something new: a member makes its own, whose ever the others are. */
    private static final Set<String> MAKING = Set.of("createTunnel", "createTunnels", "createKey");

    private static final Map<String, Map<Who, Cell>> CELLS = cells();

    private final ContractBook book = new ContractBook();
    private RunningServer server;
    private int number;
    private final List<String> renewers = new ArrayList<>();
    private final Map<Who, String> keys = new EnumMap<>(Who.class);

    private static Map<String, Map<Who, Cell>> cells() {
        Map<String, Map<Who, Cell>> table = new HashMap<>();
        List<String> lines = TABLE.lines().toList();
        List<String> heads = List.of(lines.get(0).split(" +"));
        for (String line : lines.subList(1, lines.size())) {
            List<String> words = List.of(line.split(" +"));
            Map<Who, Cell> row = new EnumMap<>(Who.class);
            for (int i = 1; i < heads.size(); i++) {
                row.put(Who.valueOf(heads.get(i)), Cell.valueOf(words.get(i)));
            }
            assertThat(row).as(line).hasSize(Who.values().length);
            table.put(words.get(0), row);
        }
        return table;
    }

    private static String row(Entry entry) {
        String said = Objects.requireNonNull(entry.operation().getString("x-permission"), entry.id());
        JsonArray security = entry.operation().getJsonArray("security");
        String row = security != null && security.isEmpty() ? "public" : said;
        if (entry.id().equals("signIn")) {
            row = "sign-in"; // as somebody who is no user
        } else if (row.equals("anyone") && !entry.id().equals("getSession")) {
            row = "login"; // a key has nothing to do with a user's own logins
        }
        return row;
    }

    private static Cell expected(Entry entry, Who who) {
        Cell cell = Objects.requireNonNull(
                Objects.requireNonNull(CELLS.get(row(entry)), entry.id()).get(who));
        return who == Who.MEMBER && MAKING.contains(entry.id()) ? Cell.DONE : cell;
    }

    @BeforeAll
    void start(@TempDir Path data) {
        server = RunningServer.keyed(data);
        Caller admin = Caller.trusted("test");
        for (String project : List.of("lab", "shop")) {
            get(server.access.projects().create(admin, project, "", Quotas.NONE));
        }
        get(server.access.users().create(admin, new NewUser("root", "", true, Optional.empty())));
        keys.put(Who.ADMIN, key("root", EnumSet.allOf(Permission.class), OptionalLong.empty()));
        key(Who.OPERATOR, "olga", "lab", Role.OPERATOR);
        key(Who.OWNER, "anna", "lab", Role.MEMBER);
        key(Who.MEMBER, "ben", "lab", Role.MEMBER);
        key(Who.VIEWER, "vic", "lab", Role.VIEWER);
        key(Who.STRANGER, "sam", "shop", Role.OPERATOR);
        keys.put(Who.WRONG, "cvk_12345678_" + "x".repeat(43));
    }

    private void key(Who who, String user, String project, Role role) {
        Caller admin = Caller.trusted("test");
        get(server.access.users().create(admin, new NewUser(user, "", false, Optional.empty())));
        get(server.access.projects().putMember(admin, project, user, role));
        keys.put(who, key(user, EnumSet.allOf(Permission.class), OptionalLong.empty()));
    }

    private String key(String user, Set<Permission> scopes, OptionalLong tunnel) {
        Optional<String> project = scopes.size() == 1 ? Optional.of("lab") : Optional.empty();
        NewKey wanted = new NewKey("", Optional.of(user), project, scopes, tunnel, Optional.empty());
        return get(server.access.keys().create(Caller.trusted("test"), wanted)).secret();
    }

    private static <T> T get(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(30, TimeUnit.SECONDS).join();
    }

    @AfterAll
    void stop() {
        server.close();
    }

    /** What is tried on: all of it lab's, the tunnel anna's. */
    private record Things(
            String tunnel,
            String token,
            String webhook,
            String delivery,
            String port,
            String key,
            String user,
            String renewer) {
        /** None of it is there. */
        static final Things NOWHERE =
                new Things(NOBODY, "0000000000000000", NOBODY, "99-999999", "1", "zzzzzzzz", "nobody", "");

        String project() {
            return equals(NOWHERE) ? "none" : "lab";
        }

        String in(String path) {
            return path.replace("{id}", tunnel)
                    .replace("{token}", token)
                    .replace("{connection}", NOBODY)
                    .replace("{session}", NOBODY)
                    .replace("{webhook}", webhook)
                    .replace("{delivery}", delivery)
                    .replace("{protocol}", "udp")
                    .replace("{port}", port)
                    .replace("{project}", project())
                    .replace("{key}", key)
                    .replace("{user}", user)
                    .replace("{login}", "aaaaaaaaaaaa");
        }
    }

    private String unique() {
        return "lab-secret-" + ++number;
    }

    private JsonObject asked(Who who, String method, String path, @Nullable JsonObject body) {
        HttpResponse<String> response = send(who, Things.NOWHERE, method, path, body);
        assertThat(response.statusCode()).as(response.body()).isBetween(200, 299);
        return new JsonObject(response.body());
    }

    private HttpResponse<String> send(Who who, Things on, String method, String path, @Nullable JsonObject body) {
        HttpRequest.Builder request = server.to("/api/v1" + path);
        if (who != Who.NONE) {
            String key = who == Who.RENEWER ? on.renewer() : Objects.requireNonNull(keys.get(who));
            request.header("Authorization", "Bearer " + key);
        }
        if (body != null) {
            request.header("Content-Type", "application/json");
        }
        request.method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body.encode()));
        return path.startsWith("/events") ? server.head(request) : server.send(request);
    }

    private JsonObject least() {
        return new JsonObject()
                .put("name", unique())
                .put("exposes", new JsonArray().add(new JsonObject().put("target", "127.0.0.1:22")));
    }

    private Things made(Entry entry) {
        String tunnel =
                String.valueOf(asked(Who.OWNER, "POST", "/tunnels", least()).getLong("id"));
        String token = entry.path().contains("{token}")
                ? asked(Who.OWNER, "POST", "/tunnels/" + tunnel + "/join-tokens", new JsonObject())
                        .getString("id")
                : "0000000000000000";
        String webhook = NOBODY;
        String delivery = "99-999999";
        String port = "1";
        if (entry.path().startsWith("/webhooks")) {
            // A project's is not sent there, so that its first event soon is a dead letter.
            JsonObject body = new JsonObject().put("url", "http://localhost:9/" + unique());
            webhook = String.valueOf(
                    asked(Who.OPERATOR, "POST", "/webhooks", body).getLong("id"));
        }
        if (entry.path().contains("dead-letters")) {
            asked(Who.OWNER, "POST", "/tunnels/" + tunnel + "/renew", null);
            String path = "/webhooks/dead-letters?webhook=" + webhook;
            await().until(() -> !asked(Who.OPERATOR, "GET", path, null)
                    .getJsonArray("dead_letters")
                    .isEmpty());
            delivery = asked(Who.OPERATOR, "GET", path, null)
                    .getJsonArray("dead_letters")
                    .getJsonObject(0)
                    .getString("id");
        }
        if (entry.path().startsWith("/ports")) {
            JsonObject body = new JsonObject().put("name", unique()).put("protocol", "udp");
            port = String.valueOf(asked(Who.OPERATOR, "POST", "/ports", body).getInteger("port"));
        }
        String key = "zzzzzzzz";
        if (entry.path().startsWith("/keys")) {
            key = key("anna", EnumSet.of(Permission.TUNNELS_READ), OptionalLong.empty())
                    .split("_", -1)[1];
        }
        String user = "nobody";
        if (entry.path().contains("{user}")) {
            user = "user-" + ++number;
            Caller admin = Caller.trusted("test");
            get(server.access.users().create(admin, new NewUser(user, "", false, Optional.empty())));
            get(server.access.projects().putMember(admin, "lab", user, Role.VIEWER));
        }
        String renewer = key("anna", EnumSet.of(Permission.TUNNELS_RENEW), OptionalLong.of(Long.parseLong(tunnel)));
        renewers.add(renewer.split("_", -1)[1]);
        return new Things(tunnel, token, webhook, delivery, port, key, user, renewer);
    }

    private void unmade(Things things) {
        if (!things.webhook().equals(NOBODY)) {
            send(Who.ADMIN, things, "DELETE", "/webhooks/" + things.webhook(), null);
        }
        renewers.forEach(key -> get(server.access.keys().revoke(Caller.trusted("test"), key)));
        renewers.clear();
        send(Who.ADMIN, things, "DELETE", "/tunnels/" + things.tunnel(), null);
    }

    private @Nullable JsonObject body(Entry entry, Things things) {
        JsonArray ids = new JsonArray().add(Long.valueOf(things.tunnel()));
        return switch (entry.id()) {
            case "createTunnel" -> least();
            case "createTunnels" -> new JsonObject().put("tunnels", new JsonArray().add(least()));
            case "renewTunnels", "deleteTunnels" -> new JsonObject().put("ids", ids);
            case "changeTunnel" -> new JsonObject().put("comment", "changed");
            case "movePort" -> new JsonObject().put("expose", 0).putNull("port");
            case "reservePort" -> new JsonObject().put("name", unique()).put("protocol", "udp");
            case "addWebhook" ->
                new JsonObject().put("url", "http://localhost:9/").put("active", false);
            case "changeWebhook" -> new JsonObject().put("active", false);
            case "createUser" -> new JsonObject().put("name", "made-" + ++number);
            case "changeUser", "changeProject" -> new JsonObject().put("title", "changed");
            case "createProject" -> new JsonObject().put("name", "made-" + ++number);
            case "putMember" -> new JsonObject().put("role", "member");
            case "createKey" -> new JsonObject().put("scopes", new JsonArray().add("tunnels:read"));
            case "drainServer" -> new JsonObject().put("on", false);
            case "signIn" -> new JsonObject().put("user", "nobody").put("password", "not-a-password");
            default -> entry.bodies().values().stream().findFirst().orElse(null);
        };
    }

    @TestFactory
    Stream<DynamicTest> every_operation_by_everybody() {
        return book.entries().stream()
                .flatMap(entry -> Stream.of(Who.values())
                        .map(who -> DynamicTest.dynamicTest(
                                entry.id() + " by " + who + ": " + expected(entry, who), () -> tried(entry, who))));
    }

    private void tried(Entry entry, Who who) {
        Things things = made(entry);
        try {
            @Nullable JsonObject body = body(entry, things);
            JsonObject before = tunnel(things);
            HttpResponse<String> response = send(who, things, entry.method(), things.in(entry.path()), body);
            Cell cell = expected(entry, who);
            // What a bulk call says of its one item is what it would have said alone.
            int status = entry.id().equals("renewTunnels") || entry.id().equals("deleteTunnels")
                    ? one(response)
                    : response.statusCode();
            String seen = status + " " + response.body();
            switch (cell) {
                case DONE -> assertDone(entry, things, status, seen);
                case FORBIDDEN -> {
                    assertThat(status).as(seen).isEqualTo(403);
                    assertThat(seen).contains("/docs/problems#forbidden");
                }
                case UNAUTHORIZED -> {
                    // Whoever shows too many is not even looked at.
                    assertThat(status).as(seen).isIn(401, 429);
                    assertThat(seen)
                            .contains(status == 401 ? "/docs/problems#unauthorized" : "/docs/problems#throttled");
                }
                case HIDDEN -> assertHidden(entry, who, things, response, seen);
            }
            if (response.statusCode() < 300) {
                book.check(entry, response);
            }
            if (cell == Cell.FORBIDDEN || cell == Cell.HIDDEN || cell == Cell.UNAUTHORIZED) {
                assertThat(tunnel(things)).as("nothing was changed").isEqualTo(before);
            }
            if ((cell == Cell.UNAUTHORIZED && status == 401) || (who == Who.RENEWER && cell == Cell.FORBIDDEN)) {
                HttpResponse<String> nowhere = send(
                        who,
                        things,
                        entry.method(),
                        Things.NOWHERE.in(entry.path()),
                        body == null ? null : body(entry, Things.NOWHERE));
                assertThat(nowhere.statusCode()).isIn(response.statusCode(), 429);
                if (nowhere.statusCode() == 429) {
                    return;
                }
                assertThat(nowhere.body()).as("says nothing of what is there").isEqualTo(response.body());
            }
        } finally {
            unmade(things);
        }
    }

    private JsonObject tunnel(Things things) {
        return asked(Who.ADMIN, "GET", "/tunnels/" + things.tunnel(), null);
    }

    private static int one(HttpResponse<String> response) {
        return response.statusCode() == 200
                ? new JsonObject(response.body())
                        .getJsonArray("results")
                        .getJsonObject(0)
                        .getInteger("status")
                : response.statusCode();
    }

    private static void assertDone(Entry entry, Things things, int status, String seen) {
        if (entry.path().contains("{connection}") || entry.path().contains("{session}")) {
            assertThat(status).as(seen).isEqualTo(404);
            assertThat(seen).contains("one that tunnel " + things.tunnel() + " has now");
        } else if (entry.id().equals("removeProject")) {
            assertThat(seen).as("there is a tunnel in it").startsWith("409 ").contains("is not empty");
        } else {
            assertThat(status).as(seen).isBetween(200, 299);
        }
        if (entry.id().equals("listTunnels")) {
            assertThat(seen).contains("\"id\":" + things.tunnel() + ",");
        }
    }

    private void assertHidden(Entry entry, Who who, Things things, HttpResponse<String> response, String seen) {
        boolean named = entry.path().contains("{");
        boolean bulk = entry.id().equals("renewTunnels") || entry.id().equals("deleteTunnels");
        if (!named && !bulk) {
            // A list, or something new that is the caller's own.
            assertThat(response.statusCode()).as(seen).isBetween(200, 299);
            assertThat(seen).doesNotContain("\"lab\"");
            assertThat(seen).doesNotContain("\"tunnel\":" + things.tunnel() + ",");
            return;
        }
        HttpResponse<String> nowhere = send(
                who,
                things,
                entry.method(),
                Things.NOWHERE.in(entry.path()),
                bulk ? body(entry, Things.NOWHERE) : body(entry, things));
        assertThat(nowhere.statusCode()).as(seen).isEqualTo(response.statusCode());
        assertThat(bulk ? one(response) : response.statusCode()).as(seen).isEqualTo(404);
        assertThat(nowhere.body()
                        .replace(Things.NOWHERE.delivery(), things.delivery())
                        .replace("udp 1 ", "udp " + things.port() + " ")
                        .replace(Things.NOWHERE.key(), things.key())
                        .replace("'none'", "'lab'")
                        .replace(NOBODY, entry.path().startsWith("/webhooks") ? things.webhook() : things.tunnel()))
                .as("to the byte what is said of a thing that is not there")
                .isEqualTo(response.body());
        Map<String, List<String>> headers = new HashMap<>(response.headers().map());
        Map<String, List<String>> others = new HashMap<>(nowhere.headers().map());
        headers.remove("content-length");
        others.remove("content-length");
        assertThat(headers).isEqualTo(others);
    }

    @Test
    void the_table_has_no_row_that_the_contract_does_not_use() {
        assertThat(book.entries().stream().map(V1MatrixTest::row).collect(java.util.stream.Collectors.toSet()))
                .containsAll(CELLS.keySet());
    }
}
