package io.culvert.web.input;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads a flat JSON object of strings, numbers and truth values, token by token, so that deep nesting builds nothing. Any thread: each call
 * has a reader of its own.
 */
public final class JsonReader {
    // Nothing here is nested: a depth of 16 only lets an array in a field's place be named as that field's fault.
    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(16)
                    .maxNumberLength(100)
                    .build())
            .build();

    private final JsonParser parser;
    private final List<Field> fields = new ArrayList<>();
    private @Nullable RuntimeException fault;
    private String reading = ""; // the field whose value is being read

    private JsonReader(JsonParser parser) {
        this.parser = parser;
    }

    /** Reads the object; a field of a wrong kind becomes the fault and the rest is read, a syntax error ends reading. */
    public static Fields read(byte[] body) {
        Optional<String> text = Utf8.decode(body, body.length);
        if (text.isEmpty()) {
            return Fields.broken(List.of(), new Refusal(400, "body: broken UTF-8 (expected: a JSON object in UTF-8)"));
        }
        try (JsonParser parser = JSON.createParser(text.get())) {
            return new JsonReader(parser).read();
        } catch (IOException e) {
            throw new UncheckedIOException(e); // a string is read: there is nothing that could fail
        }
    }

    private Fields read() throws IOException {
        try {
            object();
        } catch (JsonProcessingException e) {
            return Fields.broken(fields, fault != null ? fault : syntax(e));
        } catch (Refusal e) {
            return Fields.broken(fields, fault != null ? fault : e);
        }
        return Fields.read(fields, Optional.ofNullable(fault));
    }

    private void object() throws IOException {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            throw new Refusal(400, "body: " + kind() + " (expected: a JSON object)");
        }
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            reading = Quote.of(name);
            JsonToken value = parser.nextToken();
            if (value == JsonToken.VALUE_STRING && Utf8.encodable(name) && Utf8.encodable(parser.getText())) {
                fields.add(new Field(name, parser.getText(), false));
            } else if (value != null && value.isNumeric()) {
                fields.add(new Field(name, parser.getText(), true));
            } else if (value == JsonToken.VALUE_TRUE || value == JsonToken.VALUE_FALSE) {
                fields.add(new Field(name, parser.getText(), true));
            } else {
                String found = value == JsonToken.VALUE_STRING ? "half a surrogate pair" : kind();
                fault = fault != null
                        ? fault
                        : new Refusal(400, reading + ": " + found + " (expected: a string, a number, true or false)");
                parser.skipChildren();
            }
            reading = "";
        }
        if (parser.nextToken() != null) {
            throw new Refusal(400, "body: more after the object (expected: one JSON object)");
        }
    }

    /** Jackson's own message quotes the source and names its classes: only the place is passed on, and the field it belongs to. */
    private Refusal syntax(JsonProcessingException e) throws IOException {
        // The parser reads ahead: it meets a broken number while it still gives out the name before it.
        @Nullable String ahead = parser.currentName();
        String field = reading.isEmpty() && ahead != null ? Quote.of(ahead) : reading;
        JsonLocation at = e.getLocation();
        String place = at == null ? "" : " at line " + at.getLineNr() + ", column " + at.getColumnNr();
        return new Refusal(
                400, (field.isEmpty() ? "body" : field) + ": broken JSON" + place + " (expected: a JSON object)");
    }

    private String kind() {
        JsonToken token = parser.currentToken();
        if (token == null) {
            return "empty";
        }
        return switch (token) {
            case START_OBJECT -> "an object";
            case START_ARRAY -> "an array";
            case VALUE_NULL -> "null";
            case VALUE_TRUE -> "true";
            case VALUE_FALSE -> "false";
            case VALUE_STRING -> "a string";
            default -> "a number";
        };
    }
}
