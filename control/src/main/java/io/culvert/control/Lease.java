package io.culvert.control;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * The promise that a tunnel ends unless somebody renews it. Immutable, any thread.
 *
 * @param ttl the time from one heartbeat to the end; zero or less never ends
 * @param lastHeartbeat wall-clock time of the last heartbeat, of creation where there was none
 */
public record Lease(Duration ttl, Instant lastHeartbeat) {
    /** False where the tunnel never ends by itself. */
    public boolean expires() {
        return ttl.compareTo(Duration.ZERO) > 0;
    }

    /** When the lease runs out unless renewed, by the wall clock (for people: the lease itself runs on a monotonic clock). */
    public Optional<Instant> deadline() {
        return expires() ? Optional.of(lastHeartbeat.plus(ttl)) : Optional.empty();
    }
}
