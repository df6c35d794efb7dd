package io.culvert.web.oidc;

import io.culvert.control.caller.Role;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * An identity provider, and what its groups are here. Immutable, any thread.
 *
 * @param issuer its address, exactly as it names itself
 * @param clientId what it calls this server
 * @param clientSecret what it knows this server by; secret; empty for a public client
 * @param groupsClaim the claim that lists somebody's groups
 * @param publicUrl where browsers reach this server: there the provider sends them back to
 * @param standing what members of these groups are
 */
public record Provider(
        URI issuer,
        String clientId,
        Optional<String> clientSecret,
        String groupsClaim,
        URI publicUrl,
        Function<Set<String>, Standing> standing) {
    /** Where the provider sends people back to, below {@code publicUrl}. */
    public static final String CALLBACK = "/ui/oidc/callback";

    /**
     * What somebody is here.
     *
     * @param roles by project
     */
    public record Standing(boolean admin, Map<String, Role> roles) {
        public Standing {
            roles = Map.copyOf(roles);
        }
    }

    /** The whole address of {@link #CALLBACK}, as the provider has it on its list. */
    String redirectUri() {
        return publicUrl.toString().replaceFirst("/+$", "") + CALLBACK;
    }

    @Override
    public String toString() {
        return "Provider[issuer=" + issuer + ", clientId=" + clientId + ", clientSecret="
                + (clientSecret.isPresent() ? "MASKED" : "none") + "]";
    }
}
