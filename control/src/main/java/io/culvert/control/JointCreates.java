package io.culvert.control;

import io.culvert.control.TunnelMaker.Wanted;
import io.culvert.control.caller.Permission;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;

/** Creates that wait at the same time, made with one write. Control thread, inside a change only: it waits. */
final class JointCreates implements Together<Wanted, CreatedTunnel> {
    private final TunnelMaker maker;
    private final TunnelChanger changer;
    private final KeyBook keyBook;
    private final ProjectGate gate;
    private final BooleanSupplier draining;

    /** @param draining while it says so, nothing new is made */
    JointCreates(
            TunnelMaker maker, TunnelChanger changer, KeyBook keyBook, ProjectGate gate, BooleanSupplier draining) {
        this.maker = maker;
        this.changer = changer;
        this.keyBook = keyBook;
        this.gate = gate;
        this.draining = draining;
    }

    @Override
    public List<Outcome<CreatedTunnel>> make(List<Wanted> wanted) {
        // What an earlier request with the same key created is no new one, so it is told also while the server drains.
        Optional<CreatedTunnel> known = known(wanted.get(0));
        if (known.isPresent()) {
            return List.of(Outcome.done(known.get()));
        }
        if (draining.getAsBoolean()) {
            throw new StoreUnavailableException("the server drains: it takes no new tunnels");
        }
        List<Wanted> fresh = new ArrayList<>();
        Set<String> keys = new HashSet<>();
        for (Wanted one : wanted) {
            String key = one.key().map(IdempotencyKey::text).orElse("");
            if (!key.isEmpty() && (!keys.add(key) || (!fresh.isEmpty() && isKnown(one)))) {
                break;
            }
            fresh.add(one);
        }
        return maker.make(fresh);
    }

    private Optional<CreatedTunnel> known(Wanted wanted) {
        return wanted.key().flatMap(key -> changer.known(wanted.caller(), wanted.request(), key));
    }

    /** Whether there is an answer to it already, were it a refusal. */
    private boolean isKnown(Wanted wanted) {
        try {
            return wanted.key()
                    .flatMap(key -> keyBook.find(
                            wanted.caller(),
                            gate.find(
                                    wanted.caller(),
                                    Permission.TUNNELS_WRITE,
                                    wanted.request().project()),
                            key))
                    .isPresent();
        } catch (ControlException e) {
            return true;
        }
    }
}
