package io.culvert.control;

import io.culvert.control.StateRule.Facts;
import io.culvert.control.StateRule.Left;
import io.culvert.control.StateRule.Overdue;
import io.culvert.control.StateRule.Verdict;
import io.culvert.control.lease.Due;
import io.culvert.gateway.Policy;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;

/** All that is known of one living tunnel. Control thread only; what others may see is {@link #view}. */
final class LivingTunnel {
    private static final int TRANSITIONS = 20;

    /** Whether the ports of a tunnel are bound. */
    enum Ports {
        /** The data plane was asked and has not answered yet. */
        OPENING,
        /** Bound. */
        UP,
        /** A restored tunnel whose port is taken: kept, and tried again. */
        DOWN
    }

    /**
     * The last phase.
     *
     * @param reason for people
     * @param end why, for the log
     * @param by who wanted it; empty where the lease ended by itself
     */
    record Drain(String reason, Due.End end, Optional<String> by) {}

    private StoredTunnel stored;
    private TokenIndex tokens;
    private final int serverBridgePort;
    private final List<Transition> transitions;
    Ports ports;
    Instant heartbeat;
    /** While the lease is kept from running. */
    boolean held;
    /** Why a port is missing; of no meaning while {@link #ports} is {@link Ports#UP}. */
    String missing = "its ports are being bound";

    int sessions;
    String agent = "";
    /** What is told of agents that come and go. */
    final Telling telling = new Telling();
    /** Likewise of those that took another one's place: who sees that knows of a stolen token, and nobody shall hide it by coming and going. */
    final Telling takeovers = new Telling();

    /** What is told of visitors whom its policies turn away or slow down: anybody can go on with that for ever. */
    final Map<Policy, PolicyTelling> hits = new EnumMap<>(Policy.class);

    /** Whether the last that was told of its state is that it is {@link TunnelState#UP}. */
    boolean toldUp;

    Optional<Left> left = Optional.empty();
    boolean volumeUsedUp;
    /** What its project may carry in a month, where that is used up. */
    Optional<Long> monthUsedUp = Optional.empty();

    /** Of each expose whose target cannot be reached: why. */
    final SortedMap<Integer, String> failingTargets = new TreeMap<>();

    boolean serverDrains;
    Optional<Overdue> overdue = Optional.empty();
    Optional<Drain> drain = Optional.empty();
    Optional<String> ended = Optional.empty();

    LivingTunnel(StoredTunnel stored, int serverBridgePort, Ports ports, Instant heartbeat) {
        this.stored = stored;
        this.tokens = TokenIndex.of(stored.tokens());
        this.serverBridgePort = serverBridgePort;
        this.transitions = new ArrayList<>(stored.transitions());
        this.ports = ports;
        this.heartbeat = heartbeat;
        this.toldUp = !transitions.isEmpty() && status().state() == TunnelState.UP;
    }

    long id() {
        return stored.id();
    }

    /** As the store has it, or is to have it. */
    StoredTunnel stored() {
        return stored;
    }

    void stored(StoredTunnel now) {
        if (now.tokens() != stored.tokens()) {
            tokens = TokenIndex.of(now.tokens());
        }
        stored = now;
    }

    /** What its tokens and credentials are found by. */
    TokenIndex tokens() {
        return tokens;
    }

    /** A copy to change, with all that the store is told of now and then. */
    StoredDraft draft() {
        StoredDraft draft = new StoredDraft(stored);
        draft.lastHeartbeat = heartbeat;
        draft.transitions = List.copyOf(transitions);
        return draft;
    }

    /** Whether visitors are to be turned away. */
    boolean shut() {
        return stored.pausedBy().isPresent() || overdue.isPresent() || drain.isPresent() || serverDrains;
    }

    /** Whether the lease is one that a connected agent keeps. */
    boolean renewedBySession() {
        return stored.terms().renewBy() == LeaseTerms.RenewBy.SESSION;
    }

    /** The hard end in nanoseconds of a ticker that is at {@code nanos} when it is {@code now}. */
    OptionalLong hardEnd(Instant now, long nanos) {
        return stored.hardEnd()
                .map(end -> OptionalLong.of(nanos + Times.nanosUntil(now, end)))
                .orElse(OptionalLong.empty());
    }

    /**
     * Looks at what is known, and notes where that makes another state of it.
     *
     * @return whether it is in another state now
     */
    boolean settle(Instant now) {
        Verdict verdict = StateRule.of(facts());
        Optional<Transition> last =
                transitions.isEmpty() ? Optional.empty() : Optional.of(transitions.get(transitions.size() - 1));
        if (last.isPresent() && last.get().state() == verdict.state()) {
            // The same state for another reason: no transition, but the reason is kept true.
            transitions.set(
                    transitions.size() - 1,
                    new Transition(verdict.state(), verdict.reason(), last.get().since()));
            return false;
        }
        transitions.add(new Transition(verdict.state(), verdict.reason(), now));
        if (transitions.size() > TRANSITIONS) {
            transitions.remove(0);
        }
        return true;
    }

    private Facts facts() {
        return new Facts(
                ended,
                drain.map(Drain::reason),
                overdue,
                stored.pausedBy(),
                serverDrains,
                ports == Ports.UP ? Optional.empty() : Optional.of(missing),
                sessions,
                agent,
                left,
                monthUsedUp,
                volumeUsedUp ? Optional.of(stored.policies().volume()) : Optional.empty(),
                List.copyOf(failingTargets.values()));
    }

    /** The state it was last found in by {@link #settle}. */
    Transition status() {
        return transitions.get(transitions.size() - 1);
    }

    List<Transition> transitions() {
        return List.copyOf(transitions);
    }

    /** As readers see it. */
    Tunnel view() {
        return new Tunnel(
                stored.id(),
                stored.version(),
                stored.name(),
                stored.labels(),
                stored.project(),
                stored.owner(),
                stored.exposes(),
                stored.bridge().map(Bridge::port).orElse(serverBridgePort),
                stored.bridge(),
                stored.comment(),
                new Lease(stored.terms(), heartbeat, stored.hardEnd(), held),
                stored.policies(),
                stored.createdAt(),
                status(),
                transitions);
    }
}
