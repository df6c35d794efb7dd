package io.culvert.client;

import java.io.IOException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * Somebody who may sign in. Immutable, any thread.
 *
 * @param name never changes
 * @param admin may do everything everywhere
 * @param disabled neither signs in nor has keys that work
 * @param external signs in with an identity provider
 * @param roles by project
 */
public record User(
        String name,
        String title,
        boolean admin,
        boolean disabled,
        boolean mustChangePassword,
        boolean secondFactor,
        boolean external,
        Instant createdAt,
        Optional<Instant> lastLogin,
        Map<String, String> roles,
        Document document) {
    public User {
        roles = Map.copyOf(roles);
    }

    /**
     * A user that was just made.
     *
     * @param password the one that the server made, told this once; empty where one was given
     */
    public record WithPassword(User user, Optional<String> password) {
        static WithPassword read(Answer answer) throws IOException {
            return new WithPassword(User.read(answer), answer.anyText("password"));
        }

        /** Without the password. */
        @Override
        public String toString() {
            return "WithPassword[user=" + user + ", password=MASKED]";
        }
    }

    static User read(Answer answer) throws IOException {
        return new User(
                answer.text("name"),
                answer.text("title"),
                answer.truth("admin"),
                answer.truth("disabled"),
                answer.truth("must_change_password"),
                answer.truth("second_factor"),
                answer.truth("external"),
                answer.time("created_at"),
                answer.anyTime("last_login"),
                answer.map("roles"),
                answer.document());
    }
}
