package io.culvert.control;

import java.time.Instant;
import java.util.Optional;

/**
 * What an agent has in exchange for a join token: it drew the secret itself, and shows it whenever it connects. Immutable, any thread.
 *
 * @param id names it within the server, 16 hex digits; the grant of its sessions
 * @param hash of the secret
 * @param endsAt from when on it is good no more, unless it is renewed before
 * @param former the secret that this one took the place of; gone as soon as this one was shown
 */
public record SessionCredential(String id, SecretHash hash, Instant endsAt, Optional<Former> former) {
    /**
     * A secret that was renewed, in case the agent has not heard of that.
     *
     * @param endsAt its own end
     */
    public record Former(SecretHash hash, Instant endsAt) {}

    /** Whether an agent that shows this may come in. */
    boolean admits(SecretHash shown, Instant now) {
        return (hash.matches(shown) && now.isBefore(endsAt)) || isFormer(shown, now);
    }

    boolean isFormer(SecretHash shown, Instant now) {
        return former.filter(old -> old.hash().matches(shown) && now.isBefore(old.endsAt()))
                .isPresent();
    }

    /** The same once its own secret was shown. */
    SessionCredential settled() {
        return new SessionCredential(id, hash, endsAt, Optional.empty());
    }
}
