package io.culvert.control.access;

import io.culvert.control.caller.Permission;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * A key, without its secret, which nobody has but who it was told to. It acts for its user, cut down to scopes, project and tunnel. Immutable,
 * any thread.
 *
 * @param id eight characters; see {@link #prefix}
 * @param title for people, at most 200 characters
 * @param user whom it acts for
 * @param project the only one that it is good for; empty for all of the user's
 * @param scopes what is left of the user's permissions
 * @param tunnel the only one that it is good for
 * @param expires from when on it is worth nothing
 * @param lastUsed to the minute after a restart
 * @param revoked since when it is worth nothing; it stays in lists for 30 days
 * @param madeBy the id of the key that it was made with; it is revoked with that one
 */
public record ApiKey(
        String id,
        String title,
        String user,
        Optional<String> project,
        Set<Permission> scopes,
        OptionalLong tunnel,
        Optional<Instant> expires,
        Instant created,
        Optional<Instant> lastUsed,
        Optional<Instant> revoked,
        Optional<String> madeBy) {
    /** What every key begins with. */
    public static final String MARK = "cvk_";

    public ApiKey {
        scopes = Set.copyOf(scopes);
    }

    /** The visible beginning of the key: enough to tell it from others, not to use it. */
    public String prefix() {
        return MARK + id;
    }
}
