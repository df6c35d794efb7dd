package io.culvert.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.web.contract.Contract;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.json.schema.Draft;
import io.vertx.json.schema.JsonSchema;
import io.vertx.json.schema.JsonSchemaOptions;
import io.vertx.json.schema.OutputFormat;
import io.vertx.json.schema.OutputUnit;
import io.vertx.json.schema.Validator;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The contract as a test reads it: what it promises, and what of that has been seen. One thread. */
final class ContractBook {
    private final JsonObject document = Contract.load().resolved();
    private static final List<String> KINDS = List.of("step", "outcome", "kind", "state", "type");
    private static final Set<String> SENTENCES = Set.of("text", "detail", "reason", "outcome", "expected");

    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private final Set<String> open = new TreeSet<>();

    /** One operation. */
    record Entry(String id, String method, String path, JsonObject operation, List<JsonObject> parameters) {
        boolean promises(int status) {
            return operation.getJsonObject("responses").containsKey(String.valueOf(status));
        }

        /** The schema of its body; empty where it takes none. */
        JsonObject bodySchema() {
            return operation
                    .getJsonObject("requestBody", new JsonObject())
                    .getJsonObject("content", new JsonObject())
                    .getJsonObject("application/json", new JsonObject())
                    .getJsonObject("schema", new JsonObject());
        }

        /** Its request examples by name. */
        Map<String, JsonObject> bodies() {
            Map<String, JsonObject> bodies = new LinkedHashMap<>();
            JsonObject examples = operation
                    .getJsonObject("requestBody", new JsonObject())
                    .getJsonObject("content", new JsonObject())
                    .getJsonObject("application/json", new JsonObject())
                    .getJsonObject("examples", new JsonObject());
            for (String name : examples.fieldNames()) {
                bodies.put(name, examples.getJsonObject(name).getJsonObject("value"));
            }
            return bodies;
        }
    }

    ContractBook() {
        JsonObject paths = document.getJsonObject("paths");
        for (String path : paths.fieldNames()) {
            JsonObject item = paths.getJsonObject(path);
            for (String method : List.of("get", "post", "patch", "delete", "put")) {
                if (item.containsKey(method)) {
                    JsonObject operation = item.getJsonObject(method);
                    List<JsonObject> parameters = new ArrayList<>();
                    for (JsonObject source : List.of(item, operation)) {
                        source.getJsonArray("parameters", new JsonArray())
                                .forEach(each -> parameters.add((JsonObject) each));
                    }
                    String id = operation.getString("operationId");
                    entries.put(id, new Entry(id, method.toUpperCase(Locale.ROOT), path, operation, parameters));
                }
            }
        }
        entries.values().forEach(this::promise);
    }

    private void promise(Entry entry) {
        JsonObject responses = entry.operation().getJsonObject("responses");
        for (String status : responses.fieldNames()) {
            open.add(entry.id() + " " + status);
            examples(responses.getJsonObject(status)).forEach((name, example) -> {
                String promised = entry.id() + " " + status + " example " + name;
                open.add(promised);
                if (isJson(responses.getJsonObject(status))) {
                    open.addAll(values(example, example(example)));
                    open.addAll(sentences(example));
                }
            });
        }
        entry.bodies().keySet().forEach(name -> open.add(entry.id() + " request " + name));
    }

    List<Entry> entries() {
        return List.copyOf(entries.values());
    }

    Entry entry(String id) {
        Entry entry = entries.get(id);
        assertThat(entry).as(id).isNotNull();
        return Objects.requireNonNull(entry);
    }

    /** What is promised and has not been seen. */
    Set<String> open() {
        return open;
    }

    void sent(Entry entry, String example) {
        open.remove(entry.id() + " request " + example);
    }

