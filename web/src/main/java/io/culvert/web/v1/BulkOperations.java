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
import java.util.HashMap;
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
        return ask.reply(outcomes, made -> {
            note(ask.notes(), items, made);
            boolean replayed =
                    made.stream().flatMap(each -> each.value().stream()).anyMatch(CreatedTunnel::replayed);
            Map<String, String> headers = replayed ? Map.of(TunnelOperations.REPLAYED, "true") : Map.of();
            return new Reply.Whole(200, headers, new JsonPayload(created(items, made)));
        });
    }

    private static void note(Notes notes, List<Item> items, List<Outcome<CreatedTunnel>> made) {
        List<Notes.Item> noted = new ArrayList<>();
        int next = 0;
        for (Item item : items) {
            Optional<Problem> problem = item.problem();
            if (problem.isEmpty()) {
                Outcome<CreatedTunnel> outcome = made.get(next++);
                problem = outcome.failure().map(Problems::of);
                outcome.value()
                        .filter(each -> !each.replayed())
                        .map(CreatedTunnel::tunnel)
                        .ifPresent(tunnel -> noted.add(Notes.Item.done(
                                "createTunnel", tunnel.id(), Optional.empty(), TunnelDocument.settings(tunnel))));
            }
            problem.ifPresent(why -> noted.add(Notes.Item.refused("createTunnel", "", why)));
        }
        notes.items(noted);
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
        return TunnelDocument.of(made, tunnels);
    }

    private CompletionStage<Reply> renew(Ask ask) {
        List<Long> ids = ids(ask);
        return ask.reply(tunnels.renewAll(ask.caller(), ids), outcomes -> {
            ask.notes().items(refused("renewTunnel", ids, outcomes));
            return Reply.ok(results(ids, outcomes));
        });
    }

    private CompletionStage<Reply> delete(Ask ask) {
        List<Long> ids = ids(ask);
        Optional<Duration> seconds =
                Optional.ofNullable(ask.body().getValue("drain_seconds")).map(said -> Units.duration((Number) said));
        Duration drain = TunnelOperations.drain(ask.body().getString("mode", "cut"), seconds, "/drain_seconds");
        Map<Long, Tunnel> before = new HashMap<>();
        ids.forEach(id -> tunnels.find(ask.caller(), id).ifPresent(tunnel -> before.put(id, tunnel)));
        return ask.reply(tunnels.endAll(ask.caller(), ids, drain), outcomes -> {
            List<Notes.Item> noted = new ArrayList<>(refused("deleteTunnel", ids, outcomes));
            outcomes.stream()
                    .flatMap(each -> each.value().stream())
                    .forEach(ended -> noted.add(Notes.Item.done(
                            "deleteTunnel",
                            ended.id(),
                            Optional.ofNullable(before.get(ended.id())).map(TunnelDocument::settings),
                            TunnelDocument.settings(ended))));
            ask.notes().items(noted);
            return Reply.ok(results(ids, outcomes));
        });
    }

    private static List<Notes.Item> refused(String operation, List<Long> ids, List<Outcome<Tunnel>> outcomes) {
        List<Notes.Item> noted = new ArrayList<>();
        for (int i = 0; i < ids.size(); i++) {
            String target = "tunnel/" + ids.get(i);
            outcomes.get(i)
                    .failure()
                    .ifPresent(why -> noted.add(Notes.Item.refused(operation, target, Problems.of(why))));
        }
        return noted;
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
        return TunnelDocument.of(tunnel, tunnels);
    }

    private static JsonObject refused(JsonObject result, Problem problem) {
        return result.put("status", problem.status()).put("tunnel", null).put("problem", problem.document());
    }
}
