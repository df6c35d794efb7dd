package io.culvert.control;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Changes that the store makes in one transaction, in this order. Immutable, any thread.
 *
 * @param put tunnels that must be there as given, whether they were or not; their counts stay where they were there already
 * @param heartbeats last heartbeat by tunnel; those of tunnels that are not there are left out
 * @param transitions the last transitions by tunnel, likewise
 * @param gone tunnels that must not be there; those that were not are no error
 * @param ended tunnels that must be remembered as ended
 * @param forget ended tunnels are forgotten that ended before this
 * @param ports reservations and quarantines
 * @param draining whether the server is to be remembered as one that drains; empty to leave that as it is
 */
public record StoreChanges(
        List<StoredTunnel> put,
        Map<Long, Instant> heartbeats,
        Map<Long, List<Transition>> transitions,
        Set<Long> gone,
        List<EndedTunnel> ended,
        Optional<Instant> forget,
        PortChanges ports,
        Optional<Boolean> draining) {
    public StoreChanges {
        gone = Set.copyOf(gone);
        put = List.copyOf(put);
        heartbeats = Map.copyOf(heartbeats);
        transitions = Map.copyOf(transitions);
        ended = List.copyOf(ended);
    }

    /** Changes to living tunnels alone. */
    public StoreChanges(List<StoredTunnel> put, Map<Long, Instant> heartbeats, Set<Long> gone) {
        this(put, heartbeats, Map.of(), gone, List.of(), Optional.empty(), PortChanges.NONE, Optional.empty());
    }

    /** Only the end of these tunnels. */
    public static StoreChanges gone(Set<Long> ids) {
        return new StoreChanges(List.of(), Map.of(), ids);
    }

    /** Only these tunnels as they are now. */
    static StoreChanges put(List<StoredTunnel> tunnels) {
        return new StoreChanges(tunnels, Map.of(), Set.of());
    }

    /** Only these ports. */
    static StoreChanges ports(PortChanges ports) {
        return new StoreChanges(
                List.of(), Map.of(), Map.of(), Set.of(), List.of(), Optional.empty(), ports, Optional.empty());
    }

    /** Only whether the server drains. */
    public static StoreChanges draining(boolean on) {
        return new StoreChanges(
                List.of(),
                Map.of(),
                Map.of(),
                Set.of(),
                List.of(),
                Optional.empty(),
                PortChanges.NONE,
                Optional.of(on));
    }
}
