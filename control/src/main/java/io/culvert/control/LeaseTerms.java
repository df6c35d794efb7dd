package io.culvert.control;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What was agreed on a tunnel's lease. Immutable, any thread.
 *
 * @param ttl from one renewal to the deadline; zero or less for no deadline of that kind; at most ten years
 * @param grace after that deadline visitors are shut out, but the tunnel, its ports and its number are kept for this long, and a renewal
 *     brings it back; zero to end it at the deadline; at most ten years
 * @param maxLifetime from creation to an end that no renewal moves; empty for none
 * @param expiresAt the same as a moment; empty for none. Where both are given the earlier counts
 * @param drain at the end visitors who are there may stay for this long, and no new ones come in; zero to cut them at once; at most a day
 * @param renewBy who renews
 * @param warnings how long before an end an event tells of it, each once for each deadline; at most 8
 */
public record LeaseTerms(
        Duration ttl,
        Duration grace,
        Optional<Duration> maxLifetime,
        Optional<Instant> expiresAt,
        Duration drain,
        RenewBy renewBy,
        List<Duration> warnings) {
    public LeaseTerms {
        warnings = List.copyOf(warnings);
    }

    /** A time to live and nothing else: what the seed's API knows. */
    public static LeaseTerms of(Duration ttl) {
        return new LeaseTerms(
                ttl, Duration.ZERO, Optional.empty(), Optional.empty(), Duration.ZERO, RenewBy.API, List.of());
    }

    /** The moment that no renewal moves: the earlier of creation plus {@link #maxLifetime} and {@link #expiresAt}; empty for none. */
    public Optional<Instant> hardEnd(Instant createdAt) {
        Optional<Instant> oldest = maxLifetime.map(createdAt::plus);
        if (oldest.isPresent() && expiresAt.isPresent()) {
            return oldest.get().isBefore(expiresAt.get()) ? oldest : expiresAt;
        }
        return oldest.or(() -> expiresAt);
    }

    /** Who renews a lease. */
    public enum RenewBy {
        /** Whoever calls the API. */
        API,
        /** While an agent is connected the lease does not run; it starts when the last one has left, with its whole time. The API renews as well. */
        SESSION
    }
}
