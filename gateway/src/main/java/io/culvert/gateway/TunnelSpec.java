package io.culvert.gateway;

import java.util.List;
import java.util.Optional;

/**
 * What the data plane needs to know of a tunnel. Immutable, any thread.
 *
 * @param id the tunnel's number; never used twice
 * @param exposes at least one; all come up or none does
 * @param bridge a bridge port of the tunnel's own, where it has one; it comes up with the exposes
 */
public record TunnelSpec(long id, List<ExposeSpec> exposes, Optional<BridgeSpec> bridge) {
    public TunnelSpec {
        exposes = List.copyOf(exposes);
        if (exposes.isEmpty()) {
            throw new IllegalArgumentException("tunnel " + id + ": no exposes (expected: at least one)");
        }
    }

    /** A tunnel whose agents come to the server's bridge port only. */
    public TunnelSpec(long id, List<ExposeSpec> exposes) {
        this(id, exposes, Optional.empty());
    }
}
