package io.culvert.web.contract;

import io.vertx.core.json.JsonObject;

/**
 * What the body of an operation must be like. Thread-safe.
 *
 * @param required false where it may be left out
 */
public record BodyRule(boolean required, Shape shape) {
    static BodyRule of(JsonObject body) {
        JsonObject json = body.getJsonObject("content").getJsonObject("application/json");
        return new BodyRule(body.getBoolean("required", false), new Shape(json.getJsonObject("schema")));
    }
}
