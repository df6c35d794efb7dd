package io.culvert.control;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A leased tunnel as readers see it, living or ended. An immutable snapshot, any thread.
 *
 * @param id never used twice, also across restarts
 * @param version grows with each change that a caller made to it: the entity tag. Renewals and state do not count
 * @param project whose it is; whoever has no role there does not know of it
 * @param owner the {@link Caller#owner} of who created it
 * @param bridgePort the seed's {@code bridge_port}: the tunnel's own, for goproxy clients, or the server's where it has none
 * @param bridge the bridge port of its own, where it has one
 * @param status what it is now
 * @param transitions the last 20, oldest first; the last of them is {@code status}
 */
public record Tunnel(
        long id,
        long version,
        Optional<String> name,
        Map<String, String> labels,
        String project,
        String owner,
        List<Expose> exposes,
        int bridgePort,
        Optional<Bridge> bridge,
        String comment,
        Lease lease,
        Policies policies,
        Instant createdAt,
        Transition status,
        List<Transition> transitions) {
    public Tunnel {
        labels = Map.copyOf(labels);
        exposes = List.copyOf(exposes);
        transitions = List.copyOf(transitions);
    }
}
