package io.culvert.control;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A tunnel as the store keeps it. Immutable, any thread.
 *
 * @param version grows with each change that a caller made
 * @param project whose it is; never changes
 * @param owner the {@link Caller#owner} of who created it; empty for one of before owners were kept
 * @param exposes with their real ports, in order
 * @param bridge with its real port; empty where the tunnel has none of its own
 * @param pausedBy the caller who paused it; empty where nobody did
 * @param lastHeartbeat may be older than the truth: written behind
 * @param secret the hash of the join token's secret
 * @param bundle what its stock agents show; empty until somebody asks
 * @param key what the caller named the request that created it, where it did
 * @param transitions the last 20, oldest first; may lack the newest: written behind
 * @param counted what it has carried; may lack the last second
 * @param ending why it is ending: a tunnel that is found so at a start has ended
 * @param tokens its join tokens beside {@code secret}, the oldest first
 */
public record StoredTunnel(
        long id,
        long version,
        Optional<String> name,
        Map<String, String> labels,
        String project,
        String owner,
        List<Expose> exposes,
        Optional<Bridge> bridge,
        String comment,
        LeaseTerms terms,
        Policies policies,
        Optional<String> pausedBy,
        Instant createdAt,
        Instant lastHeartbeat,
        SecretHash secret,
        Optional<TunnelBundle> bundle,
        Optional<IdempotencyKey> key,
        List<Transition> transitions,
        StoredCounts counted,
        Optional<String> ending,
        List<IssuedToken> tokens) {
    public StoredTunnel {
        labels = Map.copyOf(labels);
        exposes = List.copyOf(exposes);
        transitions = List.copyOf(transitions);
        tokens = List.copyOf(tokens);
    }

    /** A tunnel without further join tokens. */
    public StoredTunnel(
            long id,
            long version,
            Optional<String> name,
            Map<String, String> labels,
            String project,
            String owner,
            List<Expose> exposes,
            Optional<Bridge> bridge,
            String comment,
            LeaseTerms terms,
            Policies policies,
            Optional<String> pausedBy,
            Instant createdAt,
            Instant lastHeartbeat,
            SecretHash secret,
            Optional<TunnelBundle> bundle,
            Optional<IdempotencyKey> key,
            List<Transition> transitions,
            StoredCounts counted,
            Optional<String> ending) {
        this(
                id,
                version,
                name,
                labels,
                project,
                owner,
                exposes,
                bridge,
                comment,
                terms,
                policies,
                pausedBy,
                createdAt,
                lastHeartbeat,
                secret,
                bundle,
                key,
                transitions,
                counted,
                ending,
                List.of());
    }

    /** A tunnel as the seed's API makes them: a time to live, no name, no policies. */
    public StoredTunnel(
            long id,
            List<Expose> exposes,
            Optional<Bridge> bridge,
            String comment,
            Duration ttl,
            Instant createdAt,
            Instant lastHeartbeat,
            SecretHash secret,
            Optional<TunnelBundle> bundle) {
        this(
                id,
                1,
                Optional.empty(),
                Map.of(),
                Projects.DEFAULT,
                "",
                exposes,
                bridge,
                comment,
                LeaseTerms.of(ttl),
                Policies.NONE,
                Optional.empty(),
                createdAt,
                lastHeartbeat,
                secret,
                bundle,
                Optional.empty(),
                List.of(),
                StoredCounts.ZERO,
                Optional.empty());
    }

    /** From one renewal to the deadline; zero or less for none. */
    public Duration ttl() {
        return terms.ttl();
    }

    /** Every port that is the tunnel's own. */
    List<HeldPort> ports() {
        return Stream.concat(exposes.stream().map(HeldPort::of), bridge.stream().map(HeldPort::of))
                .toList();
    }

    /** How many ports are its own. */
    int portCount() {
        return exposes.size() + (bridge.isPresent() ? 1 : 0);
    }

    /** The moment that no renewal moves; empty for none. */
    Optional<Instant> hardEnd() {
        return terms.hardEnd(createdAt);
    }

    /** What people call it in a message: {@code tunnel 7 (lab-ssh)}. */
    String spoken() {
        return "tunnel " + id + name.map(said -> " (" + said + ")").orElse("");
    }
}
