package io.culvert.control;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A request for a tunnel.
 *
 * @param project which it goes into; empty for the one that the caller has, see {@link ProjectGate}
 * @param name what people call it, at most 100 characters, not blank; unique among the living of its project; empty for none
 * @param labels at most 32; a key is 1 to 63 of {@code a-z A-Z 0-9 . _ - /}, a value at most 200 characters
 * @param exposes 1 to 64; a port of 0 asks for a free one
 * @param bridge a bridge port of the tunnel's own; empty where its agents come to the server's
 * @param comment at most 1,000 characters
 */
public record CreateTunnel(
        Optional<String> project,
        Optional<String> name,
        Map<String, String> labels,
        List<Expose> exposes,
        Optional<Bridge> bridge,
        String comment,
        LeaseTerms lease,
        Policies policies) {
    public CreateTunnel {
        labels = Map.copyOf(labels);
        exposes = List.copyOf(exposes);
    }

    /**
     * What the seed's API can ask for.
     *
     * @param ttl zero or less never expires; at most ten years
     */
    public CreateTunnel(List<Expose> exposes, Optional<Bridge> bridge, String comment, Duration ttl) {
        this(Optional.empty(), Map.of(), exposes, bridge, comment, LeaseTerms.of(ttl), Policies.NONE);
    }

    /** One that says nothing of a project. */
    public CreateTunnel(
            Optional<String> name,
            Map<String, String> labels,
            List<Expose> exposes,
            Optional<Bridge> bridge,
            String comment,
            LeaseTerms lease,
            Policies policies) {
        this(Optional.empty(), name, labels, exposes, bridge, comment, lease, policies);
    }

    /** The same without a bridge port of its own. */
    public CreateTunnel(List<Expose> exposes, String comment, Duration ttl) {
        this(exposes, Optional.empty(), comment, ttl);
    }
}
