package io.culvert.web;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Makes up values for a schema, mostly right ones, and some that are wrong in every way that a caller is. Ports stay harmless: 0, or one
 * of a few that were free, or none at all; webhooks lead nowhere. One thread.
 */
final class Mischief {
    private static final List<String> TEXTS = List.of(
            "",
            " ",
            "a",
            "null",
            "0",
            "-1",
            "é€😀",
            "\u0000",
            "\u202e",
            "../../etc/passwd",
            "'; DROP TABLE tunnels; --",
            "127.0.0.1:22",
            "[::1]:80",
            "host:99999",
            "10.0.0.0/8",
            "2001:db8::/32",
            "999.1.1.1/40",
            "2026-11-23T12:00:00Z",
            "2036-11-23T12:00:00.5+05:30",
            "+999999999-12-31T23:59:59Z",
            "key:value",
            "default",
            "x".repeat(300),
            "\"3\"",
            "*");
    private static final List<Object> NUMBERS = List.of(
            0,
            1,
            -1,
            2,
            64,
            1_000,
            0.001,
            0.0001,
            1.5,
            -0.5,
            65_536,
            1e18,
            1e300,
            -1e300,
            Long.MAX_VALUE,
            Long.MIN_VALUE,
            9_007_199_254_740_991L,
            315_360_000,
            315_360_001);

    private final Random random;
    private final List<Integer> ports;

    /** @param ports numbers that may be used as public ports */
    Mischief(long seed, List<Integer> ports) {
        this.random = new Random(seed);
        this.ports = List.copyOf(ports);
    }

    boolean oneIn(int n) {
        return random.nextInt(n) == 0;
    }

    int below(int n) {
        return random.nextInt(n);
    }

    <T> T oneOf(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }

    /** Anything at all, not deep. */
    @Nullable
    Object anything() {
        return switch (random.nextInt(7)) {
            case 0 -> null;
            case 1 -> random.nextBoolean();
            case 2 -> oneOf(NUMBERS);
            case 3 -> new JsonArray().add(oneOf(TEXTS));
            case 4 -> new JsonObject().put(oneOf(TEXTS), oneOf(TEXTS));
            default -> oneOf(TEXTS);
        };
    }

    /**
     * A value for a schema.
     *
     * @param name what the field is called: ports are not made up
     * @param wrong one in this many values is made without a look at the schema
     */
    @Nullable
    Object value(JsonObject schema, String name, int wrong) {
        if (name.equals("port")) {
            return port();
        }
        if (name.equals("url")) {
            return oneOf(List.of("http://127.0.0.1:1/told", "ftp://127.0.0.1/", "nowhere", "http://169.254.169.254/"));
        }
        if (name.equals("delivery")) {
            return oneOf(List.of("1-1", "1-2", "99-1", "1", "a-b"));
        }
        if (name.equals("token")) {
            return oneOf(List.of("0123456789abcdef", "ffffffffffffffff", "0123456789ABCDEF", "1", "g"));
        }
        if (name.equals("bind")) {
            return oneOf(Arrays.asList("127.0.0.1", "::1", "nowhere", null));
        }
        if (oneIn(wrong)) {
            return anything();
        }
        if (schema.containsKey("enum")) {
            return oneOf(schema.getJsonArray("enum").stream().toList());
        }
        return switch (type(schema)) {
            case "object" -> object(schema, wrong);
            case "array" -> array(schema, name, wrong);
            case "integer" -> integer(schema);
            case "number" -> number(schema);
            case "boolean" -> random.nextBoolean();
            case "null" -> null;
            default -> text(schema, name);
        };
    }

    private @Nullable Object port() {
        return switch (random.nextInt(8)) {
            case 0 -> -1;
            case 1 -> 65_536;
            case 2 -> "http";
            case 3 -> oneOf(ports);
            case 4 -> null;
            default -> 0;
        };
    }

    private String type(JsonObject schema) {
        Object type = schema.getValue("type");
        if (type instanceof JsonArray types) {
            return types.getString(random.nextInt(types.size()));
        }
        return type == null ? "string" : (String) type;
    }

    private JsonObject object(JsonObject schema, int wrong) {
        JsonObject object = new JsonObject();
        JsonObject properties = schema.getJsonObject("properties", new JsonObject());
        JsonArray required = schema.getJsonArray("required", new JsonArray());
        for (String name : properties.fieldNames()) {
            if (required.contains(name) ? !oneIn(wrong * 2) : oneIn(3)) {
                object.put(name, value(properties.getJsonObject(name), name, wrong));
            }
        }
        if (schema.getValue("additionalProperties") instanceof JsonObject more) {
            for (int i = random.nextInt(3); i > 0; i--) {
                object.put(oneIn(5) ? oneOf(TEXTS) : "label" + i, value(more, "", wrong));
            }
        }
        if (oneIn(wrong * 2)) {
            object.put(oneOf(TEXTS), anything());
        }
        return object;
    }

    private JsonArray array(JsonObject schema, String name, int wrong) {
        JsonArray array = new JsonArray();
        for (int i = random.nextInt(4); i > 0; i--) {
            array.add(value(schema.getJsonObject("items"), name, wrong));
        }
        return array;
    }

    private Object integer(JsonObject schema) {
        long least = schema.getLong("minimum", 0L);
        long most = schema.getLong("maximum", 1_000L);
        return switch (random.nextInt(4)) {
            case 0 -> least;
            case 1 -> most;
            default -> least + random.nextInt((int) Math.min(most - least, 40) + 1);
        };
    }

    private Object number(JsonObject schema) {
        double least = schema.getDouble("minimum", 0.0);
        double most = schema.getDouble("maximum", 1_000.0);
        return switch (random.nextInt(4)) {
            case 0 -> least;
            case 1 -> most;
            default -> least + random.nextInt(50);
        };
    }

    private String text(JsonObject schema, String name) {
        if (name.equals("target")) {
            return oneOf(List.of("127.0.0.1:22", "db.internal:5432", "[::1]:80", "host:0", "host:70000", "host"));
        }
        if (name.equals("allow") || name.equals("deny")) {
            return oneOf(List.of("10.0.0.0/8", "192.0.2.7", "2001:db8::/32", "10.0.0.0/33", "elsewhere"));
        }
        if ("date-time".equals(schema.getString("format"))) {
            return oneOf(List.of("2036-11-23T12:00:00Z", "2001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "soon"));
        }
        return oneIn(3) ? oneOf(TEXTS) : "name-" + random.nextInt(30);
    }
}
