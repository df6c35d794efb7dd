package io.culvert.control;

import java.util.Optional;
import java.util.function.Supplier;

/**
 * A change of one living tunnel that was judged good and is not stored yet. Control thread only.
 *
 * @param next how the tunnel is to be stored; empty where it is so already
 * @param act what follows once it is stored, or at once where nothing is to be; gives the tunnel as readers see it then
 */
record Change(LivingTunnel tunnel, Optional<StoredTunnel> next, Supplier<Tunnel> act) {
    /** One that changes nothing. */
    static Change none(LivingTunnel tunnel) {
        return new Change(tunnel, Optional.empty(), tunnel::view);
    }

    /** One to be stored as this draft has it, of a newer version. */
    static Change to(LivingTunnel tunnel, StoredDraft draft, Supplier<Tunnel> act) {
        draft.version++;
        return new Change(tunnel, Optional.of(draft.done()), act);
    }

    /** Whether others must not be judged beside it: they may want the name that it takes or gives up. */
    boolean renames() {
        return next.filter(stored -> !stored.name().equals(tunnel.stored().name()))
                .isPresent();
    }
}
