package io.culvert.web.http;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;

/**
 * The JSON of an answer, still to be written: the control thread that completes a call hands it over unwritten, and the web's loop
 * does the work.
 */
@FunctionalInterface
public interface Answer extends Payload {
    /** Writes the answer's one object. */
    void write(JsonGenerator json) throws IOException;

    @Override
    default Map<String, String> headers() {
        return Map.of("Content-Type", "application/json");
    }

    /** The answer's bytes, in UTF-8. */
    @Override
    default byte[] bytes() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
        try (JsonGenerator json = Format.JSON.createGenerator(bytes, JsonEncoding.UTF8)) {
            write(json);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // memory is written: only a fault of ours can do this
        }
        return bytes.toByteArray();
    }

    /** How numbers are written: never as 6E+1. */
    final class Format {
        private static final JsonFactory JSON = JsonFactory.builder()
                .enable(StreamWriteFeature.WRITE_BIGDECIMAL_AS_PLAIN)
                .build();

        private Format() {}
    }
}
