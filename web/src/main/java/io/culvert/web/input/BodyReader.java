package io.culvert.web.input;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Reads a body by its content type: a form in either encoding, or JSON. Stateless, any thread. */
public final class BodyReader {
    private static final String EXPECTED =
            " (expected: application/x-www-form-urlencoded, multipart/form-data or application/json, in UTF-8)";

    private BodyReader() {}

    /**
     * Reads what the body says; an empty one says nothing, whatever its type.
     *
     * @param contentType the header, null where there is none
     */
    public static Fields read(@Nullable String contentType, byte[] body) {
        if (body.length == 0) {
            return Fields.NONE;
        }
        if (contentType == null) {
            return unsupported("no content type");
        }
        String[] parts = contentType.split(";", -1);
        String type = parts[0].strip().toLowerCase(Locale.ROOT);
        for (int i = 1; i < parts.length; i++) {
            String parameter = parts[i].strip().toLowerCase(Locale.ROOT).replace("\"", "");
            if (parameter.startsWith("charset=")
                    && !List.of("charset=utf-8", "charset=utf8", "charset=us-ascii")
                            .contains(parameter)) {
                return unsupported(contentType);
            }
        }
        return switch (type) {
            case "application/x-www-form-urlencoded" -> FormReader.read(body);
            case "multipart/form-data" -> MultipartReader.read(contentType, body);
            case "application/json" -> JsonReader.read(body);
            default -> unsupported(contentType);
        };
    }

    private static Fields unsupported(String found) {
        return Fields.broken(List.of(), new Refusal(415, "Content-Type: '" + Quote.of(found) + "'" + EXPECTED));
    }
}
