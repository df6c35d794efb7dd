package io.culvert.control.caller;

import java.util.OptionalLong;

/**
 * What a project has carried in the running month of UTC. Immutable, any thread.
 *
 * @param bytes of both directions, 0 or more
 * @param most what it may carry; empty for any number
 */
public record MonthUse(long bytes, OptionalLong most) {
    /** Whether nothing is left. */
    public boolean spent() {
        return most.isPresent() && bytes >= most.getAsLong();
    }
}
