package io.culvert.control;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A copy of a {@link StoredTunnel} to change a few things of. Lives inside one method: one thread. */
final class StoredDraft {
    private final StoredTunnel from;
    long version;
    Optional<String> name;
    Map<String, String> labels;
    List<Expose> exposes;
    String comment;
    LeaseTerms terms;
    Policies policies;
    Optional<String> pausedBy;
    Instant lastHeartbeat;
    SecretHash secret;
    Optional<TunnelBundle> bundle;
    List<Transition> transitions;
    StoredCounts counted;
    Optional<String> ending;
    List<IssuedToken> tokens;

    StoredDraft(StoredTunnel from) {
        this.from = from;
        version = from.version();
        name = from.name();
        labels = from.labels();
        exposes = from.exposes();
        comment = from.comment();
        terms = from.terms();
        policies = from.policies();
        pausedBy = from.pausedBy();
        lastHeartbeat = from.lastHeartbeat();
        secret = from.secret();
        bundle = from.bundle();
        transitions = from.transitions();
        counted = from.counted();
        ending = from.ending();
        tokens = from.tokens();
    }

    /** The tunnel as it is to be. */
    StoredTunnel done() {
        return new StoredTunnel(
                from.id(),
                version,
                name,
                labels,
                from.project(),
                from.owner(),
                exposes,
                from.bridge(),
                comment,
                terms,
                policies,
                pausedBy,
                from.createdAt(),
                lastHeartbeat,
                secret,
                bundle,
                from.key(),
                transitions,
                counted,
                ending,
                tokens);
    }
}
