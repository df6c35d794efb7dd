package io.culvert.control.lease;

import java.time.Duration;
import java.util.List;

/**
 * The times of a lease. Immutable, any thread.
 *
 * @param ttl from a renewal to the deadline; zero or less for no such deadline
 * @param grace how long it can still be renewed after that; zero or more
 * @param drain how long visitors may stay when they are shut out; zero or more
 * @param warnings how long before an end it is told of; each zero or more
 */
public record LeaseTimes(Duration ttl, Duration grace, Duration drain, List<Duration> warnings) {
    public LeaseTimes {
        if (grace.isNegative() || drain.isNegative() || warnings.stream().anyMatch(Duration::isNegative)) {
            throw new IllegalArgumentException(
                    "lease: " + grace + ", " + drain + ", " + warnings + " (expected: none negative)");
        }
        warnings = List.copyOf(warnings);
    }

    /** A time to live and nothing else. */
    public static LeaseTimes of(Duration ttl) {
        return new LeaseTimes(ttl, Duration.ZERO, Duration.ZERO, List.of());
    }
}
