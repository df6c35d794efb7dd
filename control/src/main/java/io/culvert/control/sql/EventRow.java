package io.culvert.control.sql;

import io.culvert.control.event.Event;
import io.culvert.control.event.EventKind;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** How an event lies in columns. No state, any thread. */
final class EventRow {
    private EventRow() {}

    /** Empty where the kind is one that this version does not know. */
    static Optional<Event> read(long id, ResultSet row) throws SQLException {
        String name = row.getString("kind");
        for (EventKind kind : EventKind.values()) {
            if (kindName(kind).equals(name)) {
                return Optional.of(new Event(
                        id,
                        Transactions.instant(row.getLong("at")),
                        kind,
                        number(row, "tunnel_id"),
                        TunnelRows.optional(row, "project"),
                        row.getString("text"),
                        map(row.getString("details"))));
            }
        }
        return Optional.empty();
    }

    static String kindName(EventKind kind) {
        return kind.name().toLowerCase(Locale.ROOT);
    }

    static OptionalLong number(ResultSet row, String column) throws SQLException {
        long value = row.getLong(column);
        return row.wasNull() ? OptionalLong.empty() : OptionalLong.of(value);
    }

    static @Nullable Long orNull(OptionalLong value) {
        return value.isPresent() ? value.getAsLong() : null;
    }

    static String text(Map<String, String> map) {
        return new TreeMap<>(map)
                .entrySet().stream()
                        .map(entry -> encode(entry.getKey()) + "=" + encode(entry.getValue()))
                        .collect(Collectors.joining("&"));
    }

    static Map<String, String> map(String text) {
        Map<String, String> map = new LinkedHashMap<>();
        for (String pair : text.isEmpty() ? new String[0] : text.split("&", -1)) {
            int sign = pair.indexOf('=');
            map.put(decode(pair.substring(0, sign)), decode(pair.substring(sign + 1)));
        }
        return map;
    }

    /** The same without what PostgreSQL cannot keep, NUL and half characters: one odd text must not stop all others. */
    static String storable(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8).replace('\0', '\uFFFD');
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }
}
