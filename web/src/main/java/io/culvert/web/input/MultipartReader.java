package io.culvert.web.input;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads {@code multipart/form-data} (RFC 7578) of text fields; files are refused, and so is a form that does not go up to its closing
 * boundary: one that was cut in two must not create half of what it says. Stateless, any thread.
 */
public final class MultipartReader {
    private static final int MOST_PARTS = 64;
    private static final String LINE = "\r\n";

    private static final Pattern BOUNDARY = Pattern.compile(
            ";\\s*boundary=(?:\"(?<quoted>[^\"]{1,70})\"|(?<plain>[^\\s;\"]{1,70}))", Pattern.CASE_INSENSITIVE);
    private static final Pattern DISPOSITION = Pattern.compile(
            "^content-disposition:\\s*form-data\\s*;(?<parameters>.*)$", Pattern.CASE_INSENSITIVE | Pattern.MULTILINE);
    private static final Pattern NAME =
            Pattern.compile("(?:^|;)\\s*name=(?:\"(?<quoted>[^\"]*)\"|(?<plain>[^\\s;\"]+))", Pattern.CASE_INSENSITIVE);
    private static final Pattern FILE = Pattern.compile("(?:^|;)\\s*filename\\*?=", Pattern.CASE_INSENSITIVE);
    private static final Pattern ENCODED = Pattern.compile(
            "^content-transfer-encoding:\\s*(?!(?:7bit|8bit|binary)\\s*$)",
            Pattern.CASE_INSENSITIVE | Pattern.MULTILINE);

    private final String body; // one char for each byte
    private final String delimiter;
    private final List<Field> fields = new ArrayList<>();
    private Optional<RuntimeException> fault = Optional.empty();

    private MultipartReader(String body, String delimiter) {
        this.body = body;
        this.delimiter = delimiter;
    }

    /**
     * Reads all parts.
     *
     * @param contentType the request's header, with the boundary
     */
    public static Fields read(String contentType, byte[] body) {
        Matcher boundary = BOUNDARY.matcher(contentType);
        if (!boundary.find()) {
            return Fields.broken(List.of(), broken("no boundary in the content type"));
        }
        String text = new String(body, StandardCharsets.ISO_8859_1);
        MultipartReader reader = new MultipartReader(text, "--" + either(boundary));
        try {
            reader.parts();
        } catch (Refusal e) {
            return Fields.broken(reader.fields, reader.fault.orElse(e));
        }
        return Fields.read(reader.fields, reader.fault);
    }

    private void parts() {
        if (!body.startsWith(delimiter)) {
            throw broken("no boundary at the start");
        }
        int at = delimiter.length();
        for (int parts = 0; !body.startsWith("--", at); parts++) {
            int head = at + LINE.length();
            int content = body.indexOf(LINE + LINE, at);
            int end = content < 0 ? -1 : body.indexOf(LINE + delimiter, content + 2 * LINE.length());
            if (!body.startsWith(LINE, at) || end < 0) {
                throw broken("a part without an end");
            }
            if (parts == MOST_PARTS) {
                throw broken("more than " + MOST_PARTS + " parts");
            }
            part(content < head ? "" : body.substring(head, content), body.substring(content + 2 * LINE.length(), end));
            at = end + LINE.length() + delimiter.length();
        }
        String rest = body.substring(at + 2);
        if (!rest.isBlank()) {
            throw broken("more after the closing boundary");
        }
    }

    private void part(String head, String content) {
        Matcher disposition = DISPOSITION.matcher(head.replace(LINE, "\n"));
        Matcher name = NAME.matcher(disposition.find() ? disposition.group("parameters") : "");
        if (!name.find()) {
            throw broken("a part without a name");
        }
        Optional<String> field = utf8(either(name));
        Optional<String> text = utf8(content);
        String shown = Quote.of(field.orElse("a part's name"));
        if (FILE.matcher(disposition.group("parameters")).find()) {
            remember(shown + ": a file");
        } else if (ENCODED.matcher(head.replace(LINE, "\n")).find()) {
            remember(shown + ": a transfer encoding");
        } else if (field.isEmpty() || text.isEmpty()) {
            remember(shown + ": broken UTF-8");
        } else {
            fields.add(new Field(field.get(), text.get(), false));
        }
    }

    private void remember(String found) {
        fault = fault.or(() -> Optional.of(new Refusal(400, found + " (expected: a text field in UTF-8)")));
    }

    private static String either(Matcher matcher) {
        String quoted = matcher.group("quoted");
        return quoted != null ? quoted : matcher.group("plain");
    }

    private static Optional<String> utf8(String bytes) {
        byte[] raw = bytes.getBytes(StandardCharsets.ISO_8859_1);
        return Utf8.decode(raw, raw.length);
    }

    private static Refusal broken(String found) {
        return new Refusal(
                400,
                "body: broken multipart form: " + found + " (expected: at most " + MOST_PARTS
                        + " text fields, up to the closing boundary)");
    }
}
