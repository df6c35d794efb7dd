package io.culvert.control;

import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A public port that is not free for everybody. Immutable, any thread.
 *
 * @param project whose it is
 * @param tunnel who holds it, or held it last; empty for a reservation that was never used
 * @param reservation the name it is kept for; empty where it is not
 * @param until when it is free again, for one in quarantine; empty otherwise
 */
public record PortHolding(
        int port,
        Protocol protocol,
        Use use,
        String project,
        OptionalLong tunnel,
        Optional<String> reservation,
        Optional<Instant> until) {
    /** Why it is not free. */
    public enum Use {
        /** A visitors' port of a living tunnel. */
        EXPOSE,
        /** A bridge port of a living tunnel. */
        BRIDGE,
        /** Kept for a name; no tunnel has it at the moment. */
        RESERVED,
        /** Rests after its last holder; that holder's name and owner may have it back at once. */
        QUARANTINE
    }
}
