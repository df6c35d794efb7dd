package io.culvert.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.culvert.control.Caller;
import io.culvert.control.caller.CallerKind;
import io.culvert.control.caller.Grants;
import io.culvert.control.caller.Permission;
import io.culvert.control.caller.Quotas;
import io.culvert.control.caller.Role;
import io.culvert.web.ContractBook.Entry;
import io.culvert.web.caller.Doorman;
import io.culvert.web.caller.Guest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.InetAddress;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
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
            public         DONE  DONE      DONE      DONE      DONE      DONE      DONE      DONE         DONE
            """;

    /** Operations that make something new: a member makes its own, whose ever the others are. */
    private static final Set<String> MAKING = Set.of("createTunnel", "createTunnels");

    private static final Map<String, Map<Who, Cell>> CELLS = cells();

    private final ContractBook book = new ContractBook();
    private RunningServer server;
    private int number;

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

    private static Cell expected(Entry entry, Who who) {
        String said = Objects.requireNonNull(entry.operation().getString("x-permission"), entry.id());
        JsonArray security = entry.operation().getJsonArray("security");
        String row = security != null && security.isEmpty() ? "public" : said;
        Cell cell = Objects.requireNonNull(CELLS.get(row), said).get(who);
        return who == Who.MEMBER && MAKING.contains(entry.id()) ? Cell.DONE : cell;
    }

    /** Knows the callers of this test by their names, and the renewer's key by its tunnel. */
    private static final class Known implements Doorman {
        @Override
        public boolean isOpen() {
            return false;
        }

        @Override
        public Optional<Guest> key(@Nullable String key, InetAddress from) {
            return caller(key == null ? "" : key)
                    .map(caller -> new Guest(
                            CallerKind.KEY, caller, Optional.empty(), () -> Optional.of(caller), from));
        }

        @Override
        public Optional<Guest> login(String secret, InetAddress from) {
            return Optional.empty();
        }

        private static Optional<Caller> caller(String key) {
            return switch (key.split("-", 2)[0]) {
                case "ADMIN" -> Optional.of(Caller.trusted("root"));
                case "OPERATOR" -> Optional.of(of("olga", "lab", Role.OPERATOR));
                case "OWNER" -> Optional.of(of("anna", "lab", Role.MEMBER));
                case "MEMBER" -> Optional.of(of("ben", "lab", Role.MEMBER));
                case "VIEWER" -> Optional.of(of("vic", "lab", Role.VIEWER));
                case "STRANGER" -> Optional.of(of("sam", "shop", Role.OPERATOR));
                case "RENEWER" ->
                    Optional.of(new Caller(
                            "anna/cvk_12345678",
                            "anna",
                            of("anna", "lab", Role.MEMBER)
                                    .grants()
                                    .within(EnumSet.of(Permission.TUNNELS_RENEW))
                                    .within("lab")
                                    .within(Long.parseLong(key.split("-", 2)[1]))));
                default -> Optional.empty();
            };
        }

        private static Caller of(String user, String project, Role role) {
            return new Caller(user, user, Grants.of(false, Map.of(project, role), user));
        }
    }

    @BeforeAll
    void start(@TempDir Path data) {
        Set<String> projects = Set.of("default", "lab", "shop");
        server = RunningServer.guarded(data, new Known(), name -> projects.contains(name)
                ? Optional.of(Quotas.NONE)
                : Optional.empty());
    }

    @AfterAll
    void stop() {
        server.close();
    }

    /** What is tried on: all of it lab's, the tunnel anna's. */
    private record Things(String tunnel, String webhook, String delivery, String port) {
        /** None of it is there. */
        static final Things NOWHERE = new Things(NOBODY, NOBODY, "99-999999", "1");

        String in(String path) {
            return path.replace("{id}", tunnel)
                    .replace("{connection}", NOBODY)
                    .replace("{session}", NOBODY)
                    .replace("{webhook}", webhook)
                    .replace("{delivery}", delivery)
                    .replace("{protocol}", "udp")
                    .replace("{port}", port);
        }
    }

    private String unique() {
        return "lab-secret-" + ++number;
    }

    private JsonObject asked(Who who, String method, String path, @Nullable JsonObject body) {
        HttpResponse<String> response = send(who, "", method, path, body);
        assertThat(response.statusCode()).as(response.body()).isBetween(200, 299);
        return new JsonObject(response.body());
    }

    private HttpResponse<String> send(Who who, String suffix, String method, String path, @Nullable JsonObject body) {
        HttpRequest.Builder request = server.to("/api/v1" + path);
        if (who != Who.NONE) {
            request.header("Authorization", "Bearer " + who + suffix);
        }
        if (body != null) {
            request.header("Content-Type", "application/json");
        }
        request.method(
                method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body.encode()));
        return path.startsWith("/events") ? server.head(request) : server.send(request);
    }

    private JsonObject least() {
        return new JsonObject()
                .put("name", unique())
                .put("exposes", new JsonArray().add(new JsonObject().put("target", "127.0.0.1:22")));
    }

    private Things made(Entry entry) {
        String tunnel = String.valueOf(asked(Who.OWNER, "POST", "/tunnels", least()).getLong("id"));
        String webhook = NOBODY;
        String delivery = "99-999999";
        String port = "1";
        if (entry.path().startsWith("/webhooks")) {
            // Nobody listens there, so that its first event soon is a dead letter.
            JsonObject body = new JsonObject().put("url", "http://127.0.0.1:9/" + unique());
            webhook = String.valueOf(asked(Who.OPERATOR, "POST", "/webhooks", body).getLong("id"));
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
        return new Things(tunnel, webhook, delivery, port);
    }

    private void unmade(Things things) {
        if (!things.webhook().equals(NOBODY)) {
            send(Who.ADMIN, "", "DELETE", "/webhooks/" + things.webhook(), null);
        }
        send(Who.ADMIN, "", "DELETE", "/tunnels/" + things.tunnel(), null);
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
                new JsonObject().put("url", "http://127.0.0.1:9/").put("active", false);
            case "changeWebhook" -> new JsonObject().put("active", false);
            case "drainServer" -> new JsonObject().put("on", false);
            default -> null;
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
            String suffix = who == Who.RENEWER ? "-" + things.tunnel() : "";
            @Nullable JsonObject body = body(entry, things);
            JsonObject before = tunnel(things);
            HttpResponse<String> response = send(who, suffix, entry.method(), things.in(entry.path()), body);
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
                    assertThat(status).as(seen).isEqualTo(401);
                    assertThat(seen).contains("/docs/problems#unauthorized");
                }
                case HIDDEN -> assertHidden(entry, who, things, response, seen);
            }
            if (response.statusCode() < 300) {
                book.check(entry, response);
            }
            if (cell == Cell.FORBIDDEN || cell == Cell.HIDDEN || cell == Cell.UNAUTHORIZED) {
                assertThat(tunnel(things)).as("nothing was changed").isEqualTo(before);
            }
            if (cell == Cell.UNAUTHORIZED || who == Who.RENEWER && cell == Cell.FORBIDDEN) {
                HttpResponse<String> nowhere = send(
                        who,
                        suffix,
                        entry.method(),
                        Things.NOWHERE.in(entry.path()),
                        body == null ? null : body(entry, Things.NOWHERE));
                assertThat(nowhere.statusCode()).isEqualTo(response.statusCode());
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
                "",
                entry.method(),
                Things.NOWHERE.in(entry.path()),
                bulk ? body(entry, Things.NOWHERE) : body(entry, things));
        assertThat(nowhere.statusCode()).as(seen).isEqualTo(response.statusCode());
        assertThat(bulk ? one(response) : response.statusCode()).as(seen).isEqualTo(404);
        assertThat(nowhere.body()
                        .replace(Things.NOWHERE.delivery(), things.delivery())
                        .replace("udp 1 ", "udp " + things.port() + " ")
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
        assertThat(book.entries().stream()
                        .map(entry -> entry.operation().getString("x-permission"))
                        .map(said -> said.equals("anyone") ? "public" : said)
                        .collect(java.util.stream.Collectors.toSet()))
                .containsAll(CELLS.keySet());
    }
}
