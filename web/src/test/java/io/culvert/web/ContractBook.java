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
import org.jspecify.annotations.Nullable;

/** The contract as a test reads it: what it promises, and what of that has been seen. One thread. */
final class ContractBook {
    private final JsonObject document = Contract.load().resolved();
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
            examples(responses.getJsonObject(status))
                    .keySet()
                    .forEach(name -> open.add(entry.id() + " " + status + " example " + name));
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
            examples(promised).forEach((name, example) -> {
                check(schema, example, "example " + name + " of " + entry.id());
                if (alike(example, body)) {
                    open.remove(entry.id() + " " + status + " example " + name);
                }
            });
        }
    }

    /** An example that no JSON answer can show was shown otherwise. */
    void shown(Entry entry, int status, String example) {
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
