package io.culvert.control.access;

import io.culvert.control.caller.Role;
import java.util.Map;

/**
 * Somebody whom an identity provider vouches for.
 *
 * @param subject issuer and subject in one text, which the provider gives to nobody else; at most 500 characters
 * @param name what the user is to be called at the first sign-in; refused where another user has it
 * @param admin as the provider's groups have it now
 * @param roles as the provider's groups have them now; projects that are not there are left out
 */
public record ExternalUser(String subject, String name, String title, boolean admin, Map<String, Role> roles) {
    public ExternalUser {
        roles = Map.copyOf(roles);
    }
}
