package io.culvert.web.input;

import io.culvert.control.InvalidRequestException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The parameters of one call: each known, each said once. Immutable, any thread. */
public final class Parameters {
    private final Map<String, Field> fields;

    private Parameters(Map<String, Field> fields) {
        this.fields = Map.copyOf(fields);
    }

    /**
     * Puts query and body together.
     *
     * @param knownInQuery in the order in which errors list them
     * @param knownInBody likewise
     * @throws Refusal where something could not be read, is not known at its place, or is said twice
     */
    public static Parameters of(Fields query, List<String> knownInQuery, Fields body, List<String> knownInBody) {
        query.fault().ifPresent(Parameters::refuse);
        body.fault().ifPresent(Parameters::refuse);
        Map<String, Field> fields = new HashMap<>();
        collect(fields, query, "query", knownInQuery);
        collect(fields, body, "body", knownInBody);
        return new Parameters(fields);
    }

    private static void refuse(RuntimeException fault) {
        throw fault;
    }

    private static void collect(Map<String, Field> fields, Fields said, String place, List<String> known) {
        for (Field field : said.list()) {
            if (!known.contains(field.name())) {
                // The value is not shown: it may be a key whose name was mistyped.
                throw new Refusal(
                        400,
                        Quote.of(field.name()) + ": unknown parameter (expected in the " + place + ": "
                                + String.join(", ", known) + ")");
            }
            if (fields.put(field.name(), field) != null) {
                throw new Refusal(400, field.name() + ": given more than once (expected: once)");
            }
        }
    }

    /** The value said under the name; one that is empty counts as not said, because forms send every field. */
    public Optional<String> value(String name) {
        return Optional.ofNullable(fields.get(name)).map(Field::text).filter(text -> !text.isEmpty());
    }

    /** As {@link #value}, but not a JSON number. */
    public Optional<String> text(String name) {
        Field field = fields.get(name);
        if (field != null && field.number()) {
            throw new InvalidRequestException(name, Quote.of(field.text()), "a string");
        }
        return value(name);
    }

    /**
     * The number of a tunnel.
     *
     * @throws InvalidRequestException where the parameter is missing or no whole number from 0
     */
    public long id() {
        String text = value("id").orElse("");
        if (!text.matches("[0-9]{1,19}")) {
            throw invalidId(text);
        }
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw invalidId(text);
        }
    }

    private static InvalidRequestException invalidId(String text) {
        return new InvalidRequestException("id", Quote.of(text), "the number of a tunnel, 0 to " + Long.MAX_VALUE);
    }
}
