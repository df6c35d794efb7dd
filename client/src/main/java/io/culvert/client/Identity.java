package io.culvert.client;

import java.io.IOException;
import java.util.List;

/**
 * Who the caller is. Immutable, any thread.
 *
 * @param kind how that was known: {@code key}; {@code open} where nobody is asked
 * @param name what logs and audit call the caller
 * @param admin may do everything everywhere, whatever the scopes leave of it
 * @param roles in projects
 * @param scopes permissions that the key leaves
 */
public record Identity(
        String kind, String name, boolean admin, List<Role> roles, List<String> scopes, Document document) {
    public Identity {
        roles = List.copyOf(roles);
        scopes = List.copyOf(scopes);
    }

    /** What the caller is in a project. */
    public record Role(String project, String role) {
        static Role read(Answer answer) throws IOException {
            return new Role(answer.text("name"), answer.text("role"));
        }
    }

    static Identity read(Answer answer) throws IOException {
        return new Identity(
                answer.text("kind"),
                answer.text("name"),
                answer.truth("admin"),
                answer.list("projects", Role::read),
                answer.texts("scopes"),
                answer.document());
    }
}
