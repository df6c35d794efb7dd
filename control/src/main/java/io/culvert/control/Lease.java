package io.culvert.control;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * The promise that a tunnel ends unless somebody renews it. Immutable, any thread.
 *
 * @param terms what was agreed
 * @param lastHeartbeat wall-clock time of the last renewal, of creation where there was none
 * @param hardEnd the moment that no renewal moves: the earlier of creation plus {@link LeaseTerms#maxLifetime} and
 *     {@link LeaseTerms#expiresAt}; empty for none
 * @param held true while {@link LeaseTerms.RenewBy#SESSION} keeps it from running
 */
public record Lease(LeaseTerms terms, Instant lastHeartbeat, Optional<Instant> hardEnd, boolean held) {
    /** A lease of a time to live and nothing else. */
    public Lease(Duration ttl, Instant lastHeartbeat) {
        this(LeaseTerms.of(ttl), lastHeartbeat, Optional.empty(), false);
    }

    /** From one heartbeat to the deadline; zero or less for none. */
    public Duration ttl() {
        return terms.ttl();
    }

    /** False where the tunnel never ends by itself. */
    public boolean expires() {
        return deadline().isPresent();
    }

    /** When visitors are shut out unless it is renewed, by the wall clock (for people: the lease itself runs on a monotonic clock). */
    public Optional<Instant> deadline() {
        boolean runs = ttl().compareTo(Duration.ZERO) > 0 && !held;
        Optional<Instant> byHeartbeat = runs ? Optional.of(lastHeartbeat.plus(ttl())) : Optional.empty();
        if (byHeartbeat.isPresent() && hardEnd.isPresent()) {
            return byHeartbeat.get().isBefore(hardEnd.get()) ? byHeartbeat : hardEnd;
        }
        return byHeartbeat.or(() -> hardEnd);
    }
}
