package io.culvert.control.audit;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Optional;

/** A record as a line of an export. No state, any thread. */
final class AuditLine {
    private AuditLine() {}

    /** Documents are texts in it, not objects: the chain is over their characters. */
    static String of(AuditRecord record) {
        AuditEntry entry = record.entry();
        StringWriter line = new StringWriter(256);
        try (JsonGenerator json = new JsonFactory().createGenerator(line)) {
            json.writeStartObject();
            json.writeNumberField("number", record.number());
            json.writeStringField("at", entry.at().toString());
            json.writeStringField("caller", entry.caller());
            json.writeStringField("kind", entry.kind().word());
            json.writeStringField("address", entry.address());
            json.writeStringField("operation", entry.operation());
            json.writeStringField("target", entry.target());
            json.writeStringField("outcome", entry.outcome());
            text(json, "before", entry.before());
            text(json, "after", entry.after());
            json.writeStringField("hash", record.hash());
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("memory does not fail", e);
        }
        return line.append('\n').toString();
    }

    private static void text(JsonGenerator json, String name, Optional<String> text) throws IOException {
        json.writeStringField(name, text.orElse(null));
    }
}
