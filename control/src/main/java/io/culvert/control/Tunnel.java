package io.culvert.control;

import java.time.Instant;
import java.util.List;

/**
 * A leased tunnel as readers see it. An immutable snapshot, any thread.
 *
 * @param id never used twice, also across restarts
 * @param bridgePort where the tunnel's agents connect
 */
public record Tunnel(long id, List<Expose> exposes, int bridgePort, String comment, Lease lease, Instant createdAt) {
    public Tunnel {
        exposes = List.copyOf(exposes);
    }
}
