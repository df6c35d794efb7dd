package io.culvert.control;

import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What is still to be written to the store. Of each thing only the last word counts. Control thread only. */
final class Backlog {
    private final Map<Long, StoredTunnel> put = new HashMap<>();
    private final Map<Long, Instant> heartbeats = new HashMap<>();
    private final Map<Long, List<Transition>> transitions = new HashMap<>();
    private final Set<Long> gone = new HashSet<>();
    private final Map<Long, EndedTunnel> ended = new HashMap<>();
    private final Map<HeldPort, RestingPort> resting = new HashMap<>();
    private final Set<HeldPort> awake = new HashSet<>();
    private final Map<HeldPort, Reservation> reserved = new HashMap<>();
    private final Set<HeldPort> released = new HashSet<>();
    private @Nullable Instant forget;
    private @Nullable Boolean draining;

    void put(StoredTunnel tunnel) {
        put.put(tunnel.id(), tunnel);
    }

    void gone(long id) {
        forget(id);
        gone.add(id);
    }

    /** A tunnel's row is gone already: nothing is to be written to it. */
    void forget(long id) {
        put.remove(id);
        heartbeats.remove(id);
        transitions.remove(id);
    }

    void heartbeat(long id, Instant at) {
        heartbeats.put(id, at);
    }

    void transitions(long id, List<Transition> last) {
        transitions.put(id, last);
    }

    void ended(EndedTunnel tunnel) {
        ended.put(tunnel.tunnel().id(), tunnel);
    }

    void forgetBefore(Instant moment) {
        forget = moment;
    }

    void rest(List<RestingPort> ports) {
        for (RestingPort port : ports) {
            awake.remove(HeldPort.of(port));
            resting.put(HeldPort.of(port), port);
        }
    }

    void wake(HeldPort port) {
        resting.remove(port);
        awake.add(port);
    }

    void reserve(Reservation reservation) {
        released.remove(HeldPort.of(reservation));
        reserved.put(HeldPort.of(reservation), reservation);
    }

    void unreserve(HeldPort port) {
        reserved.remove(port);
        released.add(port);
    }

    void draining(boolean on) {
        draining = on;
    }

    boolean hasGone() {
        return !gone.isEmpty();
    }

    int goneCount() {
        return gone.size();
    }

    int heartbeatCount() {
        return heartbeats.size();
    }

    boolean isEmpty() {
        return canWait() && heartbeats.isEmpty() && transitions.isEmpty();
    }

    /** True where nothing is in it that should be written at once. */
    boolean canWait() {
        return put.isEmpty()
                && gone.isEmpty()
                && ended.isEmpty()
                && resting.isEmpty()
                && awake.isEmpty()
                && reserved.isEmpty()
                && released.isEmpty()
                && forget == null
                && draining == null;
    }

    /** All of it. */
    StoreChanges changes() {
        return new StoreChanges(
                List.copyOf(put.values()),
                heartbeats,
                transitions,
                gone,
                List.copyOf(ended.values()),
                Optional.ofNullable(forget),
                new PortChanges(released, List.copyOf(reserved.values()), awake, List.copyOf(resting.values())),
                Optional.ofNullable(draining));
    }

    /** Takes off what was written: while the disk worked, there may have been news. */
    void written(StoreChanges changes) {
        changes.put().forEach(tunnel -> put.remove(tunnel.id(), tunnel));
        changes.heartbeats().forEach(heartbeats::remove);
        changes.transitions().forEach(transitions::remove);
        gone.removeAll(changes.gone());
        changes.ended().forEach(tunnel -> ended.remove(tunnel.tunnel().id(), tunnel));
        changes.ports().resting().forEach(port -> resting.remove(HeldPort.of(port), port));
        awake.removeAll(changes.ports().awake());
        changes.ports().reserved().forEach(port -> reserved.remove(HeldPort.of(port), port));
        released.removeAll(changes.ports().released());
        if (changes.forget().isPresent() && changes.forget().get().equals(forget)) {
            forget = null;
        }
        if (changes.draining().isPresent() && changes.draining().get().equals(draining)) {
            draining = null;
        }
    }
}
