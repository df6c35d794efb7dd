package io.culvert.control.usage;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** How long a slot of {@link UsageSlot usage} is; days and hours are those of UTC. */
public enum Grain {
    /** Kept for a day. */
    MINUTE(ChronoUnit.MINUTES, Duration.ofDays(1)),
    /** Kept for 30 days. */
    HOUR(ChronoUnit.HOURS, Duration.ofDays(30)),
    /** Kept for three years. */
    DAY(ChronoUnit.DAYS, Duration.ofDays(3 * 365));

    private final ChronoUnit unit;
    private final Duration kept;

    Grain(ChronoUnit unit, Duration kept) {
        this.unit = unit;
        this.kept = kept;
    }

    /** How long slots are kept behind their beginning, at least. */
    public Duration kept() {
        return kept;
    }

    /** How long one slot is. */
    public Duration length() {
        return unit.getDuration();
    }

    /** The beginning of the slot that this moment is in. */
    public Instant start(Instant moment) {
        return moment.truncatedTo(unit);
    }
}
