package io.culvert.control.sql;

import java.util.Optional;

/**
 * Which PostgreSQL database, and as whom. Immutable, any thread.
 *
 * @param url {@code jdbc:postgresql://HOST[:PORT]/DATABASE}, with {@code ?user=…&sslmode=…} where wanted and without a password:
 *     the URL stands in messages
 * @param user the role; empty where the URL names it, or it is called as the system's user
 * @param password secret; empty where the server asks for none, or the driver finds it in the file that {@code PGPASSFILE} names
 */
public record PostgresLogin(String url, Optional<String> user, Optional<String> password) {
    private static final String SCHEME = "jdbc:postgresql://";

    public PostgresLogin {
        if (!url.startsWith(SCHEME)) {
            throw new IllegalArgumentException("url: another database's (expected: " + SCHEME + "HOST/DATABASE)");
        }
        if (url.contains("password=")) {
            throw new IllegalArgumentException("url: with a password (expected: a URL that may be shown)");
        }
    }

    @Override
    public String toString() {
        return "PostgresLogin[url=" + url + ", user=" + user.orElse("as in the url") + ", password="
                + (password.isPresent() ? "MASKED" : "none") + "]";
    }
}
