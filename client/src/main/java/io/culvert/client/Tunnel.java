package io.culvert.client;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A tunnel as the server saw it when it answered. Immutable, any thread.
 *
 * @param id never used twice
 * @param version of what callers set of it: a renewal or a new state does not change it
 * @param name unique among living tunnels
 * @param owner who created it
 * @param agentPort where its agents connect: the server's port, also where the tunnel has a bridge port of its own
 * @param lastRenewal of the lease; of creation, where there was none
 * @param deadline when visitors are shut out unless it is renewed; empty: never
 * @param endsAt the end that no renewal moves; empty: none
 * @param reason of the state, in one line
 * @param since when it came into its state
 * @param transitions the last twenty at most, oldest first
 * @param document all that the server said
 */
public record Tunnel(
        long id,
        long version,
        Optional<String> name,
        Map<String, String> labels,
        String comment,
        String owner,
        List<Expose> exposes,
        Optional<Bridge> bridge,
        int agentPort,
        Lease lease,
        Instant lastRenewal,
        Optional<Instant> deadline,
        Optional<Instant> endsAt,
        Policies policies,
        State state,
        String reason,
        Instant since,
        List<Transition> transitions,
        Instant createdAt,
        Traffic traffic,
        Document document) {
    public Tunnel {
        labels = Map.copyOf(labels);
        exposes = List.copyOf(exposes);
        transitions = List.copyOf(transitions);
    }

    /** A state that it came into. */
    public record Transition(State state, String reason, Instant since) {
        static Transition read(Answer answer) throws IOException {
            return new Transition(State.of(answer.text("state")), answer.text("reason"), answer.time("since"));
        }
    }

    /**
     * What it carries now, and has carried over its life; exact to the byte.
     *
     * @param sessions connected agents
     * @param visitors open connections and flows
     * @param bytesIn from visitors to the target
     * @param bytesOut from the target to visitors
     * @param connections visitors that an agent took
     * @param refused visitors that were turned away
     */
    public record Traffic(
            int sessions,
            int visitors,
            long bytesIn,
            long bytesOut,
            long connections,
            long refused,
            long datagramsDropped) {
        static Traffic read(Answer answer) throws IOException {
            return new Traffic(
                    answer.count("sessions"),
                    answer.count("visitors"),
                    answer.number("bytes_in"),
                    answer.number("bytes_out"),
                    answer.number("connections"),
                    answer.number("refused"),
                    answer.number("datagrams_dropped"));
        }
    }

    static Tunnel read(Answer answer) throws IOException {
        return new Tunnel(
                answer.number("id"),
                answer.number("version"),
                answer.anyText("name"),
                answer.map("labels"),
                answer.text("comment"),
                answer.text("owner"),
                answer.list("exposes", Expose::read),
                answer.anyObject("bridge", Bridge::read),
                answer.count("agent_port"),
                answer.object("lease", Lease::read),
                answer.object("lease", lease -> lease.time("last_renewal")),
                answer.object("lease", lease -> lease.anyTime("deadline")),
                answer.object("lease", lease -> lease.anyTime("ends_at")),
                answer.object("policies", Policies::read),
                State.of(answer.text("state")),
                answer.text("reason"),
                answer.time("since"),
                answer.list("transitions", Transition::read),
                answer.time("created_at"),
                answer.object("traffic", Traffic::read),
                answer.document());
    }
}
