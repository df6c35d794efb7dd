package io.culvert.client;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A key of the API, without its secret. Immutable, any thread.
 *
 * @param prefix its visible beginning
 * @param user whom it acts for
 * @param project the only one that it is good for; empty: all of its user's
 * @param scopes permissions that it leaves
 * @param tunnel the only one that it is good for
 * @param madeBy the id of the key that it was made with
 */
public record Key(
        String id,
        String prefix,
        String title,
        String user,
        Optional<String> project,
        List<String> scopes,
        Optional<Long> tunnel,
        Optional<Instant> expiresAt,
        Instant createdAt,
        Optional<Instant> lastUsed,
        Optional<Instant> revokedAt,
        Optional<String> madeBy,
        Document document) {
    public Key {
        scopes = List.copyOf(scopes);
    }

    /**
     * A key that was just made.
     *
     * @param secret the whole key, told this once
     */
    public record WithSecret(Key key, String secret) {
        static WithSecret read(Answer answer) throws IOException {
            return new WithSecret(Key.read(answer), answer.text("secret"));
        }

        /** Without the secret. */
        @Override
        public String toString() {
            return "WithSecret[key=" + key + ", secret=MASKED]";
        }
    }

    static Key read(Answer answer) throws IOException {
        return new Key(
                answer.text("id"),
                answer.text("prefix"),
                answer.text("title"),
                answer.text("user"),
                answer.anyText("project"),
                answer.texts("scopes"),
                answer.anyNumber("tunnel"),
                answer.anyTime("expires_at"),
                answer.time("created_at"),
                answer.anyTime("last_used"),
                answer.anyTime("revoked_at"),
                answer.anyText("made_by"),
                answer.document());
    }
}
