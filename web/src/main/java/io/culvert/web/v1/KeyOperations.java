package io.culvert.web.v1;

import io.culvert.control.Tunnel;
import io.culvert.control.TunnelService;
import io.culvert.control.access.ApiKey;
import io.culvert.control.access.Keys;
import io.culvert.control.access.NewKey;
import io.culvert.control.caller.Permission;
import io.culvert.web.http.JsonPayload;
import io.culvert.web.http.ProblemException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;

/** API keys. Thread-safe; never waits. */
final class KeyOperations {
    private final Keys keys;
    private final TunnelService tunnels;

    KeyOperations(Keys keys, TunnelService tunnels) {
        this.keys = keys;
        this.tunnels = tunnels;
    }

    Map<String, Work> works() {
        return Map.of(
                "listKeys",
                this::list,
                "createKey",
                this::create,
                "getKey",
                ask -> CompletableFuture.completedFuture(Reply.ok(document(keys.find(ask.caller(), ask.text("key"))))),
                "revokeKey",
                this::revoke);
    }

    private CompletionStage<Reply> list(Ask ask) {
        JsonArray list = new JsonArray();
        keys.list(ask.caller()).forEach(key -> list.add(document(key)));
        return CompletableFuture.completedFuture(Reply.ok(new JsonObject().put("keys", list)));
    }

    private CompletionStage<Reply> create(Ask ask) {
        JsonObject body = ask.body();
        Optional<String> project = TunnelReader.text(body, "project");
        Optional<Tunnel> tunnel =
                Optional.ofNullable((Number) body.getValue("tunnel")).map(id -> tunnel(ask, id.longValue()));
        tunnel.ifPresent(only -> project.filter(said -> !said.equals(only.project()))
                .ifPresent(said -> {
                    throw ProblemException.invalid(
                            "/project", said, "the project of tunnel " + only.id() + ", or none");
                }));
        NewKey wanted = new NewKey(
                body.getString("title", ""),
                TunnelReader.text(body, "user"),
                project.or(() -> tunnel.map(Tunnel::project)),
                scopes(body.getJsonArray("scopes")),
                tunnel.map(only -> OptionalLong.of(only.id())).orElse(OptionalLong.empty()),
                expires(body));
        return keys.create(ask.caller(), wanted).thenApply(made -> {
            ask.notes().target("key/" + made.key().id());
            ask.notes().after(document(made.key()));
            return new Reply.Whole(
                    201,
                    Map.of("Location", "/api/v1/keys/" + made.key().id()),
                    new JsonPayload(document(made.key()).put("secret", made.secret())));
        });
    }

    private Tunnel tunnel(Ask ask, long id) {
        return tunnels.find(ask.caller(), id)
                .orElseThrow(
                        () -> ProblemException.invalid("/tunnel", String.valueOf(id), "the number of a living tunnel"));
    }

    private static Set<Permission> scopes(JsonArray said) {
        return said.stream()
                .flatMap(word -> Permission.of(String.valueOf(word)).stream())
                .collect(Collectors.toSet());
    }

    private static Optional<Instant> expires(JsonObject body) {
        return TunnelReader.text(body, "expires_at")
                .map(said -> Units.instant(said)
                        .orElseThrow(() -> ProblemException.invalid(
                                "/expires_at", said, "a time like 2026-11-23T12:00:00Z, or null")));
    }

    private CompletionStage<Reply> revoke(Ask ask) {
        String id = ask.text("key");
        ask.notes().before(document(keys.find(ask.caller(), id)));
        return keys.revoke(ask.caller(), id).thenApply(done -> new Reply.Empty());
    }

    private static JsonObject document(ApiKey key) {
        return new JsonObject()
                .put("id", key.id())
                .put("prefix", key.prefix())
                .put("title", key.title())
                .put("user", key.user())
                .put("project", key.project().orElse(null))
                .put(
                        "scopes",
                        new JsonArray(key.scopes().stream()
                                .map(Permission::word)
                                .sorted()
                                .toList()))
                .put("tunnel", key.tunnel().isPresent() ? key.tunnel().getAsLong() : null)
                .put("expires_at", Units.time(key.expires()))
                .put("created_at", Units.time(key.created()))
                .put("last_used", Units.time(key.lastUsed()))
                .put("revoked_at", Units.time(key.revoked()))
                .put("made_by", key.madeBy().orElse(null));
    }
}
