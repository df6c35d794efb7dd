package io.culvert.app.remote;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.culvert.client.Document;

/** Documents that are shown without what went elsewhere. Any thread. */
final class Secrets {
    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    private Secrets() {}

    /** A document as JSON, with {@code null} in place of a field. */
    static String without(String field, Document document) {
        try {
            ObjectNode node = (ObjectNode) MAPPER.readTree(document.json());
            return node.putNull(field).toString();
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a document that was read is no JSON", e);
        }
    }
}
