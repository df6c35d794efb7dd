package io.culvert.control.caller;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/**
 * What a project may have at one time, and carry in a month. Empty is without a bound. Immutable, any thread.
 *
 * @param tunnels living ones, 0 or more
 * @param ports held by its tunnels, 0 or more
 * @param sessions connected agents of all its tunnels together, 0 or more
 * @param connections visitors of all its tunnels together, 0 or more
 * @param bytesPerMonth in both directions together, by calendar months of UTC, 0 or more
 * @param pools names of those that its tunnels may take ports from; empty for all
 */
public record Quotas(
        OptionalInt tunnels,
        OptionalInt ports,
        OptionalInt sessions,
        OptionalInt connections,
        OptionalLong bytesPerMonth,
        Optional<Set<String>> pools) {
    /** No bounds at all. */
    public static final Quotas NONE = new Quotas(
            OptionalInt.empty(),
            OptionalInt.empty(),
            OptionalInt.empty(),
            OptionalInt.empty(),
            OptionalLong.empty(),
            Optional.empty());

    public Quotas {
        pools = pools.map(Set::copyOf);
    }
}
