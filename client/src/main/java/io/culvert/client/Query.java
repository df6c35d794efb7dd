package io.culvert.client;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** The query of a request, in the order in which it was put together. One thread. */
final class Query {
    private final StringBuilder text = new StringBuilder();

    Query add(String name, Object value) {
        text.append(text.isEmpty() ? '?' : '&')
                .append(encoded(name))
                .append('=')
                .append(encoded(value.toString()));
        return this;
    }

    Query addAny(String name, Optional<?> value) {
        value.ifPresent(said -> add(name, said));
        return this;
    }

    /**
     * A part of a path.
     *
     * @throws IllegalArgumentException where it is none: a dot is not encoded, and two of them would mean what the path names before
     */
    static String segment(String text) {
        if (text.isEmpty() || text.equals(".") || text.equals("..")) {
            throw new IllegalArgumentException("'" + text + "' (expected: an id or a name)");
        }
        return encoded(text);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
