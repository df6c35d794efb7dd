package io.culvert.client;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * How long a tunnel lives. Immutable, any thread.
 *
 * @param ttl from one renewal to the deadline; empty: needs no renewal
 * @param grace how long it can still be renewed behind the deadline
 * @param maxLifetime from creation to an end that no renewal moves
 * @param expiresAt the same as a moment; the earlier of both counts
 * @param drain how long visitors who are there may stay at the end; empty: they are cut
 * @param renewedBySession true where the lease does not run while an agent is connected
 * @param warnBefore how long before an end an event {@code expiring} tells of it
 */
public record Lease(
        Optional<Duration> ttl,
        Optional<Duration> grace,
        Optional<Duration> maxLifetime,
        Optional<Instant> expiresAt,
        Optional<Duration> drain,
        boolean renewedBySession,
        List<Duration> warnBefore) {
    public Lease {
        warnBefore = List.copyOf(warnBefore);
    }

    static Lease read(Answer answer) throws IOException {
        return new Lease(
                answer.anySeconds("ttl_seconds"),
                answer.anySeconds("grace_seconds"),
                answer.anySeconds("max_lifetime_seconds"),
                answer.anyTime("expires_at"),
                answer.object(
                        "on_expiry",
                        end -> end.text("action").equals("drain") ? end.anySeconds("drain_seconds") : Optional.empty()),
                answer.text("renew_by").equals("session"),
                answer.durations("warn_before_seconds"));
    }
}
