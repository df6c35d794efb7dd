package io.culvert.control;

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
    private final ConcurrentSkipListMap<Long, Tunnel> snapshots = new ConcurrentSkipListMap<>();
    private final Map<Long, LivingTunnel> living = new HashMap<>();
    private final Map<String, Long> names = new HashMap<>();

    /** All tunnels, ordered by id. Any thread. */
    List<Tunnel> list() {
        return List.copyOf(snapshots.values());
    }

    /** One tunnel. Any thread. */
    Optional<Tunnel> find(long id) {
        return Optional.ofNullable(snapshots.get(id));
    }

    /** Adds a tunnel whose state is settled. */
    void add(LivingTunnel tunnel) {
        living.put(tunnel.id(), tunnel);
        tunnel.stored().name().ifPresent(name -> names.put(name, tunnel.id()));
        publish(tunnel);
    }

    /** The tunnel behind an id; null where none lives. */
    @Nullable
    LivingTunnel entry(long id) {
        return living.get(id);
    }

    Collection<LivingTunnel> entries() {
        return living.values();
    }

    int size() {
        return living.size();
    }

    /** Which tunnel has this name; null for none. */
    @Nullable
    Long named(String name) {
        return names.get(name);
    }

    /** Says that a living tunnel is stored otherwise now. Readers see it when it is published. */
    void replace(LivingTunnel tunnel, StoredTunnel now) {
        tunnel.stored().name().ifPresent(old -> names.remove(old, tunnel.id()));
        now.name().ifPresent(name -> names.put(name, tunnel.id()));
        tunnel.stored(now);
    }

    /** Shows readers a living tunnel as it is now. */
    Tunnel publish(LivingTunnel tunnel) {
        Tunnel view = tunnel.view();
        snapshots.put(tunnel.id(), view);
        return view;
    }

    /** Takes a tunnel out; null where it was not in. */
    @Nullable
    LivingTunnel drop(long id) {
        LivingTunnel tunnel = living.remove(id);
        if (tunnel != null) {
            snapshots.remove(id);
            tunnel.stored().name().ifPresent(name -> names.remove(name, id));
        }
        return tunnel;
    }

    /** Ids of the tunnels whose ports are so, in no order. */
    List<Long> in(LivingTunnel.Ports ports) {
        List<Long> ids = new ArrayList<>();
        for (LivingTunnel tunnel : living.values()) {
            if (tunnel.ports == ports) {
                ids.add(tunnel.id());
            }
        }
        return ids;
    }
}
