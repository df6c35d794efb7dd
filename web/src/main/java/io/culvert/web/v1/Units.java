package io.culvert.web.v1;

import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Times and durations as the API says them. Stateless, any thread. */
final class Units {
    private Units() {}

    /** Exact to the millisecond. */
    static Duration duration(Number seconds) {
        return seconds instanceof Double fraction
                ? Duration.ofMillis(Math.round(fraction * 1_000))
                : Duration.ofSeconds(seconds.longValue());
    }

    /** A field that may be null or absent, which is zero: no bound. */
    static Duration duration(JsonObject object, String field) {
        return object.getValue(field) instanceof Number seconds ? duration(seconds) : Duration.ZERO;
    }

    /** A whole number where it is one; at most three decimals otherwise. */
    static Number seconds(Duration duration) {
        long millis = duration.toMillis();
        return millis % 1_000 == 0 ? (Number) (millis / 1_000) : (Number) (millis / 1_000.0);
    }

    /** Zero or less is no bound: null. */
    static @Nullable Number secondsOrNone(Duration duration) {
        return duration.isZero() || duration.isNegative() ? null : seconds(duration);
    }

    /** Zero is no bound: null. */
    static @Nullable Long orNone(long bound) {
        return bound == 0 ? null : bound;
    }

    /** A bound that may be null or absent, which is zero. */
    static long bound(JsonObject object, String field) {
        return object.getValue(field) instanceof Number number ? number.longValue() : 0;
    }

    /** RFC 3339 in UTC, to the millisecond. */
    static String time(Instant instant) {
        return instant.truncatedTo(ChronoUnit.MILLIS).toString();
    }

    static @Nullable String time(Optional<Instant> instant) {
        return instant.map(Units::time).orElse(null);
    }

    /** A time with any offset; empty where it is none, or one that no server will see. */
    static Optional<Instant> instant(String text) {
        try {
            Instant instant = OffsetDateTime.parse(text).toInstant();
            int year = instant.atOffset(ZoneOffset.UTC).getYear();
            return year < 1970 || year > 9_999 ? Optional.empty() : Optional.of(instant);
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }
}
