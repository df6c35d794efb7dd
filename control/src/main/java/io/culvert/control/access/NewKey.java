package io.culvert.control.access;

import io.culvert.control.caller.Permission;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * A key that is wanted.
 *
 * @param user whom it is to act for; empty for the caller. Only an admin makes keys for others
 * @param project the only one; must be there where a tunnel is given
 * @param scopes at least one
 * @param tunnel the only one; whether it is in the project is for the caller of this to see to
 * @param expires in the future; empty for never
 */
public record NewKey(
        String title,
        Optional<String> user,
        Optional<String> project,
        Set<Permission> scopes,
        OptionalLong tunnel,
        Optional<Instant> expires) {
    public NewKey {
        scopes = Set.copyOf(scopes);
    }
}
