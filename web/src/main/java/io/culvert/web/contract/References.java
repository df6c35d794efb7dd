package io.culvert.web.contract;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/** Puts in place of each {@code $ref} of a document what it leads to. The contract refers to nothing that leads back. Immutable, any thread. */
final class References {
    private final JsonObject document;

    References(JsonObject document) {
        this.document = document;
    }

    /** The same, without any reference in it; what stands beside a reference is laid over what it leads to. */
    JsonObject inline(JsonObject object) {
        JsonObject whole = new JsonObject();
        if (object.getValue("$ref") instanceof String reference) {
            whole = inline(target(reference));
        }
        for (String name : object.fieldNames()) {
            if (!name.equals("$ref")) {
                whole.put(name, value(object.getValue(name)));
            }
        }
        return whole;
    }

    private @Nullable Object value(@Nullable Object value) {
        if (value instanceof JsonObject object) {
            return inline(object);
        }
        if (value instanceof JsonArray list) {
            JsonArray whole = new JsonArray();
            list.forEach(each -> whole.add(value(each)));
            return whole;
        }
        return value;
    }

    private JsonObject target(String reference) {
        JsonObject at = document;
        for (String part : reference.substring("#/".length()).split("/", -1)) {
            at = at.getJsonObject(part);
            if (at == null) {
                throw new IllegalStateException("$ref: '" + reference + "' (expected: a place in the contract)");
            }
        }
        return at;
    }
}
