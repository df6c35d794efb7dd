package io.culvert.app.config;

import io.culvert.control.caller.Role;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What members of a provider's group are here: admins, or something in a project. Immutable, any thread.
 *
 * @param group as the provider writes it
 * @param project empty for admins
 * @param role in the project; empty for admins
 */
public record GroupRole(String group, Optional<String> project, Optional<Role> role) {
    private static final Pattern PROJECT = Pattern.compile("[a-z0-9][a-z0-9-]{0,39}");

    /** Reads {@code GROUP=admin} or {@code GROUP=PROJECT:ROLE}; empty where it is neither. */
    static Optional<GroupRole> parse(String text) {
        int equals = text.lastIndexOf('=');
        if (equals < 1) {
            return Optional.empty();
        }
        String group = text.substring(0, equals);
        String what = text.substring(equals + 1);
        if (what.equals("admin")) {
            return Optional.of(new GroupRole(group, Optional.empty(), Optional.empty()));
        }
        int colon = what.indexOf(':');
        String project = colon < 0 ? "" : what.substring(0, colon);
        return PROJECT.matcher(project).matches()
                ? Role.of(what.substring(colon + 1))
                        .map(role -> new GroupRole(group, Optional.of(project), Optional.of(role)))
                : Optional.empty();
    }
}
