package io.culvert.web.v1;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Tells whether two bodies say the same, whatever the order of their fields. Stateless, any thread. */
final class Fingerprint {
    private Fingerprint() {}

    /** SHA-256 in hex. */
    static String of(JsonObject body) {
        try {
            byte[] text = String.valueOf(sorted(body)).getBytes(StandardCharsets.UTF_8);
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private static @Nullable Object sorted(@Nullable Object value) {
        if (value instanceof JsonObject object) {
            Map<String, Object> fields = new TreeMap<>();
            object.fieldNames().forEach(name -> fields.put(name, String.valueOf(sorted(object.getValue(name)))));
            return new JsonObject(fields);
        }
        if (value instanceof JsonArray list) {
            JsonArray same = new JsonArray();
            list.forEach(each -> same.add(String.valueOf(sorted(each))));
            return same;
        }
        // Text and number must not look alike.
        return value instanceof String text ? "\"" + text : value;
    }
}
