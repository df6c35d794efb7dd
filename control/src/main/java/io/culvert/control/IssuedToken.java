package io.culvert.control;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A join token of a tunnel beside the one that its creation answered: an agent exchanges it for a {@link SessionCredential}. Immutable, any
 * thread.
 *
 * @param id names it within its tunnel, 16 hex digits; no part of its secret
 * @param hash of its secret
 * @param createdBy the {@link Caller#name}
 * @param expiresAt from when on it is exchanged no more; what it was exchanged for lives on
 * @param uses how often it may be exchanged at all, 1 to 100; empty for any number
 * @param used how often it was
 * @param lastUsed when it was exchanged or one of its credentials renewed
 * @param revokedAt when it ended, with all that it was exchanged for
 * @param credentials what it was exchanged for and is still good
 */
public record IssuedToken(
        String id,
        SecretHash hash,
        String createdBy,
        Instant createdAt,
        Optional<Instant> expiresAt,
        OptionalInt uses,
        int used,
        Optional<Instant> lastUsed,
        Optional<Instant> revokedAt,
        List<SessionCredential> credentials) {
    public IssuedToken {
        credentials = List.copyOf(credentials);
    }

    /** What a token is worth at the door. */
    public enum State {
        /** It can be exchanged. */
        GOOD,
        /** As often as it may be, it was. */
        USED_UP,
        /** Its time is over. */
        EXPIRED,
        /** Somebody revoked it. */
        REVOKED
    }

    /** Its state at a moment. */
    public State state(Instant now) {
        if (revokedAt.isPresent()) {
            return State.REVOKED;
        }
        if (uses.isPresent() && used >= uses.getAsInt()) {
            return State.USED_UP;
        }
        return expiresAt.filter(end -> !now.isBefore(end)).isPresent() ? State.EXPIRED : State.GOOD;
    }

    /** How often it can still be exchanged, as far as that is counted. */
    public OptionalInt usesLeft() {
        return uses.isPresent() ? OptionalInt.of(Math.max(0, uses.getAsInt() - used)) : uses;
    }

    /** Whether nothing can come of it any more. */
    boolean dead(Instant now) {
        return state(now) != State.GOOD && credentials.isEmpty();
    }

    IssuedToken exchanged(List<SessionCredential> now, Instant at) {
        return new IssuedToken(
                id,
                hash,
                createdBy,
                createdAt,
                expiresAt,
                uses,
                used == Integer.MAX_VALUE ? used : used + 1,
                Optional.of(at),
                revokedAt,
                now);
    }

    IssuedToken with(List<SessionCredential> now, Optional<Instant> usedAt) {
        return new IssuedToken(id, hash, createdBy, createdAt, expiresAt, uses, used, usedAt, revokedAt, now);
    }

    IssuedToken revoked(Instant at) {
        return new IssuedToken(
                id, hash, createdBy, createdAt, expiresAt, uses, used, lastUsed, Optional.of(at), List.of());
    }
}
