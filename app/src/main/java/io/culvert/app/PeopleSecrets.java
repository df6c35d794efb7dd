package io.culvert.app;

import io.culvert.app.config.ConfigException;
import io.culvert.app.config.GroupRole;
import io.culvert.app.config.OidcConfig;
import io.culvert.app.config.ServerConfig;
import io.culvert.control.caller.Role;
import io.culvert.web.oidc.Provider;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What stands in files about people who come in. Immutable, any thread.
 *
 * @param adminPasswordFile where the first password of {@code admin} stands; empty for a random one
 * @param provider who else vouches for people
 */
record PeopleSecrets(Optional<Path> adminPasswordFile, Optional<Provider> provider) {
    /** Reads the files but for that of the first password; waits for the disk. */
    static PeopleSecrets read(ServerConfig config) throws ConfigException {
        Optional<OidcConfig> oidc = config.logins().provider();
        return new PeopleSecrets(
                config.logins().adminPasswordFile(),
                oidc.isPresent() ? Optional.of(provider(oidc.get(), config)) : Optional.empty());
    }

    /** The first password of {@code admin}; secret; empty for a random one. Read where there is no user yet: later the file may be gone. */
    Optional<String> adminPassword() throws ConfigException {
        return adminPasswordFile.isPresent()
                ? Optional.of(LineFile.read("admin-password-file", adminPasswordFile.get()))
                : Optional.empty();
    }

    private static Provider provider(OidcConfig oidc, ServerConfig config) throws ConfigException {
        Optional<String> secret = oidc.clientSecretFile().isPresent()
                ? Optional.of(LineFile.read(
                        "oidc-client-secret-file", oidc.clientSecretFile().get()))
                : oidc.clientSecret();
        return new Provider(
                oidc.issuer(),
                oidc.clientId(),
                secret,
                oidc.groupsClaim(),
                config.https().publicUrl().orElseThrow(),
                groups -> standing(oidc.groups(), groups));
    }

    /** The most of what the groups bring. */
    static Provider.Standing standing(List<GroupRole> rules, Set<String> groups) {
        boolean admin = false;
        Map<String, Role> roles = new HashMap<>();
        for (GroupRole rule : rules) {
            if (!groups.contains(rule.group())) {
                continue;
            }
            if (rule.project().isPresent() && rule.role().isPresent()) {
                roles.merge(
                        rule.project().get(),
                        rule.role().get(),
                        (one, other) -> one.compareTo(other) > 0 ? one : other);
            } else {
                admin = true;
            }
        }
        return new Provider.Standing(admin, roles);
    }
}
