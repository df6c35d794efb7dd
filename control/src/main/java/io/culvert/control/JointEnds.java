package io.culvert.control;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

/** Ends that wait at the same time, made with one write. Control thread, inside a change only: it waits. */
final class JointEnds implements Together<JointEnds.Wanted, Tunnel> {
    /**
     * A wish that a tunnel ends.
     *
     * @param ifVersion the version that it is meant for; empty for any
     * @param drain zero to cut visitors at once
     */
    record Wanted(Caller caller, long id, OptionalLong ifVersion, Duration drain) {}

    private final TunnelChanger changer;

    JointEnds(TunnelChanger changer) {
        this.changer = changer;
    }

    /** Those go together that are one caller's and cut; the second of a tunnel finds that it has ended. */
    @Override
    public List<Outcome<Tunnel>> make(List<Wanted> wanted) {
        Wanted first = wanted.get(0);
        List<Long> ids = new ArrayList<>();
        Set<Long> known = new HashSet<>();
        for (Wanted one : wanted) {
            boolean goesAlong = one.drain().isZero()
                    && one.ifVersion().isEmpty()
                    && one.caller().equals(first.caller())
                    && known.add(one.id());
            if (!goesAlong) {
                break;
            }
            ids.add(one.id());
        }
        return ids.isEmpty()
                ? changer.endAll(first.caller(), List.of(first.id()), first.ifVersion(), first.drain())
                : changer.endAll(first.caller(), ids, OptionalLong.empty(), Duration.ZERO);
    }
}
