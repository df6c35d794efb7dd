package io.culvert.gateway;

import java.util.List;

/**
 * What the data plane needs to know of a tunnel. Immutable, any thread.
 *
 * @param id the tunnel's number; never used twice
 * @param exposes at least one; all come up or none does
 */
public record TunnelSpec(long id, List<ExposeSpec> exposes) {
    public TunnelSpec {
        exposes = List.copyOf(exposes);
        if (exposes.isEmpty()) {
            throw new IllegalArgumentException("tunnel " + id + ": no exposes (expected: at least one)");
        }
    }
}