    /** Holds an answer against the contract, and notes what it has shown. */
    void check(Entry entry, HttpResponse<String> response) {
        int status = response.statusCode();
        String at = entry.id() + " " + status + " " + response.body();
        assertThat(entry.promises(status)).as("documented: %s", at).isTrue();
        open.remove(entry.id() + " " + status);
        JsonObject promised = entry.operation().getJsonObject("responses").getJsonObject(String.valueOf(status));
        for (String header : promised.getJsonObject("headers", new JsonObject()).fieldNames()) {
            if (!header.equals("Idempotency-Replayed")) {
                assertThat(response.headers().firstValue(header))
                        .as("%s of %s", header, at)
                        .isPresent();
            }
        }
        JsonObject content = promised.getJsonObject("content", new JsonObject());
        if (content.isEmpty()) {
            assertThat(response.body()).as(at).isEmpty();
            return;
        }
        String type = response.headers().firstValue("Content-Type").orElse("");
        assertThat(content.fieldNames()).as("media type of %s", at).contains(type);
        if (type.endsWith("json") && !type.endsWith("ndjson")) {
            JsonObject schema = content.getJsonObject(type).getJsonObject("schema");
            JsonObject body = new JsonObject(response.body());
            check(schema, body, at);
            checkFields(entry, body, at);
            if (!entry.id().equals("getContractAsJson")) {
                open.removeAll(sentences(body)); // the contract's own examples are no proof of themselves
            }
            examples(promised).forEach((name, example) -> {
                check(schema, example, "example " + name + " of " + entry.id());
                if (alike(example, body)) {
                    open.remove(entry.id() + " " + status + " example " + name);
                    open.removeAll(values(body, example(example)));
                }
            });
        }
    }

    /** One that several operations share is shown by all of them together. */
    private static String example(Object example) {
        return "example " + String.valueOf(example).hashCode() + " ";
    }

    private static boolean isJson(JsonObject response) {
        return response.getJsonObject("content", new JsonObject()).fieldNames().stream()
                .allMatch(type -> type.endsWith("/json") || type.endsWith("+json"));
    }

    /** The places of all that is not null and not empty, whatever its index in a list: each must be seen to have a value. */
    private static Set<String> values(@Nullable Object value, String at) {
        Set<String> found = new TreeSet<>();
        if (value instanceof JsonObject object) {
            object.forEach(field -> found.addAll(values(field.getValue(), at + "/" + field.getKey())));
        } else if (value instanceof JsonArray list) {
            list.forEach(each -> found.addAll(values(each, at + "/*")));
        } else if (value != null) {
            found.add(at);
        }
        return found;
    }

    /**
     * What people read, with what stands beside it to say what it is of; numbers, addresses, names in quotes and in brackets aside. No example
     * says what no server says.
     */
    private static Set<String> sentences(@Nullable Object value) {
        Set<String> found = new TreeSet<>();
        if (value instanceof JsonObject object) {
            String of = KINDS.stream()
                    .filter(kind -> object.getValue(kind) instanceof String)
                    .map(kind -> object.getString(kind) + " ")
                    .collect(Collectors.joining());
            for (String name : object.fieldNames()) {
                if (object.getValue(name) instanceof String text
                        && (SENTENCES.contains(name) || (name.equals("title") && object.containsKey("detail")))) {
                    found.add("sentence: " + of + name + ": " + plain(text));
                } else {
                    found.addAll(sentences(object.getValue(name)));
                }
            }
        } else if (value instanceof JsonArray list) {
            list.forEach(each -> found.addAll(sentences(each)));
        }
        return found;
    }

    private static String plain(String text) {
        return text.replaceAll("'[^']*'", "''")
                .replaceAll("\\((?!expected)[^)]*\\)", "()")
                .replaceFirst("^agent .* is", "agent NAME is")
                .replaceAll("[0-9]+([.:][0-9]+)*", "0");
    }

    /** What is said to be at fault can be found: a pointer into the operation's body, or one of its parameters. */
    private static void checkFields(Entry entry, JsonObject answer, String at) {
        List<Object> problems = new ArrayList<>(List.of(answer));
        answer.getJsonArray("results", new JsonArray())
                .forEach(result -> problems.add(((JsonObject) result).getJsonObject("problem", new JsonObject())));
        List<String> parameters = entry.parameters().stream()
                .map(parameter -> parameter.getString("name"))
                .toList();
        for (Object problem : problems) {
            JsonArray errors = problem == null ? new JsonArray() : errors((JsonObject) problem);
            for (Object each : errors) {
                JsonObject flaw = (JsonObject) each;
                String field = flaw.getString("field");
                boolean unknown = flaw.getString("expected").startsWith("no such field");
                if (field.isEmpty()) {
                    continue; // the body as a whole
                }
                if (field.startsWith("/") && !unknown) {
                    assertThat(holds(
                                    entry.bodySchema(),
                                    List.of(field.substring(1).split("/", -1))))
                            .as("%s of %s", field, at)
                            .isTrue();
                } else if (!unknown && flaw.getValue("value") != null && !field.equals("body")) {
                    assertThat(parameters).as("%s of %s", field, at).contains(field);
                }
            }
        }
    }

    private static JsonArray errors(JsonObject problem) {
        return problem.getValue("errors") instanceof JsonArray errors ? errors : new JsonArray();
    }

