package io.culvert.gateway;

import java.util.List;
import java.util.Optional;

/**
 * What the data plane needs to know of a tunnel. Immutable, any thread.
 *
 * @param id the tunnel's number; never used twice
 * @param exposes at least one; all come up or none does
 * @param bridge a bridge port of the tunnel's own, where it has one; it comes up with the exposes
 * @param policies in force from the first visitor on
 * @param counted where its counts begin: what it carried in an earlier process
 * @param project whose tunnel it is; see {@link DataPlane#allow}
 * @param paused true where it opens without taking visitors, as after {@link DataPlane#pause}
 */
public record TunnelSpec(
        long id,
        List<ExposeSpec> exposes,
        Optional<BridgeSpec> bridge,
        Policies policies,
        Counts counted,
        String project,
        boolean paused) {
    public TunnelSpec {
        exposes = List.copyOf(exposes);
        if (exposes.isEmpty()) {
            throw new IllegalArgumentException("tunnel " + id + ": no exposes (expected: at least one)");
        }
    }

    /** A tunnel of a project that has a name of no meaning. */
    public TunnelSpec(
            long id,
            List<ExposeSpec> exposes,
            Optional<BridgeSpec> bridge,
            Policies policies,
            Counts counted,
            boolean paused) {
        this(id, exposes, bridge, policies, counted, "", paused);
    }

    /** A new tunnel without policies. */
    public TunnelSpec(long id, List<ExposeSpec> exposes, Optional<BridgeSpec> bridge) {
        this(id, exposes, bridge, Policies.NONE, Counts.ZERO, false);
    }

    /** A tunnel whose agents come to the server's bridge port only. */
    public TunnelSpec(long id, List<ExposeSpec> exposes) {
        this(id, exposes, Optional.empty());
    }
}
