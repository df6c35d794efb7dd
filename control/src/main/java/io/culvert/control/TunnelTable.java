package io.culvert.control;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/**
 * The living tunnels. Only the control thread changes it or looks at its entries; {@link #list} and {@link #find} read immutable
 * snapshots and may be called by any thread.
 */
final class TunnelTable {
    /** Whether the ports of a tunnel are bound. */
    enum State {
        /** The data plane was asked and has not answered yet. */
        OPENING,
        /** Bound. */
        UP,
        /** A restored tunnel whose port is taken: kept, and tried again. */
        DOWN
    }

    private final ConcurrentSkipListMap<Long, Tunnel> snapshots = new ConcurrentSkipListMap<>();
    private final Map<Long, Entry> entries = new HashMap<>();
    private final Map<HeldPort, Long> holders = new HashMap<>();

    /** All tunnels, ordered by id. Any thread. */
    List<Tunnel> list() {
        return List.copyOf(snapshots.values());
    }

    /** One tunnel. Any thread. */
    Optional<Tunnel> find(long id) {
        return Optional.ofNullable(snapshots.get(id));
    }

    /** Adds a tunnel, as it is stored and as readers see it. */
    void add(StoredTunnel stored, Tunnel snapshot, State state) {
        entries.put(stored.id(), new Entry(stored, state));
        stored.ports().forEach(port -> holders.put(port, stored.id()));
        snapshots.put(stored.id(), snapshot);
    }

    /** The tunnel behind an id; null where none lives. */
    @Nullable
    Entry entry(long id) {
        return entries.get(id);
    }

    Collection<Entry> entries() {
        return entries.values();
    }

    int size() {
        return entries.size();
    }

    /** Which tunnel holds a port, or waits to have it back; null for none. */
    @Nullable
    Long holder(HeldPort port) {
        return holders.get(port);
    }

    /** Says that the ports of a living tunnel are in another state now. */
    void turn(Entry entry, State state) {
        entries.put(entry.stored().id(), new Entry(entry.stored(), state));
    }

    /** Says that a living tunnel is stored otherwise now, on the same ports. */
    void replace(StoredTunnel stored) {
        Entry old = entries.get(stored.id());
        if (old == null) {
            throw new IllegalStateException("tunnel " + stored.id() + " is not in the table");
        }
        entries.put(stored.id(), new Entry(stored, old.state()));
    }

    /** Puts the time of a heartbeat into a living tunnel, and returns what readers see from now on. */
    Tunnel renewed(long id, Instant at) {
        Tunnel old = find(id).orElseThrow(() -> new IllegalStateException("tunnel " + id + " is not in the table"));
        Lease lease = old.lease();
        Tunnel renewed = new Tunnel(
                id,
                old.version(),
                old.name(),
                old.labels(),
                old.owner(),
                old.exposes(),
                old.bridgePort(),
                old.bridge(),
                old.comment(),
                new Lease(lease.terms(), at, lease.hardEnd(), lease.held()),
                old.policies(),
                old.createdAt(),
                old.status(),
                old.transitions());
        snapshots.put(id, renewed);
        return renewed;
    }

    /** Takes a tunnel out; null where it was not in. */
    @Nullable
    Entry drop(long id) {
        Entry entry = entries.remove(id);
        if (entry != null) {
            snapshots.remove(id);
            entry.stored().ports().forEach(port -> holders.remove(port, id));
        }
        return entry;
    }

    /** Ids in this state, in no order. */
    List<Long> in(State state) {
        List<Long> ids = new ArrayList<>();
        for (Entry entry : entries.values()) {
            if (entry.state() == state) {
                ids.add(entry.stored().id());
            }
        }
        return ids;
    }

    /** A living tunnel. */
    record Entry(StoredTunnel stored, State state) {}
}
