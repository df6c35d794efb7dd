package io.culvert.web.v1;

import io.culvert.control.Caller;
import io.culvert.control.ControlException;
import io.culvert.control.CreateTunnel;
import io.culvert.control.CreatedTunnel;
import io.culvert.control.IdempotencyKey;
import io.culvert.control.Outcome;
import io.culvert.control.Tunnel;
import io.culvert.control.TunnelService;
import io.culvert.web.http.JsonPayload;
import io.culvert.web.http.Problem;
import io.culvert.web.http.ProblemException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Many tunnels in one call, each for itself. Thread-safe; never waits. */
final class BulkOperations {
    private final TunnelService tunnels;

    BulkOperations(TunnelService tunnels) {
        this.tunnels = tunnels;
    }

    Map<String, Work> works() {
        return Map.of("createTunnels", this::create, "renewTunnels", this::renew, "deleteTunnels", this::delete);
    }

    /** One item as it was read: a request, or why it is none. */
    private record Item(JsonObject said, Optional<CreateTunnel> request, Optional<Problem> problem) {
        static Item read(JsonObject said) {
            try {
                return new Item(said, Optional.of(TunnelReader.tunnel(said)), Optional.empty());
            } catch (ProblemException e) {
                return new Item(said, Optional.empty(), Optional.of(e.problem()));
            }
        }
    }

    private CompletionStage<Reply> create(Ask ask) {
        List<Item> items = ask.body().getJsonArray("tunnels").stream()
                .map(item -> Item.read((JsonObject) item))
                .toList();
        Optional<String> key = ask.anyText("Idempotency-Key");
        CompletionStage<List<Outcome<CreatedTunnel>>> outcomes = key.isPresent()
                ? oneByOne(ask.caller(), items, key.get())
                : tunnels.createAll(
                        ask.caller(),
                        items.stream().flatMap(item -> item.request().stream()).toList());
        return outcomes.thenApply(made -> {
            JsonArray ids = new JsonArray();
            made.stream()
                    .flatMap(each -> each.value().stream())
                    .filter(each -> !each.replayed())
                    .forEach(each -> ids.add(each.tunnel().id()));
            ask.notes().after(new JsonObject().put("created", ids));
            boolean replayed =
                    made.stream().flatMap(each -> each.value().stream()).anyMatch(CreatedTunnel::replayed);
            Map<String, String> headers = replayed ? Map.of(TunnelOperations.REPLAYED, "true") : Map.of();
            return new Reply.Whole(200, headers, new JsonPayload(created(items, made)));
        });
    }

    /** Each has a key of its own, made of the call's and its place: what was done before a lost answer is found again. */
    private CompletionStage<List<Outcome<CreatedTunnel>>> oneByOne(Caller caller, List<Item> items, String key) {
        List<CompletableFuture<Outcome<CreatedTunnel>>> stages = new ArrayList<>();
        for (int i = 0; i < items.size(); i++) {
            Item item = items.get(i);
            if (item.request().isPresent()) {
                IdempotencyKey own = new IdempotencyKey(key + "#" + i, Fingerprint.of(item.said()));
                stages.add(outcome(tunnels.create(caller, item.request().get(), own))
                        .toCompletableFuture());
            }
        }
        return CompletableFuture.allOf(stages.toArray(CompletableFuture[]::new))
                .thenApply(all -> stages.stream().map(CompletableFuture::join).toList());
    }

    private static <T> CompletionStage<Outcome<T>> outcome(CompletionStage<T> stage) {
        return stage.handle((value, thrown) -> {
                    if (thrown == null) {
                        return CompletableFuture.completedStage(Outcome.done(value));
                    }
                    return Problems.cause(thrown) instanceof ControlException refused
                            ? CompletableFuture.completedStage(Outcome.<T>refused(refused))
                            : CompletableFuture.<Outcome<T>>failedStage(thrown);
                })
                .thenCompose(outcome -> outcome);
    }

    private JsonObject created(List<Item> items, List<Outcome<CreatedTunnel>> made) {
        JsonArray results = new JsonArray();
        int next = 0;
        for (int i = 0; i < items.size(); i++) {
            Item item = items.get(i);
            String at = "/tunnels/" + i;
            if (item.problem().isPresent()) {
                results.add(refused(new JsonObject(), item.problem().get().within(at)));
                continue;
            }
            Outcome<CreatedTunnel> outcome = made.get(next++);
            JsonObject result = new JsonObject();
            results.add(
                    outcome.failure().isPresent()
                            ? refused(
                                    result, Problems.of(outcome.failure().get()).within(at))
                            : result.put("status", 201)
                                    .put("tunnel", document(outcome.value().orElseThrow()))
                                    .put("problem", null));
        }
        return new JsonObject().put("results", results);
    }

    private JsonObject document(CreatedTunnel made) {
        return TunnelDocument.of(made, tunnels.traffic(made.tunnel()));
    }

    private CompletionStage<Reply> renew(Ask ask) {
        List<Long> ids = ids(ask);
        return tunnels.renewAll(ask.caller(), ids).thenApply(outcomes -> Reply.ok(results(ids, outcomes)));
    }

    private CompletionStage<Reply> delete(Ask ask) {
        List<Long> ids = ids(ask);
        Optional<Duration> seconds =
                Optional.ofNullable(ask.body().getValue("drain_seconds")).map(said -> Units.duration((Number) said));
        Duration drain = TunnelOperations.drain(ask.body().getString("mode", "cut"), seconds, "/drain_seconds");
        return tunnels.endAll(ask.caller(), ids, drain).thenApply(outcomes -> {
            JsonArray ended = new JsonArray();
            outcomes.stream().flatMap(each -> each.value().stream()).forEach(each -> ended.add(each.id()));
            ask.notes().before(new JsonObject().put("asked", new JsonArray(List.copyOf(ids))));
            ask.notes().after(new JsonObject().put("ended", ended));
            return Reply.ok(results(ids, outcomes));
        });
    }

    private static List<Long> ids(Ask ask) {
        return ask.body().getJsonArray("ids").stream()
                .map(id -> ((Number) id).longValue())
                .toList();
    }

    private JsonObject results(List<Long> ids, List<Outcome<Tunnel>> outcomes) {
        JsonArray results = new JsonArray();
        for (int i = 0; i < ids.size(); i++) {
            Outcome<Tunnel> outcome = outcomes.get(i);
            JsonObject result = new JsonObject().put("id", ids.get(i));
            results.add(
                    outcome.failure().isPresent()
                            ? refused(result, Problems.of(outcome.failure().get()))
                            : result.put("status", 200)
                                    .put("tunnel", document(outcome))
                                    .put("problem", null));
        }
        return new JsonObject().put("results", results);
    }

    private JsonObject document(Outcome<Tunnel> outcome) {
        Tunnel tunnel = outcome.value().orElseThrow();
        return TunnelDocument.of(tunnel, tunnels.traffic(tunnel));
    }

    private static JsonObject refused(JsonObject result, Problem problem) {
        return result.put("status", problem.status()).put("tunnel", null).put("problem", problem.document());
    }
}
