package io.culvert.link.net;

import java.time.Duration;

/**
 * How a session notices that its peer is gone.
 *
 * @param every a ping goes out this often
 * @param timeout the session ends when nothing at all was heard for this long after a ping
 */
public record Liveness(Duration every, Duration timeout) {
    /** A dead peer is noticed within 25 s, and most address translations along the way are kept open. */
    public static final Liveness DEFAULT = new Liveness(Duration.ofSeconds(15), Duration.ofSeconds(10));

    public Liveness {
        if (every.isNegative() || every.isZero() || timeout.isNegative() || timeout.isZero()) {
            throw new IllegalArgumentException("liveness: " + every + "/" + timeout + " (expected: positive times)");
        }
    }
}
