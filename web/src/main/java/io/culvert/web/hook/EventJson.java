package io.culvert.web.hook;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.culvert.control.event.Event;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** An event as the API tells it, in feeds and in webhooks. Immutable, any thread. */
public final class EventJson {
    private final JsonFactory factory = new JsonFactory();

    /** The event's object in UTF-8, always in the same words. */
    public byte[] bytes(Event event) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (JsonGenerator json = factory.createGenerator(out)) {
            json.writeStartObject();
            json.writeNumberField("id", event.id());
            json.writeStringField("at", event.at().toString());
            json.writeStringField("kind", kind(event));
            if (event.tunnel().isPresent()) {
                json.writeNumberField("tunnel", event.tunnel().getAsLong());
            } else {
                json.writeNullField("tunnel");
            }
            if (event.project().isPresent()) {
                json.writeStringField("project", event.project().get());
            } else {
                json.writeNullField("project");
            }
            json.writeStringField("text", event.text());
            json.writeObjectFieldStart("details");
            for (Map.Entry<String, String> detail : new TreeMap<>(event.details()).entrySet()) {
                json.writeStringField(detail.getKey(), detail.getValue());
            }
            json.writeEndObject();
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("memory does not fail", e);
        }
        return out.toByteArray();
    }

    /** What the API calls the event's kind. */
    static String kind(Event event) {
        return event.kind().name().toLowerCase(Locale.ROOT);
    }
}
