package io.culvert.control;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A leased tunnel as readers see it. An immutable snapshot, any thread.
 *
 * @param id never used twice, also across restarts
 * @param bridgePort where the tunnel's agents connect: its own bridge port, or the server's where it has none
 * @param bridge the bridge port of its own, where it has one
 */
public record Tunnel(
        long id,
        List<Expose> exposes,
        int bridgePort,
        Optional<Bridge> bridge,
        String comment,
        Lease lease,
        Instant createdAt) {
    public Tunnel {
        exposes = List.copyOf(exposes);
    }
}
