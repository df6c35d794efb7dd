package io.culvert.client;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * What the server said, whole: also fields that this client does not know, since servers get newer. Immutable, any thread.
 *
 * <p>A document may hold a secret where the record that it belongs to says so; {@link #toString} never shows it.
 */
public final class Document {
    private final JsonNode node;

    Document(JsonNode node) {
        this.node = node;
    }

    /**
     * A document from its text.
     *
     * @throws IOException where it is no JSON
     */
    public static Document of(String json) throws IOException {
        return new Document(Answer.parse(json.getBytes(StandardCharsets.UTF_8)));
    }

    /** As JSON on one line. */
    public String json() {
        return node.toString();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Document document && node.equals(document.node);
    }

    @Override
    public int hashCode() {
        return node.hashCode();
    }

    @Override
    public String toString() {
        return "Document";
    }
}
