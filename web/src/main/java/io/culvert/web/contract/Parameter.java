package io.culvert.web.contract;

import io.culvert.web.http.Problem;
import io.culvert.web.input.Quote;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One parameter of an operation. Thread-safe.
 *
 * @param in where it stands
 * @param shape what its value must be like
 */
public record Parameter(String name, In in, boolean required, Shape shape) {
    private static final Pattern WHOLE = Pattern.compile("-?[0-9]{1,18}");
    private static final Pattern DECIMAL = Pattern.compile("-?[0-9]{1,15}(?:\\.[0-9]{1,9})?");

    /** Where a parameter stands. */
    public enum In {
        PATH,
        QUERY,
        HEADER
    }

    static Parameter of(JsonObject written) {
        return new Parameter(
                written.getString("name"),
                In.valueOf(written.getString("in").toUpperCase(Locale.ROOT)),
                written.getBoolean("required", false),
                new Shape(written.getJsonObject("schema")));
    }

    /**
     * Reads what was said.
     *
     * @param said each time it was said
     * @param errors gets what is at fault
     * @return a Long, Double, Boolean, String, or a JsonArray of them; the contract's default, or null, where nothing was said or it is at
     *     fault
     */
    public @Nullable Object read(List<String> said, List<Problem.Flaw> errors) {
        if (said.isEmpty()) {
            if (required) {
                errors.add(new Problem.Flaw(name, Optional.empty(), shape.expectation()));
            }
            return shape.ofDefault();
        }
        boolean list = shape.isList();
        if (!list && said.size() > 1) {
            errors.add(new Problem.Flaw(name, Optional.of(said.size() + " values"), "given once"));
            return null;
        }
        Object value = list ? list(said) : scalar(said.get(0), shape.type());
        List<Problem.Flaw> found = new ArrayList<>(shape.faults(value, name, false));
        if (found.isEmpty()) {
            return value;
        }
        // The place within a parameter is of no use to its caller: its name is said instead, once.
        Problem.Flaw first = found.get(0);
        errors.add(new Problem.Flaw(
                name, first.value().or(() -> Optional.of(Quote.of(said.get(0)))), first.expected()));
        return null;
    }

    private JsonArray list(List<String> said) {
        JsonArray values = new JsonArray();
        said.forEach(each -> values.add(scalar(each, shape.itemType())));
        return values;
    }

    /** What is none of its type stays text, and its shape then says so. */
    private static Object scalar(String text, String type) {
        return switch (type) {
            case "integer" -> WHOLE.matcher(text).matches() ? (Object) Long.valueOf(text) : text;
            case "number" -> DECIMAL.matcher(text).matches() ? (Object) Double.valueOf(text) : text;
            case "boolean" -> text.equals("true") || text.equals("false") ? (Object) Boolean.valueOf(text) : text;
            default -> text;
        };
    }
}
