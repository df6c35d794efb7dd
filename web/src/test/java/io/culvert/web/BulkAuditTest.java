package io.culvert.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.control.Caller;
import io.culvert.control.access.NewKey;
import io.culvert.control.access.NewUser;
import io.culvert.control.caller.Permission;
import io.culvert.control.caller.Role;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the audit says of a bulk call: of each item what it would say of the call for it alone. */
class BulkAuditTest {
    private static final Caller ADMIN = Caller.trusted("admin");
    private static final long NOBODYS = 424_242;

    @TempDir
    Path data;

    private RunningServer server;
    private String annas;

    @BeforeEach
    void start() {
        server = RunningServer.keyed(data);
        get(server.access.users().create(ADMIN, new NewUser("anna", "", false, Optional.empty())));
        get(server.access.projects().putMember(ADMIN, "default", "anna", Role.MEMBER));
        NewKey wanted = new NewKey(
                "",
                Optional.of("anna"),
                Optional.empty(),
                EnumSet.allOf(Permission.class),
                OptionalLong.empty(),
                Optional.empty());
        annas = get(server.access.keys().create(ADMIN, wanted)).secret();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void refusedItemsAreThereAsTheirSingleCallsWouldBe() {
        long foreign = create(RunningServer.KEY);
        List<String> alone = List.of(
                "POST /" + foreign + "/renew",
                "POST /" + NOBODYS + "/renew",
                "DELETE /" + foreign,
                "DELETE /" + NOBODYS);
        for (String call : alone) {
            String[] words = call.split(" ", 2);
            assertThat(call(words[0], words[1], annas, Optional.empty()).statusCode())
                    .isIn(403, 404);
        }
        List<String> singly = audit("");
        assertThat(singly)
                .contains(
                        "renewTunnel tunnel/" + foreign + " refused: forbidden",
                        "deleteTunnel tunnel/" + NOBODYS + " refused: no-such-tunnel");

        JsonObject ids =
                new JsonObject().put("ids", new JsonArray().add(foreign).add(NOBODYS));
        bulk("renew", annas, ids, 403, 404);
        bulk("delete", annas, ids, 403, 404);
        List<String> all = audit("");
        assertThat(all.subList(0, 4)).containsExactlyInAnyOrderElementsOf(singly.subList(0, 4));
        assertThat(all).as("and nothing else").hasSize(singly.size() + 4);
    }

    @Test
    void whatWasDoneIsFoundByItsTarget() {
        JsonObject wanted = new JsonObject()
                .put(
                        "tunnels",
                        new JsonArray()
                                .add(least("one"))
                                .add(least("one"))
                                .add(least("two").put("lease", new JsonObject().put("grace_seconds", 5))));
        JsonArray made = bulk("create", annas, wanted, 201, 409, 400);
        long id = made.getJsonObject(0).getJsonObject("tunnel").getLong("id");
        assertThat(audit("operation=createTunnel"))
                .containsExactlyInAnyOrder(
                        "createTunnel tunnel/" + id + " done",
                        "createTunnel  refused: conflict",
                        "createTunnel  refused: invalid-request");

        JsonObject ids = new JsonObject().put("ids", new JsonArray().add(id).add(NOBODYS));
        bulk("renew", annas, ids, 200, 404);
        bulk("delete", annas, ids, 200, 404);
        assertThat(audit("target=tunnel/" + id))
                .as("a renewal that was done is nowhere")
                .containsExactly("deleteTunnel tunnel/" + id + " done", "createTunnel tunnel/" + id + " done");
        JsonObject end = entries("target=tunnel/" + id).get(0);
        assertThat(end.getJsonObject("before").getString("name")).isEqualTo("one");
        assertThat(end.getString("caller")).startsWith("anna/");
        assertThat(audit("target=tunnel/" + NOBODYS))
                .containsExactly(
                        "deleteTunnel tunnel/" + NOBODYS + " refused: no-such-tunnel",
                        "renewTunnel tunnel/" + NOBODYS + " refused: no-such-tunnel");
    }

    @Test
    void aCallThatIsRepeatedTellsOnce() {
        JsonObject wanted = new JsonObject().put("tunnels", new JsonArray().add(least("once")));
        bulk("create", annas, wanted, "again", 201);
        bulk("create", annas, wanted, "again", 201);
        assertThat(audit("operation=createTunnel")).hasSize(1);
    }

    private static JsonObject least(String name) {
        return new JsonObject()
                .put("name", name)
                .put("exposes", new JsonArray().add(new JsonObject().put("target", "127.0.0.1:22")))
                .put("lease", new JsonObject().put("ttl_seconds", 600));
    }

    private long create(String key) {
        return new JsonObject(
                        call("POST", "", key, Optional.of(least("foreign"))).body())
                .getLong("id");
    }

    private JsonArray bulk(String verb, String key, JsonObject body, Integer... statuses) {
        return results(call("POST", "/bulk-" + verb, key, Optional.of(body)), statuses);
    }

    private void bulk(String verb, String key, JsonObject body, String once, Integer... statuses) {
        results(call("POST", "/bulk-" + verb, key, Optional.of(body), "Idempotency-Key", once), statuses);
    }

    private static JsonArray results(HttpResponse<String> answer, Integer... statuses) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        JsonArray results = new JsonObject(answer.body()).getJsonArray("results");
        assertThat(results.stream().map(each -> ((JsonObject) each).getInteger("status")))
                .containsExactly(statuses);
        return results;
    }

    private HttpResponse<String> call(
            String method, String path, String key, Optional<JsonObject> body, String... headers) {
        var request = server.to("/api/v1/tunnels" + path)
                .header("Authorization", "Bearer " + key)
                .method(
                        method,
                        body.map(said -> BodyPublishers.ofString(said.encode())).orElse(BodyPublishers.noBody()));
        if (body.isPresent()) {
            request.header("Content-Type", "application/json");
        }
        if (headers.length > 0) {
            request.headers(headers);
        }
        return server.send(request);
    }

    /** Newest first: operation, target, outcome. */
    private List<String> audit(String filter) {
        return entries(filter).stream()
                .map(entry -> entry.getString("operation") + " " + entry.getString("target") + " "
                        + entry.getString("outcome"))
                .toList();
    }

    private List<JsonObject> entries(String filter) {
        HttpResponse<String> answer = server.send(
                server.to("/api/v1/audit?limit=100&" + filter).header("Authorization", "Bearer " + RunningServer.KEY));
        return new JsonObject(answer.body())
                .getJsonArray("entries").stream().map(JsonObject.class::cast).toList();
    }

    private static <T> T get(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(30, TimeUnit.SECONDS).join();
    }
}
