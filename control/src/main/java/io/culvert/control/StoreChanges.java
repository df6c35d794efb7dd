package io.culvert.control;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Changes that the store makes in one transaction, in this order. Immutable, any thread.
 *
 * @param put tunnels that must be there as given, whether they were or not
 * @param heartbeats last heartbeat by tunnel; those of tunnels that are not there are left out
 * @param gone tunnels that must not be there; those that were not are no error
 */
public record StoreChanges(List<StoredTunnel> put, Map<Long, Instant> heartbeats, Set<Long> gone) {
    public StoreChanges {
        put = List.copyOf(put);
        heartbeats = Map.copyOf(heartbeats);
        gone = Set.copyOf(gone);
    }

    /** Only the end of these tunnels. */
    public static StoreChanges gone(Set<Long> ids) {
        return new StoreChanges(List.of(), Map.of(), ids);
    }
}
