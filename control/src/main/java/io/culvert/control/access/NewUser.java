package io.culvert.control.access;

import java.util.Optional;

/**
 * A user who is wanted.
 *
 * @param password empty for a random one, which the answer tells once; either is good until it was changed at the first login
 */
public record NewUser(String name, String title, boolean admin, Optional<String> password) {
    @Override
    public String toString() {
        return "NewUser[" + name + ", admin=" + admin + ", password=MASKED]";
    }
}
