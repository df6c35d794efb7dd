package io.culvert.client;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.culvert.client.http.Seconds;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One JSON object of an answer, with its place in it. A field that is missing or of another kind is an {@link IOException} that names it;
 * a field that nobody asks for is not looked at. Immutable, any thread.
 */
final class Answer {
    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            // 60.0 stays 60.0 in documents that are handed on.
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    private final JsonNode object;
    private final String place;

    private Answer(JsonNode object, String place) {
        this.object = object;
        this.place = place;
    }

    /** Reads one thing of an answer. */
    interface Reader<T> {
        T read(Answer answer) throws IOException;
    }

    static JsonNode parse(byte[] body) throws IOException {
        JsonNode node = MAPPER.readTree(body);
        if (node.isMissingNode()) {
            throw new IOException("the answer is empty (expected: JSON)");
        }
        return node;
    }

    /** @throws IOException where the body is no JSON object */
    static Answer of(byte[] body) throws IOException {
        return of(parse(body), "");
    }

    private static Answer of(JsonNode node, String place) throws IOException {
        if (!node.isObject()) {
            throw new IOException(
                    (place.isEmpty() ? "the answer" : place) + ": not as agreed (expected: a JSON object)");
        }
        return new Answer(node, place);
    }

    Document document() {
        return new Document(object);
    }

    String text(String name) throws IOException {
        return anyText(name).orElseThrow(() -> missing(name, "a string"));
    }

    Optional<String> anyText(String name) throws IOException {
        JsonNode node = object.path(name);
        if (absent(node)) {
            return Optional.empty();
        }
        if (!node.isTextual()) {
            throw missing(name, "a string");
        }
        return Optional.of(node.textValue());
    }

    boolean truth(String name) throws IOException {
        JsonNode node = object.path(name);
        if (!node.isBoolean()) {
            throw missing(name, "true or false");
        }
        return node.booleanValue();
    }

    long number(String name) throws IOException {
        return anyNumber(name).orElseThrow(() -> missing(name, "a whole number"));
    }

    int count(String name) throws IOException {
        long number = number(name);
        if (number != (int) number) {
            throw missing(name, "a whole number");
        }
        return (int) number;
    }

    Optional<Long> anyNumber(String name) throws IOException {
        JsonNode node = object.path(name);
        if (absent(node)) {
            return Optional.empty();
        }
        if (!node.isIntegralNumber() || !node.canConvertToLong()) {
            throw missing(name, "a whole number");
        }
        return Optional.of(node.longValue());
    }

    Duration seconds(String name) throws IOException {
        return anySeconds(name).orElseThrow(() -> missing(name, "seconds"));
    }

    Optional<Duration> anySeconds(String name) throws IOException {
        JsonNode node = object.path(name);
        return absent(node) ? Optional.empty() : Optional.of(duration(node, name));
    }

    List<Duration> durations(String name) throws IOException {
        List<Duration> durations = new ArrayList<>();
        for (JsonNode each : array(name)) {
            durations.add(duration(each, name));
        }
        return durations;
    }

    private Duration duration(JsonNode node, String name) throws IOException {
        return Optional.of(node)
                .filter(JsonNode::isNumber)
                .flatMap(number -> Seconds.duration(number.decimalValue()))
                .orElseThrow(() -> missing(name, "seconds"));
    }

    Instant time(String name) throws IOException {
        return anyTime(name).orElseThrow(() -> missing(name, "a time"));
    }

    Optional<Instant> anyTime(String name) throws IOException {
        Optional<String> text = anyText(name);
        try {
            return text.map(said -> OffsetDateTime.parse(said).toInstant());
        } catch (DateTimeException e) {
            throw missing(name, "a time");
        }
    }

    <T> T object(String name, Reader<T> reader) throws IOException {
        return reader.read(of(object.path(name), at(name)));
    }

    <T> Optional<T> anyObject(String name, Reader<T> reader) throws IOException {
        return absent(object.path(name)) ? Optional.empty() : Optional.of(object(name, reader));
    }

    <T> List<T> list(String name, Reader<T> reader) throws IOException {
        List<T> list = new ArrayList<>();
        for (JsonNode each : array(name)) {
            list.add(reader.read(of(each, at(name) + "[" + list.size() + "]")));
        }
        return List.copyOf(list);
    }

    List<String> texts(String name) throws IOException {
        List<String> texts = new ArrayList<>();
        for (JsonNode each : array(name)) {
            if (!each.isTextual()) {
                throw missing(name, "strings");
            }
            texts.add(each.textValue());
        }
        return List.copyOf(texts);
    }

    Optional<List<String>> anyTexts(String name) throws IOException {
        return absent(object.path(name)) ? Optional.empty() : Optional.of(texts(name));
    }

    /** A map in the order of the answer. */
    Map<String, String> map(String name) throws IOException {
        JsonNode node = object.path(name);
        if (!node.isObject()) {
            throw missing(name, "an object");
        }
        Map<String, String> map = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> each : node.properties()) {
            map.put(each.getKey(), each.getValue().asText());
        }
        return map;
    }

    private JsonNode array(String name) throws IOException {
        JsonNode node = object.path(name);
        if (!node.isArray()) {
            throw missing(name, "an array");
        }
        return node;
    }

    private static boolean absent(JsonNode node) {
        return node.isMissingNode() || node.isNull();
    }

    private String at(String name) {
        return place + "/" + name;
    }

    private IOException missing(String name, String expected) {
        return new IOException(at(name) + ": missing in the server's answer (expected: " + expected + ")");
    }
}
