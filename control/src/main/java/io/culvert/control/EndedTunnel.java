package io.culvert.control;

import java.time.Instant;
import java.util.Optional;

/**
 * A tunnel that is no more, as it stays readable for a day. Immutable, any thread.
 *
 * @param tunnel as it was at its end; its status is {@link TunnelState#ENDED} with the reason
 * @param traffic what it carried over its life
 * @param key what its creator named the request that created it, where there was a name
 */
public record EndedTunnel(Tunnel tunnel, Traffic traffic, Optional<IdempotencyKey> key) {
    /** The same with other counts. */
    EndedTunnel with(Traffic last) {
        return new EndedTunnel(tunnel, last, key);
    }

    /** When it ended, by the wall clock. */
    public Instant at() {
        return tunnel.status().since();
    }
}
