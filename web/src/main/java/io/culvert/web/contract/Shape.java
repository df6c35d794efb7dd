package io.culvert.web.contract;

import io.culvert.web.http.Problem;
import io.culvert.web.input.Quote;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.json.schema.Draft;
import io.vertx.json.schema.JsonSchema;
import io.vertx.json.schema.JsonSchemaOptions;
import io.vertx.json.schema.OutputFormat;
import io.vertx.json.schema.OutputUnit;
import io.vertx.json.schema.Validator;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A JSON schema of the contract, held against values. Its validator is made when it is first asked: a server that has just started does not
 * wait for it. Thread-safe.
 */
public final class Shape {
    private static final JsonSchemaOptions OPTIONS = new JsonSchemaOptions()
            .setBaseUri("urn:culvert:")
            .setDraft(Draft.DRAFT202012)
            .setOutputFormat(OutputFormat.Basic);

    /** The keywords that say something by themselves; the others only repeat what is wrong below them. */
    private static final Set<String> TELLING = Set.of(
            "type",
            "enum",
            "minimum",
            "maximum",
            "minLength",
            "maxLength",
            "pattern",
            "format",
            "minItems",
            "maxItems",
            "minProperties",
            "maxProperties");

    private final JsonObject schema;
    private final AtomicReference<@Nullable Validator> validator = new AtomicReference<>();

    /** @param schema without references */
    Shape(JsonObject schema) {
        this.schema = schema;
    }

    /** What would be right, in a few words. */
    public String expectation() {
        return Expectation.of(schema);
    }

    String type() {
        return Expectation.types(schema).stream()
                .filter(type -> !type.equals("null"))
                .findFirst()
                .orElse("string");
    }

    boolean isList() {
        return type().equals("array");
    }

    String itemType() {
        return new Shape(schema.getJsonObject("items")).type();
    }

    /** The schema's default, or null. A whole number comes as a Long. */
    @Nullable
    Object ofDefault() {
        Object value = schema.getValue("default");
        return value instanceof Integer number ? (Object) number.longValue() : value;
    }

    /**
     * What is wrong with a value, empty where nothing is; each place is named once.
     *
     * @param value of JSON's types
     * @param at what the value's own place is called
     * @param pointers true to name places within it by JSON pointers
     */
    List<Problem.Flaw> faults(@Nullable Object value, String at, boolean pointers) {
        OutputUnit outcome = validator().validate(value);
        if (Boolean.TRUE.equals(outcome.getValid())) {
            return List.of();
        }
        Map<String, Problem.Flaw> faults = new LinkedHashMap<>();
        for (OutputUnit unit : outcome.getErrors()) {
            Place instance = Place.parse(unit.getInstanceLocation());
            for (Problem.Flaw error : told(unit, instance, value)) {
                String field = pointers ? error.field() : at;
                faults.putIfAbsent(field, new Problem.Flaw(field, error.value(), error.expected()));
            }
        }
        if (faults.isEmpty()) {
            faults.put(at, new Problem.Flaw(at, Optional.empty(), expectation()));
        }
        return List.copyOf(faults.values());
    }

    /** What is wrong with a body, empty where nothing is. Places are JSON pointers into it. */
    public List<Problem.Flaw> faults(@Nullable Object body) {
        return faults(body, "", true);
    }

    private List<Problem.Flaw> told(OutputUnit unit, Place instance, @Nullable Object value) {
        Place keyword = Place.parse(unit.getKeywordLocation());
        String word = keyword.last();
        if (!(keyword.parent().in(schema) instanceof JsonObject rule)) {
            return List.of(); // of propertyNames and the like: told by what stands above it
        }
        Object said = instance.in(value);
        if (word.equals("required") && said instanceof JsonObject object) {
            return missing(rule, instance, object);
        }
        if (word.equals("propertyNames")) {
            return List.of(new Problem.Flaw(
                    instance.pointer(), Optional.empty(), "names like " + Expectation.of(rule.getJsonObject(word))));
        }
        if (word.equals("additionalProperties") && Boolean.FALSE.equals(rule.getValue(word))) {
            JsonObject known = rule.getJsonObject("properties", new JsonObject());
            // The value is not shown: it may be a secret whose name was mistyped.
            return known.containsKey(instance.last())
                    ? List.of()
                    : List.of(new Problem.Flaw(
                            Quote.of(instance.pointer()),
                            Optional.empty(),
                            "no such field; one of " + String.join(", ", known.fieldNames())));
        }
        return TELLING.contains(word) && !keyword.holds("propertyNames")
                ? List.of(new Problem.Flaw(Quote.of(instance.pointer()), shown(rule, said), Expectation.of(rule)))
                : List.of();
    }

    private static List<Problem.Flaw> missing(JsonObject rule, Place at, JsonObject object) {
        List<Problem.Flaw> errors = new ArrayList<>();
        for (Object name : rule.getJsonArray("required")) {
            if (!object.containsKey((String) name)) {
                JsonObject wanted = rule.getJsonObject("properties").getJsonObject((String) name);
                errors.add(new Problem.Flaw(at.pointer() + "/" + name, Optional.empty(), Expectation.of(wanted)));
            }
        }
        return errors;
    }

    private static Optional<String> shown(JsonObject rule, @Nullable Object said) {
        if ("password".equals(rule.getString("format"))) {
            return Optional.empty();
        }
        if (said instanceof JsonArray list) {
            return Optional.of(list.size() + " entries");
        }
        if (said instanceof JsonObject object) {
            return Optional.of("an object of " + object.size());
        }
        return Optional.of(Quote.of(String.valueOf(said)));
    }

    private Validator validator() {
        Validator made = validator.get();
        if (made == null) {
            made = Validator.create(JsonSchema.of(schema), OPTIONS);
            validator.set(made); // made twice at worst
        }
        return made;
    }
}
