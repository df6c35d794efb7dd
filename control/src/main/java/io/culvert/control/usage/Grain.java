package io.culvert.control.usage;

/** How long a slot of {@link UsageSlot usage} is; days and hours are those of UTC. */
public enum Grain {
    /** Kept for a day. */
    MINUTE,
    /** Kept for 30 days. */
    HOUR,
    /** Kept for three years. */
    DAY
}
