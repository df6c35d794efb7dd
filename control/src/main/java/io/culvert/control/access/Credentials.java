package io.culvert.control.access;

import java.util.Optional;

/**
 * What somebody types in.
 *
 * @param code six digits of the second factor, or a recovery code
 */
public record Credentials(String user, String password, Optional<String> code) {
    @Override
    public String toString() {
        return "Credentials[MASKED]";
    }
}
