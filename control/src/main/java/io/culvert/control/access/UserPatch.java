package io.culvert.control.access;

import java.util.Optional;

/**
 * What is to be another way; empty for as it is.
 *
 * @param password a new one, which the user must change at the next login; all logins of the user end
 * @param dropSecondFactor true for a user who has lost it
 */
public record UserPatch(
        Optional<String> title,
        Optional<Boolean> admin,
        Optional<Boolean> disabled,
        Optional<String> password,
        boolean dropSecondFactor) {
    @Override
    public String toString() {
        return "UserPatch[title=" + title + ", admin=" + admin + ", disabled=" + disabled + ", password="
                + password.map(it -> "MASKED") + ", dropSecondFactor=" + dropSecondFactor + "]";
    }
}
