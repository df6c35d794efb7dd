package io.culvert.client.http;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.Optional;

/** Durations as the API spells them. Any thread. */
public final class Seconds {
    // 31 million years, which Instant still can hold.
    private static final BigDecimal LONGEST = BigDecimal.valueOf(1_000_000_000_000_000L);

    /** Behind the point. To round 1e-500000000, ten would be raised to its power: minutes. */
    private static final int MOST_DIGITS = 1_000;

    private Seconds() {}

    /** As a number. */
    public static BigDecimal of(Duration duration) {
        BigDecimal seconds = BigDecimal.valueOf(duration.getSeconds()).add(BigDecimal.valueOf(duration.getNano(), 9));
        return duration.getNano() == 0 ? seconds.setScale(0) : seconds;
    }

    /** For a query: {@code 0.5}, {@code 30}. */
    public static String text(Duration duration) {
        return of(duration).toPlainString();
    }

    /** What a number means, without what is below a nanosecond; empty where it is past all bounds. */
    public static Optional<Duration> duration(BigDecimal seconds) {
        if (seconds.scale() > MOST_DIGITS || seconds.abs().compareTo(LONGEST) > 0) {
            return Optional.empty();
        }
        BigDecimal nanos = seconds.setScale(9, RoundingMode.DOWN);
        long whole = nanos.longValue();
        return Optional.of(Duration.ofSeconds(
                whole,
                nanos.subtract(BigDecimal.valueOf(whole)).movePointRight(9).longValue()));
    }
}
