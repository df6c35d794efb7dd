package io.culvert.web.v1;

import io.culvert.control.event.Event;
import io.vertx.core.json.JsonObject;

/** An event as the API tells it. Stateless, any thread. */
final class EventDocument {
    private EventDocument() {}

    static JsonObject of(Event event) {
        return new JsonObject()
                .put("id", event.id())
                .put("at", Units.time(event.at()))
                .put("kind", TunnelDocument.word(event.kind()))
                .put("tunnel", event.tunnel().isPresent() ? event.tunnel().getAsLong() : null)
                .put("project", event.project().orElse(null))
                .put("text", event.text())
                .put("details", TunnelDocument.labels(event.details()));
    }
}
