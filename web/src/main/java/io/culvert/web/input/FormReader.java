package io.culvert.web.input;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads {@code name=value&…}, from a body or a query. Stateless, any thread. */
public final class FormReader {
    private FormReader() {}

    /** Reads all of it; a pair whose escapes are broken becomes the fault, the others are read all the same. */
    public static Fields read(byte[] form) {
        List<Field> fields = new ArrayList<>();
        Optional<RuntimeException> fault = Optional.empty();
        int start = 0;
        while (start <= form.length) {
            int end = indexOf(form, '&', start, form.length);
            if (end > start) {
                try {
                    fields.add(pair(form, start, end));
                } catch (Refusal e) {
                    fault = fault.or(() -> Optional.of(e));
                }
            }
            start = end + 1;
        }
        return Fields.read(fields, fault);
    }

    private static Field pair(byte[] form, int start, int end) {
        int equals = indexOf(form, '=', start, end);
        String name =
                unescape(form, start, equals).orElseThrow(() -> broken("a parameter's name", raw(form, start, equals)));
        if (equals == end) {
            return new Field(name, "", false);
        }
        String value = unescape(form, equals + 1, end)
                .orElseThrow(() -> broken(Quote.of(name), name.equals("key") ? "…" : raw(form, equals + 1, end)));
        return new Field(name, value, false);
    }

    private static Refusal broken(String what, String raw) {
        return new Refusal(400, what + ": '" + raw + "' (expected: percent-encoded UTF-8)");
    }

    private static Optional<String> unescape(byte[] form, int start, int end) {
        byte[] bytes = new byte[end - start];
        int length = 0;
        for (int i = start; i < end; i++) {
            byte b = form[i];
            if (b == '%') {
                boolean room = i + 2 < end;
                int high = room ? Character.digit(form[i + 1], 16) : -1;
                int low = room ? Character.digit(form[i + 2], 16) : -1;
                if (high < 0 || low < 0) {
                    return Optional.empty();
                }
                bytes[length++] = (byte) (high << 4 | low);
                i += 2;
            } else {
                bytes[length++] = b == '+' ? (byte) ' ' : b;
            }
        }
        return Utf8.decode(bytes, length);
    }

    private static String raw(byte[] form, int start, int end) {
        return Quote.of(new String(form, start, end - start, StandardCharsets.ISO_8859_1));
    }

    /** Where the byte is first found at or after start; {@code end} where it is not. */
    private static int indexOf(byte[] form, char wanted, int start, int end) {
        int i = start;
        while (i < end && form[i] != wanted) {
            i++;
        }
        return i;
    }
}
