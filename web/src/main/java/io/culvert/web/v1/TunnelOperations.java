package io.culvert.web.v1;

import io.culvert.control.ConflictException;
import io.culvert.control.CreateTunnel;
import io.culvert.control.CreatedTunnel;
import io.culvert.control.IdempotencyKey;
import io.culvert.control.NoSuchTunnelException;
import io.culvert.control.StaleVersionException;
import io.culvert.control.Tunnel;
import io.culvert.control.TunnelPatch;
import io.culvert.control.TunnelService;
import io.culvert.web.http.JsonPayload;
import io.culvert.web.http.ProblemException;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** The operations on one tunnel. Thread-safe; never waits. */
final class TunnelOperations {
    static final String REPLAYED = "Idempotency-Replayed";

    private final TunnelService tunnels;

    TunnelOperations(TunnelService tunnels) {
        this.tunnels = tunnels;
    }

    Map<String, Work> works() {
        return Map.ofEntries(
                Map.entry("listTunnels", this::list),
                Map.entry("createTunnel", this::create),
                Map.entry("getTunnel", this::get),
                Map.entry("changeTunnel", this::change),
                Map.entry("deleteTunnel", this::delete),
                Map.entry("renewTunnel", ask -> shown(ask, tunnels.renew(ask.caller(), ask.id()))),
                Map.entry("pauseTunnel", ask -> shown(noted(ask), tunnels.pause(ask.caller(), ask.id()))),
                Map.entry("resumeTunnel", ask -> shown(noted(ask), tunnels.resume(ask.caller(), ask.id()))),
                Map.entry("rotateToken", this::rotate),
                Map.entry("movePort", this::move));
    }

    private CompletionStage<Reply> list(Ask ask) {
        return CompletableFuture.completedFuture(Reply.ok(new TunnelQuery(ask).page(tunnels)));
    }

    private CompletionStage<Reply> create(Ask ask) {
        CreateTunnel request = TunnelReader.tunnel(ask.body());
        if (ask.flag("dry_run")) {
            ask.notes().nothing();
            return tunnels.check(ask.caller(), request)
                    .thenApply(project -> Reply.ok(
                            TunnelDocument.plan(request, project, ask.caller().owner())));
        }
        Optional<String> key = ask.anyText("Idempotency-Key");
        CompletionStage<CreatedTunnel> created = key.isEmpty()
                ? tunnels.create(ask.caller(), request)
                : tunnels.create(ask.caller(), request, new IdempotencyKey(key.get(), Fingerprint.of(ask.body())));
        return ask.reply(created, made -> {
            if (made.replayed()) {
                ask.notes().nothing();
            }
            ask.notes().target("tunnel/" + made.tunnel().id());
            ask.notes().after(TunnelDocument.settings(made.tunnel()));
            Map<String, String> headers = new LinkedHashMap<>(tag(made.tunnel()));
            headers.put("Location", "/api/v1/tunnels/" + made.tunnel().id());
            if (made.replayed()) {
                headers.put(REPLAYED, "true");
            }
            return new Reply.Whole(201, headers, new JsonPayload(document(made)));
        });
    }

    private CompletionStage<Reply> get(Ask ask) {
        return CompletableFuture.completedFuture(shown(present(ask)));
    }

    private CompletionStage<Reply> change(Ask ask) {
        OptionalLong wanted = ifMatch(ask);
        Optional<Tunnel> found = tunnels.find(ask.caller(), ask.id());
        if (found.isEmpty()) {
            return shown(
                    ask,
                    tunnels.change(
                            ask.caller(), ask.id(), wanted, TunnelMerge.NOTHING)); // refused, for the right reason
        }
        Tunnel seen = found.get();
        if (wanted.isPresent() && wanted.getAsLong() != seen.version()) {
            throw new StaleVersionException(ask.id(), wanted.getAsLong(), seen.version());
        }
        TunnelPatch patch = TunnelMerge.patch(seen, ask.body());
        return shown(
                noted(ask),
                tunnels.change(
                        ask.caller(),
                        ask.id(),
                        wanted,
                        now -> now.version() == seen.version() ? patch : anew(now, ask.body())));
    }

    /** Somebody else was faster, and the caller named no version: what it wants is laid over what the tunnel is now. */
    private static TunnelPatch anew(Tunnel now, JsonObject body) {
        try {
            return TunnelMerge.patch(now, body);
        } catch (ProblemException e) {
            throw new ConflictException("tunnel " + now.id() + " was changed meanwhile: " + e.getMessage());
        }
    }

    private CompletionStage<Reply> delete(Ask ask) {
        Duration drain = drain(ask.text("mode"), ask.anySeconds("drain_seconds"), "drain_seconds");
        return shown(noted(ask), tunnels.end(ask.caller(), ask.id(), ifMatch(ask), drain));
    }

    /** How long visitors may stay, zero for not at all. */
    static Duration drain(String mode, Optional<Duration> seconds, String field) {
        if (mode.equals("drain")) {
            return seconds.orElse(TunnelReader.DRAIN);
        }
        seconds.ifPresent(said -> {
            throw ProblemException.invalid(field, String.valueOf(Units.seconds(said)), "only with mode drain");
        });
        return Duration.ZERO;
    }

    private CompletionStage<Reply> rotate(Ask ask) {
        return ask.reply(
                tunnels.rotateToken(noted(ask).caller(), ask.id()),
                made -> new Reply.Whole(200, tag(made.tunnel()), new JsonPayload(document(made))));
    }

    private CompletionStage<Reply> move(Ask ask) {
        int expose = (int) Units.bound(ask.body(), "expose");
        return shown(noted(ask), tunnels.movePort(ask.caller(), ask.id(), expose, TunnelReader.port(ask.body())));
    }

    private static OptionalLong ifMatch(Ask ask) {
        return ask.anyText("If-Match")
                .filter(tag -> !tag.equals("*"))
                .map(tag -> OptionalLong.of(Long.parseLong(tag.substring(1, tag.length() - 1))))
                .orElse(OptionalLong.empty());
    }

    /** A tunnel that lives, or ended within the last day. */
    private Tunnel present(Ask ask) {
        return tunnels.findAny(ask.caller(), ask.id()).orElseThrow(() -> NoSuchTunnelException.evenEnded(ask.id()));
    }

    /** The same, with a note of what the tunnel is before the change. */
    private Ask noted(Ask ask) {
        tunnels.find(ask.caller(), ask.id()).ifPresent(tunnel -> ask.notes().before(TunnelDocument.settings(tunnel)));
        return ask;
    }

    private CompletionStage<Reply> shown(Ask ask, CompletionStage<Tunnel> tunnel) {
        return ask.reply(tunnel, now -> {
            ask.notes().after(TunnelDocument.settings(now));
            return shown(now);
        });
    }

    private Reply shown(Tunnel tunnel) {
        return new Reply.Whole(200, tag(tunnel), new JsonPayload(TunnelDocument.of(tunnel, tunnels)));
    }

    private static Map<String, String> tag(Tunnel tunnel) {
        return Map.of("ETag", "\"" + tunnel.version() + "\"");
    }

    private JsonObject document(CreatedTunnel made) {
        return TunnelDocument.of(made, tunnels);
    }
}
