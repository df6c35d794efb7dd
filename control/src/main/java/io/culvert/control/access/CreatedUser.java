package io.culvert.control.access;

import java.util.Optional;

/**
 * A user who was made, or has a new password.
 *
 * @param password the random one, told only here; empty where the caller gave one
 */
public record CreatedUser(User user, Optional<String> password) {
    @Override
    public String toString() {
        return "CreatedUser[" + user.name() + ", password=MASKED]";
    }
}
