package io.culvert.control;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/** Changes of living tunnels that wait at the same time, made with one write. Control thread, inside a change only: it waits. */
final class JointChanges implements Together<Supplier<Change>, Tunnel> {
    private final TunnelChanger changer;

    JointChanges(TunnelChanger changer) {
        this.changer = changer;
    }

    /** Those go together that are of different tunnels and take no name; one that is refused may be so for the sake of those before it. */
    @Override
    public List<Outcome<Tunnel>> make(List<Supplier<Change>> wanted) {
        List<Change> changes = new ArrayList<>();
        Set<Long> known = new HashSet<>();
        for (Supplier<Change> one : wanted) {
            Change change;
            try {
                change = one.get();
            } catch (RuntimeException e) {
                if (changes.isEmpty()) {
                    throw e;
                }
                break;
            }
            if (!changes.isEmpty()
                    && (change.renames() || !known.add(change.tunnel().id()))) {
                break;
            }
            known.add(change.tunnel().id());
            changes.add(change);
            if (change.renames()) {
                break;
            }
        }
        return changer.make(changes);
    }
}
