package io.culvert.web.contract;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A place within a JSON document. Immutable, any thread.
 *
 * @param steps names and indexes from the root
 */
record Place(List<String> steps) {
    Place {
        steps = List.copyOf(steps);
    }

    /** Reads what the validator calls a place: a URI fragment with a pointer, {@code #/exposes/0/a%20b}. */
    static Place parse(String fragment) {
        String pointer = fragment.startsWith("#") ? fragment.substring(1) : fragment;
        return pointer.isEmpty()
                ? new Place(List.of())
                : new Place(Stream.of(pointer.substring(1).split("/", -1))
                        .map(Place::unescape)
                        .toList());
    }

    private static String unescape(String step) {
        // A plus is a plus here: the decoder is made for forms.
        return URLDecoder.decode(step.replace("+", "%2B"), StandardCharsets.UTF_8)
                .replace("~1", "/")
                .replace("~0", "~");
    }

    /** As a JSON pointer. */
    String pointer() {
        return steps.stream()
                .map(step -> "/" + step.replace("~", "~0").replace("/", "~1"))
                .collect(Collectors.joining());
    }

    /** The last step; empty for the root. */
    String last() {
        return steps.isEmpty() ? "" : steps.get(steps.size() - 1);
    }

    Place parent() {
        return steps.isEmpty() ? this : new Place(steps.subList(0, steps.size() - 1));
    }

    boolean holds(String step) {
        return steps.contains(step);
    }

    /** What stands there, or null. */
    @Nullable
    Object in(@Nullable Object document) {
        Object at = document;
        for (String step : steps) {
            if (at instanceof JsonObject object) {
                at = object.getValue(step);
            } else if (at instanceof JsonArray list
                    && step.matches("[0-9]{1,9}")
                    && Integer.parseInt(step) < list.size()) {
                at = list.getValue(Integer.parseInt(step));
            } else {
                return null;
            }
        }
        return at;
    }
}
