package io.culvert.link.net;

import java.time.Duration;

/**
 * How a session notices that its peer is gone: both ends ping each other, and whoever hears nothing at all for {@link #silence} ends the
 * session. Not the answer to a ping counts but any byte: on a slow path full of data a ping may wait behind megabytes, while the
 * peer's own pings come the other way. Immutable, any thread.
 *
 * @param every a ping goes out this often
 * @param timeout how much longer than that the next sign of life may take
 */
public record Liveness(Duration every, Duration timeout) {
    /** A dead peer is noticed within 25 s, and most address translations along the way are kept open. */
    public static final Liveness DEFAULT = new Liveness(Duration.ofSeconds(15), Duration.ofSeconds(10));

    public Liveness {
        if (every.isNegative() || every.isZero() || timeout.isNegative() || timeout.isZero()) {
            throw new IllegalArgumentException("liveness: " + every + "/" + timeout + " (expected: positive times)");
        }
    }

    /** A session that heard nothing for this long is over. */
    public Duration silence() {
        return every.plus(timeout);
    }
}
