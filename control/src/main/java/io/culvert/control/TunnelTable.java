package io.culvert.control;

import io.culvert.control.caller.Permission;
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
    private final ProjectUse use = new ProjectUse();
    private final Map<Name, Long> names = new HashMap<>();

    /** Names are unique within a project. */
    private record Name(String project, String text) {}

    /** All tunnels, whose ever they are, ordered by id. Any thread. */
    List<Tunnel> list() {
        return List.copyOf(snapshots.values());
    }

    /** Those that the caller may see, ordered by id. Any thread. */
    List<Tunnel> list(Caller caller) {
        return Sight.of(caller, snapshots.values());
    }

    /** One tunnel, whose ever it is. Any thread. */
    Optional<Tunnel> find(long id) {
        return Optional.ofNullable(snapshots.get(id));
    }

    /**
     * One tunnel that the caller may do this to; empty where there is none that it may know of. Any thread.
     *
     * @throws ForbiddenException where it may know of it, and may not do this
     */
    Optional<Tunnel> find(Caller caller, Permission permission, long id) {
        return find(id).filter(tunnel -> Sight.may(caller, permission, id, tunnel.project(), tunnel.owner()));
    }

    /** Adds a tunnel whose state is settled. */
    void add(LivingTunnel tunnel) {
        living.put(tunnel.id(), tunnel);
        use.add(tunnel);
        tunnel.stored()
                .name()
                .ifPresent(name -> names.put(new Name(tunnel.stored().project(), name), tunnel.id()));
        publish(tunnel);
    }

    /** The tunnel behind an id; null where none lives. */
    @Nullable
    LivingTunnel entry(long id) {
        return living.get(id);
    }

    /**
     * The tunnel behind an id where the caller may do this to it.
     *
     * @throws NoSuchTunnelException where none lives, or none that the caller may know of: in the same words
     * @throws ForbiddenException where it may know of it, and may not do this
     */
    LivingTunnel entry(Caller caller, Permission permission, long id) {
        LivingTunnel tunnel = living.get(id);
        if (tunnel == null
                || !Sight.may(
                        caller,
                        permission,
                        id,
                        tunnel.stored().project(),
                        tunnel.stored().owner())) {
            throw new NoSuchTunnelException(id);
        }
        return tunnel;
    }

    /** What projects have of the living. */
    ProjectUse use() {
        return use;
    }

    Collection<LivingTunnel> entries() {
        return living.values();
    }

    int size() {
        return living.size();
    }

    /** Which tunnel of the project has this name; null for none. */
    @Nullable
    Long named(String project, String name) {
        return names.get(new Name(project, name));
    }

    /** Says that a living tunnel is stored otherwise now. Readers see it when it is published. */
    void replace(LivingTunnel tunnel, StoredTunnel now) {
        tunnel.stored()
                .name()
                .ifPresent(old -> names.remove(new Name(tunnel.stored().project(), old), tunnel.id()));
        now.name().ifPresent(name -> names.put(new Name(now.project(), name), tunnel.id()));
        tunnel.stored(now);
    }

    /** Shows readers a living tunnel as it is now. */
    Tunnel publish(LivingTunnel tunnel) {
        Tunnel view = tunnel.view();
        snapshots.put(tunnel.id(), view);
        return view;
    }

    /** Takes a tunnel out. Readers see it as it was until {@link #hide}. */
    void drop(LivingTunnel tunnel) {
        if (living.remove(tunnel.id(), tunnel)) {
            use.drop(tunnel);
            tunnel.stored()
                    .name()
                    .ifPresent(name -> names.remove(new Name(tunnel.stored().project(), name), tunnel.id()));
        }
    }

    /** Shows readers a tunnel no more that was dropped. */
    void hide(long id) {
        assert !living.containsKey(id);
        snapshots.remove(id);
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
