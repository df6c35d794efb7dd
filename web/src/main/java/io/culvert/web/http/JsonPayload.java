package io.culvert.web.http;

import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** A JSON object as an answer. The object must not be changed any more. */
public record JsonPayload(JsonObject object) implements Payload {
    @Override
    public byte[] bytes() {
        return object.encode().getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public Map<String, String> headers() {
        return Map.of("Content-Type", "application/json");
    }
}
