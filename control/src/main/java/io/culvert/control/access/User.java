package io.culvert.control.access;

import io.culvert.control.caller.Role;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * Somebody who may sign in, as others see it. Immutable, any thread.
 *
 * @param name {@code [a-z0-9][a-z0-9._-]{0,63}}; never changes
 * @param title for people, at most 200 characters
 * @param admin may do everything everywhere
 * @param disabled neither signs in nor has keys that work
 * @param mustChangePassword may do nothing but that
 * @param secondFactor a code is asked for
 * @param external signs in with an identity provider, and has no password
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
        Instant created,
        Optional<Instant> lastLogin,
        Map<String, Role> roles) {
    public User {
        roles = Map.copyOf(roles);
    }
}
