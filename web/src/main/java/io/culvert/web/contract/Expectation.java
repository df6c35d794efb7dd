package io.culvert.web.contract;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Says in a few words what a schema lets pass. Stateless, any thread. */
final class Expectation {
    private Expectation() {}

    /** For instance {@code 0.001 to 86400, or null}. */
    static String of(JsonObject schema) {
        List<String> types = types(schema);
        String main = schema.getString("x-expected", "");
        if (main.isEmpty()) {
            main = types.stream()
                    .filter(type -> !type.equals("null"))
                    .map(type -> ofType(schema, type))
                    .collect(Collectors.joining(" or "));
        }
        if (main.isEmpty()) {
            return "null";
        }
        return types.contains("null") ? main + ", or null" : main;
    }

    /** The types it names. */
    static List<String> types(JsonObject schema) {
        Object type = schema.getValue("type");
        return type instanceof JsonArray list
                ? list.stream().map(String::valueOf).toList()
                : type == null ? List.of() : List.of((String) type);
    }

    private static String ofType(JsonObject schema, String type) {
        if (schema.containsKey("enum")) {
            return schema.getJsonArray("enum").stream().map(String::valueOf).collect(Collectors.joining(", "));
        }
        return switch (type) {
            case "integer", "number" -> number(schema, type);
            case "boolean" -> "true or false";
            case "array" -> "a list" + size(schema, "minItems", "maxItems", " entries");
            case "object" -> "an object" + size(schema, "minProperties", "maxProperties", " fields");
            default -> text(schema);
        };
    }

    private static String number(JsonObject schema, String type) {
        String what = type.equals("integer") ? "a whole number" : "a number";
        @Nullable Object least = schema.getValue("minimum");
        @Nullable Object most = schema.getValue("maximum");
        return least == null || most == null ? what : what + ", " + least + " to " + most;
    }

    private static String text(JsonObject schema) {
        if ("date-time".equals(schema.getString("format"))) {
            return "a time like 2026-11-23T12:00:00Z";
        }
        if (schema.containsKey("pattern")) {
            return "text that matches " + schema.getString("pattern");
        }
        return "text" + size(schema, "minLength", "maxLength", " characters");
    }

    private static String size(JsonObject schema, String least, String most, String unit) {
        @Nullable Object from = schema.getValue(least);
        @Nullable Object to = schema.getValue(most);
        if (from == null && to == null) {
            return "";
        }
        if (to == null) {
            return " of at least " + from + unit;
        }
        return from == null ? " of at most " + to + unit : " of " + from + " to " + to + unit;
    }
}
