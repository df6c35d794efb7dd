package io.culvert.web.v1;

import io.culvert.control.NoSuchWebhookException;
import io.culvert.control.event.EventKind;
import io.culvert.control.hook.Attempt;
import io.culvert.control.hook.Delivery;
import io.culvert.control.hook.NewWebhook;
import io.culvert.control.hook.Webhook;
import io.culvert.control.hook.WebhookPatch;
import io.culvert.control.hook.Webhooks;
import io.culvert.web.http.JsonPayload;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Who is told of events by HTTP. Thread-safe; never waits. */
final class HookOperations {
    private final Webhooks webhooks;

    HookOperations(Webhooks webhooks) {
        this.webhooks = webhooks;
    }

    Map<String, Work> works() {
        return Map.ofEntries(
                Map.entry("listWebhooks", this::list),
                Map.entry("addWebhook", this::add),
                Map.entry("getWebhook", ask -> get(ask).thenApply(found -> Reply.ok(document(found)))),
                Map.entry("changeWebhook", this::change),
                Map.entry("removeWebhook", this::remove),
                Map.entry(
                        "rotateSecret",
                        ask -> webhooks.newSecret(ask.caller(), id(ask)).thenApply(made -> Reply.ok(document(made)))),
                Map.entry(
                        "testWebhook",
                        ask -> webhooks.test(ask.caller(), id(ask)).thenApply(attempt -> Reply.ok(document(attempt)))),
                Map.entry("listDeadLetters", this::deadLetters),
                Map.entry(
                        "redeliver",
                        ask -> webhooks.redeliver(ask.caller(), ask.text("delivery"))
                                .thenApply(delivery -> Reply.ok(document(delivery)))),
                Map.entry("dropDeadLetter", this::drop));
    }

    private static long id(Ask ask) {
        return ask.number("webhook");
    }

    private CompletionStage<Reply> list(Ask ask) {
        return webhooks.list(ask.caller()).thenApply(all -> {
            JsonArray list = new JsonArray();
            all.forEach(each -> list.add(document(each)));
            return Reply.ok(new JsonObject().put("webhooks", list));
        });
    }

    private CompletionStage<Webhook> get(Ask ask) {
        long id = id(ask);
        return webhooks.get(ask.caller(), id)
                .thenApply(found -> found.orElseThrow(() -> new NoSuchWebhookException("webhook", String.valueOf(id))));
    }

    private CompletionStage<Reply> add(Ask ask) {
        JsonObject body = ask.body();
        return webhooks.add(
                        ask.caller(),
                        new NewWebhook(
                                TunnelReader.text(body, "project"),
                                body.getString("url"),
                                TunnelReader.text(body, "secret"),
                                filter(Webhook.Filter.ALL, body),
                                body.getBoolean("active", true)))
                .thenApply(made -> {
                    ask.notes().target("webhook/" + made.webhook().id());
                    ask.notes().after(noted(made.webhook()));
                    return new Reply.Whole(
                            201,
                            Map.of(
                                    "Location",
                                    "/api/v1/webhooks/" + made.webhook().id()),
                            new JsonPayload(document(made)));
                });
    }

    private CompletionStage<Reply> change(Ask ask) {
        JsonObject body = ask.body();
        boolean filtered = body.containsKey("kinds") || body.containsKey("labels") || body.containsKey("tunnel");
        return get(ask).whenComplete((seen, failure) -> {
                    if (failure == null) {
                        ask.notes().before(noted(seen));
                    }
                })
                .thenCompose(seen -> webhooks.change(
                        ask.caller(),
                        id(ask),
                        new WebhookPatch(
                                TunnelReader.text(body, "url"),
                                TunnelReader.text(body, "secret"),
                                filtered ? Optional.of(filter(seen.filter(), body)) : Optional.empty(),
                                Optional.ofNullable(body.getBoolean("active")))))
                .thenApply(changed -> {
                    ask.notes().after(noted(changed));
                    return Reply.ok(document(changed));
                });
    }

