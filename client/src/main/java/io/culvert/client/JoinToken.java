package io.culvert.client;

import java.io.IOException;
import java.time.Instant;
import java.util.Optional;

/**
 * A join token, without its secret. Immutable, any thread.
 *
 * @param id no part of the secret
 * @param state {@code good}, {@code used_up}, {@code expired} or {@code revoked}
 * @param expiresAt empty: as long as the tunnel lives
 * @param uses how often it could be exchanged; empty: any number
 * @param lastUsedAt when it was exchanged, or one of its credentials renewed
 * @param credentials how many agents hold one for it
 */
public record JoinToken(
        String id,
        String state,
        String createdBy,
        Instant createdAt,
        Optional<Instant> expiresAt,
        Optional<Long> uses,
        Optional<Long> usesLeft,
        Optional<Instant> lastUsedAt,
        Optional<Instant> revokedAt,
        int credentials,
        Document document) {
    /**
     * A token and its secret.
     *
     * @param join the line for {@code culvert agent --token-file}, told this once
     */
    public record WithJoin(JoinToken token, String join) {
        static WithJoin read(Answer answer) throws IOException {
            return new WithJoin(JoinToken.read(answer), answer.text("join"));
        }

        /** Without the secret. */
        @Override
        public String toString() {
            return "WithJoin[token=" + token + ", join=MASKED]";
        }
    }

    static JoinToken read(Answer answer) throws IOException {
        return new JoinToken(
                answer.text("id"),
                answer.text("state"),
                answer.text("created_by"),
                answer.time("created_at"),
                answer.anyTime("expires_at"),
                answer.anyNumber("uses"),
                answer.anyNumber("uses_left"),
                answer.anyTime("last_used_at"),
                answer.anyTime("revoked_at"),
                answer.count("credentials"),
                answer.document());
    }
}
