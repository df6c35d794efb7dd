package io.culvert.client;

import java.math.BigDecimal;
import java.time.Duration;

/** Durations as the API spells them. Any thread. */
final class Seconds {
    private Seconds() {}

    static BigDecimal of(Duration duration) {
        BigDecimal seconds = BigDecimal.valueOf(duration.getSeconds()).add(BigDecimal.valueOf(duration.getNano(), 9));
        return duration.getNano() == 0 ? seconds.setScale(0) : seconds;
    }

    /** For a query: {@code 0.5}, {@code 30}. */
    static String text(Duration duration) {
        return of(duration).toPlainString();
    }
}