    /** What is not named stays as it was. */
    private static Webhook.Filter filter(Webhook.Filter before, JsonObject body) {
        Set<EventKind> kinds = before.kinds();
        if (body.containsKey("kinds")) {
            kinds = body.getJsonArray("kinds").stream()
                    .map(kind -> EventKind.valueOf(String.valueOf(kind).toUpperCase(Locale.ROOT)))
                    .collect(Collectors.toUnmodifiableSet());
        }
        Map<String, String> labels = new HashMap<>(before.labels());
        if (body.containsKey("labels")) {
            labels.clear();
            body.getJsonObject("labels").forEach(label -> labels.put(label.getKey(), (String) label.getValue()));
        }
        OptionalLong tunnel = before.tunnel();
        if (body.containsKey("tunnel")) {
            @Nullable Object said = body.getValue("tunnel");
            tunnel = said instanceof Number number ? OptionalLong.of(number.longValue()) : OptionalLong.empty();
        }
        return new Webhook.Filter(kinds, labels, tunnel);
    }

    private CompletionStage<Reply> remove(Ask ask) {
        return webhooks.remove(ask.caller(), id(ask)).thenApply(done -> gone(done, "webhook", String.valueOf(id(ask))));
    }

    private CompletionStage<Reply> deadLetters(Ask ask) {
        OptionalLong webhook = ask.anyNumber("webhook").map(OptionalLong::of).orElse(OptionalLong.empty());
        return webhooks.deadLetters(ask.caller(), webhook).thenApply(dead -> {
            JsonArray list = new JsonArray();
            dead.forEach(each -> list.add(document(each)));
            return Reply.ok(new JsonObject().put("dead_letters", list));
        });
    }

    private CompletionStage<Reply> drop(Ask ask) {
        return webhooks.drop(ask.caller(), ask.text("delivery"))
                .thenApply(done -> gone(done, "delivery", ask.text("delivery")));
    }

    private static Reply gone(boolean done, String what, String name) {
        if (!done) {
            throw new NoSuchWebhookException(what, name);
        }
        return new Reply.Empty();
    }

    private static JsonObject document(Webhook webhook) {
        JsonArray kinds = new JsonArray();
        webhook.filter().kinds().stream().map(TunnelDocument::word).sorted().forEach(kinds::add);
        OptionalLong tunnel = webhook.filter().tunnel();
        return new JsonObject()
                .put("id", webhook.id())
                .put("project", webhook.project().orElse(null))
                .put("url", webhook.url())
                .put("active", webhook.active())
                .put("kinds", kinds)
                .put("labels", TunnelDocument.labels(webhook.filter().labels()))
                .put("tunnel", tunnel.isPresent() ? tunnel.getAsLong() : null)
                .put("created_at", Units.time(webhook.createdAt()))
                .put("waiting", webhook.waiting())
                .put("dead", webhook.dead())
                .put("last", webhook.last().map(HookOperations::document).orElse(null));
    }

    /** As the audit keeps it: what stands behind the host may be a secret. Slack, Discord and Teams have it in the path, others behind {@code ?}. */
    private static JsonObject noted(Webhook webhook) {
        JsonObject document = document(webhook);
        document.remove("waiting");
        document.remove("dead");
        document.remove("last");
        return document.put("url", withoutSecrets(webhook.url()));
    }

    private static String withoutSecrets(String url) {
        return url.replaceFirst("^([a-zA-Z]+://[^/?#]*).*$", "$1/…");
    }

    private static JsonObject document(Webhook.WithSecret made) {
        return document(made.webhook()).put("secret", made.secret());
    }

    private static JsonObject document(Attempt attempt) {
        return new JsonObject()
                .put("at", Units.time(attempt.at()))
                .put("took_seconds", Units.seconds(attempt.took()))
                .put("status", attempt.status().isPresent() ? attempt.status().getAsInt() : null)
                .put("outcome", attempt.outcome())
                .put("delivered", attempt.delivered());
    }

    private static JsonObject document(Delivery delivery) {
        return new JsonObject()
                .put("id", delivery.id())
                .put("webhook", delivery.webhook())
                .put("event", EventDocument.of(delivery.event()))
                .put("tries", delivery.tries())
                .put("dead_since", Units.time(delivery.deadSince()))
                .put("last", delivery.last().map(HookOperations::document).orElse(null));
    }
}
