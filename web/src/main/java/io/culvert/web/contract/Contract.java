package io.culvert.web.contract;

import io.culvert.control.caller.Permission;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The contract as it is written, and its operations. Immutable, any thread. */
public final class Contract {
    private static final String YAML = "/io/culvert/web/v1/openapi.yaml";
    private static final String JSON = "/io/culvert/web/v1/openapi.json";
    private static final List<String> METHODS = List.of("get", "put", "post", "delete", "patch");
    private static final String ANYONE = "anyone";
    private static final int DEFAULT_BODY = 65_536;

    private final JsonObject document;
    private final List<ContractOperation> operations;

    private Contract(JsonObject document) {
        this.document = document;
        this.operations = read(document);
    }

    /** Reads the contract from beside the classes, where the build has put it as JSON too ({@link ContractAsJson}). */
    public static Contract load() {
        return new Contract(new JsonObject(new String(resource(JSON), StandardCharsets.UTF_8)));
    }

    private static byte[] resource(String name) {
        try (InputStream in = Contract.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("contract: '" + name + "' (expected: beside the classes)");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As it is written, in UTF-8; read anew each time, since few ask. */
    public byte[] yaml() {
        return resource(YAML);
    }

    /** The same as JSON: a copy, to keep. */
    public JsonObject document() {
        return document.copy();
    }

    /** The same with everything in its place that is only referred to: for readers who do not want to look around. */
    public JsonObject resolved() {
        return new References(document).inline(document);
    }

    /** Every operation, those of fixed paths before those whose paths have parameters. */
    public List<ContractOperation> operations() {
        return operations;
    }

    private static List<ContractOperation> read(JsonObject document) {
        References references = new References(document);
        List<ContractOperation> fixed = new ArrayList<>();
        List<ContractOperation> open = new ArrayList<>();
        JsonObject paths = document.getJsonObject("paths");
        for (String path : paths.fieldNames()) {
            JsonObject item = references.inline(paths.getJsonObject(path));
            for (String method : METHODS) {
                if (item.containsKey(method)) {
                    (path.contains("{") ? open : fixed).add(operation(document, path, method, item));
                }
            }
        }
        fixed.addAll(open);
        return List.copyOf(fixed);
    }

    private static ContractOperation operation(JsonObject document, String path, String method, JsonObject item) {
        JsonObject operation = item.getJsonObject(method);
        List<Parameter> parameters = new ArrayList<>();
        for (JsonObject source : List.of(item, operation)) {
            for (Object parameter : source.getJsonArray("parameters", new JsonArray())) {
                parameters.add(Parameter.of((JsonObject) parameter));
            }
        }
        JsonArray security = operation.getJsonArray("security", document.getJsonArray("security"));
        return new ContractOperation(
                operation.getString("operationId"),
                method.toUpperCase(Locale.ROOT),
                path,
                parameters,
                Optional.ofNullable(operation.getJsonObject("requestBody")).map(BodyRule::of),
                !security.isEmpty(),
                permission(operation, !security.isEmpty()),
                operation.getBoolean("x-audited", !method.equals("get")),
                operation.getInteger("x-max-body-bytes", DEFAULT_BODY));
    }

    /** Each operation says what it takes: one that was forgotten would be everybody's. */
    private static Optional<Permission> permission(JsonObject operation, boolean secured) {
        String said = operation.getString("x-permission", "");
        Optional<Permission> permission = Permission.of(said);
        if (said.equals(ANYONE) == permission.isPresent() || (!secured && permission.isPresent())) {
            throw new IllegalStateException("x-permission of " + operation.getString("operationId") + ": '" + said
                    + "' (expected: a permission, or " + ANYONE + ")");
        }
        return permission;
    }
}
