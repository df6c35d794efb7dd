package io.culvert.web.v1;

import io.culvert.control.IssuedToken;
import io.culvert.control.TunnelService;
import io.culvert.web.http.JsonPayload;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** The operations on a tunnel's join tokens. Thread-safe; never waits. */
final class JoinTokenOperations {
    private final TunnelService tunnels;

    JoinTokenOperations(TunnelService tunnels) {
        this.tunnels = tunnels;
    }

    Map<String, Work> works() {
        return Map.of(
                "listJoinTokens", this::list,
                "createJoinToken", this::create,
                "revokeJoinToken",
                        ask -> tunnels.revokeJoinToken(ask.caller(), ask.id(), ask.text("token"))
                                .thenApply(revoked -> new Reply.Empty()));
    }

    private CompletionStage<Reply> list(Ask ask) {
        return tunnels.joinTokens(ask.caller(), ask.id()).thenApply(tokens -> {
            Instant now = tunnels.now();
            JsonArray list = new JsonArray();
            tokens.forEach(token -> list.add(document(token, now)));
            return Reply.ok(new JsonObject().put("join_tokens", list));
        });
    }

    private CompletionStage<Reply> create(Ask ask) {
        Optional<Duration> ttl = ask.body().getValue("ttl_seconds") instanceof Number seconds
                ? Optional.of(Units.duration(seconds))
                : Optional.empty();
        OptionalInt uses = ask.body().getValue("uses") instanceof Number number
                ? OptionalInt.of(number.intValue())
                : OptionalInt.empty();
        return tunnels.createJoinToken(ask.caller(), ask.id(), ttl, uses)
                .thenApply(made -> new Reply.Whole(
                        201,
                        Map.of(),
                        new JsonPayload(document(made.token(), tunnels.now()).put("join", made.join()))));
    }

    private static JsonObject document(IssuedToken token, Instant now) {
        return new JsonObject()
                .put("id", token.id())
                .put("state", TunnelDocument.word(token.state(now)))
                .put("created_by", token.createdBy())
                .put("created_at", Units.time(token.createdAt()))
                .put("expires_at", Units.time(token.expiresAt()))
                .put("uses", orNull(token.uses()))
                .put("uses_left", orNull(token.usesLeft()))
                .put("last_used_at", Units.time(token.lastUsed()))
                .put("revoked_at", Units.time(token.revokedAt()))
                .put("credentials", token.credentials().size());
    }

    private static @Nullable Integer orNull(OptionalInt number) {
        return number.isPresent() ? number.getAsInt() : null;
    }
}
