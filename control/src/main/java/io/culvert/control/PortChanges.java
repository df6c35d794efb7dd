package io.culvert.control;

import java.util.List;
import java.util.Set;

/**
 * Changes to ports that no tunnel holds, as part of {@link StoreChanges}; made in this order. Immutable, any thread.
 *
 * @param released reservations that must not be there
 * @param reserved reservations that must be there
 * @param awake quarantines that must not be there
 * @param resting quarantines that must be there
 */
public record PortChanges(
        Set<HeldPort> released, List<Reservation> reserved, Set<HeldPort> awake, List<RestingPort> resting) {
    /** No change. */
    public static final PortChanges NONE = new PortChanges(Set.of(), List.of(), Set.of(), List.of());

    public PortChanges {
        released = Set.copyOf(released);
        reserved = List.copyOf(reserved);
        awake = Set.copyOf(awake);
        resting = List.copyOf(resting);
    }

    /** Only these reservations. */
    static PortChanges reserving(Reservation reservation) {
        return new PortChanges(Set.of(), List.of(reservation), Set.of(), List.of());
    }
}
