package io.culvert.web.contract;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.culvert.web.input.Refusal;
import io.culvert.web.input.Utf8;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/**
 * Reads a JSON body into a tree, strictly: UTF-8 that is whole, each name once in an object, at most 12 levels, nothing behind it. Numbers
 * become Long or Double. Stateless, any thread.
 */
public final class JsonTree {
    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(12)
                    .maxNumberLength(40)
                    .build())
            .build();

    private JsonTree() {}

    /**
     * Reads one value.
     *
     * @throws Refusal where it is none
     */
    public static @Nullable Object read(byte[] body) {
        String text = Utf8.decode(body, body.length)
                .orElseThrow(() -> new Refusal(400, "body: broken UTF-8 (expected: JSON in UTF-8)"));
        try (JsonParser parser = JSON.createParser(text)) {
            if (parser.nextToken() == null) {
                throw new Refusal(400, "body: empty (expected: JSON)");
            }
            Object value = value(parser);
            if (parser.nextToken() != null) {
                throw new Refusal(400, "body: more behind its end (expected: one JSON value)");
            }
            return value;
        } catch (JsonProcessingException e) {
            // Jackson's own message quotes the source: only the place is passed on.
            JsonLocation at = e.getLocation();
            String place = at == null ? "" : " at line " + at.getLineNr() + ", column " + at.getColumnNr();
            throw new Refusal(400, "body: broken JSON, or a name twice" + place + " (expected: JSON)");
        } catch (IOException e) {
            throw new UncheckedIOException(e); // a string is read: there is nothing that could fail
        }
    }

    private static @Nullable Object value(JsonParser parser) throws IOException {
        JsonToken token = parser.currentToken();
        return switch (token) {
            case START_OBJECT -> object(parser);
            case START_ARRAY -> array(parser);
            case VALUE_STRING -> whole(parser.getText());
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> null;
            default -> number(parser);
        };
    }

    private static JsonObject object(JsonParser parser) throws IOException {
        JsonObject object = new JsonObject();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = whole(parser.currentName());
            // The validator writes places of such names so that they cannot be read back.
            if (name.chars().anyMatch(Character::isISOControl)) {
                throw new Refusal(400, "body: a control character in a field's name (expected: names without)");
            }
            parser.nextToken();
            object.put(name, value(parser));
        }
        return object;
    }

    private static JsonArray array(JsonParser parser) throws IOException {
        JsonArray array = new JsonArray();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            array.add(value(parser));
        }
        return array;
    }

    private static String whole(String text) {
        if (!Utf8.encodable(text)) {
            throw new Refusal(400, "body: half a surrogate pair (expected: whole characters)");
        }
        return text;
    }

    private static Object number(JsonParser parser) throws IOException {
        if (parser.currentToken() == JsonToken.VALUE_NUMBER_INT
                && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER) {
            return parser.getLongValue();
        }
        double value = parser.getDoubleValue();
        if (Double.isInfinite(value)) {
            throw new Refusal(400, "body: a number too large to be read (expected: at most 1.7e308)");
        }
        return value;
    }
}