    /** Whether a schema has a place for this pointer. */
    private static boolean holds(JsonObject schema, List<String> steps) {
        if (steps.isEmpty()) {
            return true;
        }
        List<String> rest = steps.subList(1, steps.size());
        JsonObject named = properties(schema);
        if (named.getValue(steps.get(0)) instanceof JsonObject property) {
            return holds(property, rest);
        }
        if (schema.getValue("additionalProperties") instanceof JsonObject any) {
            return holds(any, rest);
        }
        return schema.getValue("items") instanceof JsonObject item
                && steps.get(0).matches("[0-9]+")
                && holds(item, rest);
    }

    /** An example of an event's block was shown by this one, which says the same of something else. */
    void shown(Entry entry, int status, String example, JsonObject data) {
        JsonObject response = entry.operation().getJsonObject("responses").getJsonObject(String.valueOf(status));
        String block = String.valueOf(examples(response).get(example));
        JsonObject promised = new JsonObject(block.substring(block.indexOf("data: ") + "data: ".length()));
        assertThat(alike(promised, data)).as(data.encode()).isTrue();
        assertThat(sentences(data)).containsAll(sentences(promised));
        open.remove(entry.id() + " " + status);
        open.remove(entry.id() + " " + status + " example " + example);
    }

    private static Map<String, Object> examples(JsonObject response) {
        Map<String, Object> found = new LinkedHashMap<>();
        JsonObject content = response.getJsonObject("content", new JsonObject());
        for (String type : content.fieldNames()) {
            JsonObject examples = content.getJsonObject(type).getJsonObject("examples", new JsonObject());
            examples.fieldNames()
                    .forEach(
                            name -> found.put(name, examples.getJsonObject(name).getValue("value")));
        }
        return found;
    }

    /** Valid, and without a field that the contract does not name. */
    private static void check(JsonObject schema, Object body, String at) {
        JsonSchemaOptions options = new JsonSchemaOptions()
                .setBaseUri("urn:test:")
                .setDraft(Draft.DRAFT202012)
                .setOutputFormat(OutputFormat.Basic);
        OutputUnit outcome = Validator.create(JsonSchema.of(schema), options).validate(body);
        assertThat(outcome.getValid()).as("%s: %s", at, outcome.getErrors()).isTrue();
        assertThat(strangers(schema, body, "")).as(at).isEmpty();
    }

    private static List<String> strangers(JsonObject schema, @Nullable Object body, String at) {
        List<String> found = new ArrayList<>();
        if (body instanceof JsonArray list && schema.containsKey("items")) {
            list.forEach(each -> found.addAll(strangers(schema.getJsonObject("items"), each, at + "/*")));
        }
        if (body instanceof JsonObject object) {
            JsonObject known = properties(schema);
            if (!known.isEmpty()) {
                for (String name : object.fieldNames()) {
                    if (known.containsKey(name)) {
                        found.addAll(strangers(known.getJsonObject(name), object.getValue(name), at + "/" + name));
                    } else {
                        found.add(at + "/" + name);
                    }
                }
            }
        }
        return found;
    }

    private static JsonObject properties(JsonObject schema) {
        JsonObject all = schema.getJsonObject("properties", new JsonObject()).copy();
        for (String word : List.of("allOf", "oneOf")) {
            schema.getJsonArray(word, new JsonArray()).forEach(each -> all.mergeIn(properties((JsonObject) each)));
        }
        return all;
    }

    /** The same fields with the same kinds of values; null and an empty list go with everything; a problem has its type. */
    private static boolean alike(@Nullable Object example, @Nullable Object real) {
        if (example == null || real == null) {
            return true;
        }
        if (example instanceof JsonObject promised && real instanceof JsonObject object) {
            boolean map = promised.isEmpty() || object.isEmpty();
            return map
                    || promised.fieldNames().stream()
                            .allMatch(name -> (name.equals("type")
                                            ? promised.getValue(name).equals(object.getValue(name))
                                            : alike(promised.getValue(name), object.getValue(name)))
                                    && (object.containsKey(name) || name.equals("room")));
        }
        if (example instanceof JsonArray promised && real instanceof JsonArray list) {
            boolean objects = promised.stream().anyMatch(JsonObject.class::isInstance);
            return !objects || promised.stream().allMatch(each -> list.stream().anyMatch(found -> alike(each, found)));
        }
        return example instanceof Number
                ? real instanceof Number
                : example.getClass().equals(real.getClass());
    }
}
