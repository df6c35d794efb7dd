package io.culvert.app.config;

import io.culvert.app.config.Setting.Section;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An identity provider that speaks OpenID Connect. Immutable, any thread.
 *
 * @param issuer its address, exactly as it names itself
 * @param clientId what it calls this server
 * @param clientSecretFile where the secret stands that it knows this server by; at most one of the two, neither for a public client
 * @param clientSecret the secret itself; secret
 * @param groupsClaim the claim that lists somebody's groups
 * @param groups what groups are here
 */
public record OidcConfig(
        URI issuer,
        String clientId,
        Optional<Path> clientSecretFile,
        Optional<String> clientSecret,
        String groupsClaim,
        List<GroupRole> groups) {
    static final Setting<URI> ISSUER = Setting.of(
            Section.SERVER,
            "oidc-issuer",
            ValueType.URL,
            "Identity provider (OpenID Connect) that people may sign in with; sends them back to PUBLIC_URL/ui/oidc/callback. Needs --public-url.");
    static final Setting<String> CLIENT_ID =
            Setting.of(Section.SERVER, "oidc-client-id", ValueType.WORD, "What the provider calls this server.");
    static final Setting<Path> CLIENT_SECRET_FILE = Setting.of(
            Section.SERVER,
            "oidc-client-secret-file",
            ValueType.PATH,
            "File with the secret that the provider knows this server by. Or the secret itself: ["
                    + Environment.OIDC_CLIENT_SECRET + "], in the environment alone.");
    static final Setting<String> GROUPS_CLAIM = Setting.of(
            Section.SERVER, "oidc-groups-claim", ValueType.WORD, "groups", "The claim that lists somebody's groups.");
    static final Setting<GroupRole> GROUP = Setting.many(
            Section.SERVER,
            "oidc-group",
            ValueType.GROUP,
            "What members of a group of the provider are here; several times for several. Whoever is in none of them is refused.");

    /** The settings of this part. */
    static final List<Setting<?>> SETTINGS = List.of(ISSUER, CLIENT_ID, CLIENT_SECRET_FILE, GROUPS_CLAIM, GROUP);

    public OidcConfig {
        groups = List.copyOf(groups);
    }

    /** Reads this part; empty where no provider is named, or a fault was told. */
    static Optional<OidcConfig> read(Reading reading, Map<String, String> environment, HttpsConfig https) {
        Optional<URI> issuer = reading.find(ISSUER);
        Optional<String> clientId = reading.find(CLIENT_ID);
        Optional<Path> file = reading.find(CLIENT_SECRET_FILE);
        Optional<String> groupsClaim = reading.find(GROUPS_CLAIM);
        List<GroupRole> groups = reading.findAll(GROUP);
        Optional<String> secret = Optional.ofNullable(environment.get(Environment.OIDC_CLIENT_SECRET));
        if (!reading.isSet(ISSUER)) {
            for (Setting<?> each : List.of(CLIENT_ID, CLIENT_SECRET_FILE, GROUPS_CLAIM, GROUP)) {
                if (reading.isSet(each)) {
                    reading.fault(each.name() + ": without oidc-issuer (expected: a provider that it is for)");
                }
            }
            secret.ifPresent(set -> reading.fault("environment " + Environment.OIDC_CLIENT_SECRET
                    + ": without oidc-issuer (expected: a provider that it is for)"));
            return Optional.empty();
        }
        if (!reading.isSet(CLIENT_ID)) {
            reading.fault("oidc-issuer: without oidc-client-id (expected: what the provider calls this server)");
        }
        if (https.publicUrl().isEmpty() && !reading.isSet(HttpsConfig.PUBLIC_URL)) {
            reading.fault("oidc-issuer: without public-url (expected: where the provider sends people back to)");
        }
        issuer.filter(uri -> !isSafe(uri))
                .ifPresent(
                        uri -> reading.fault(
                                "oidc-issuer: '" + uri
                                        + "' (expected: https://…; plain http on this machine alone, as whoever is on the way could become anybody)"));
        https.publicUrl()
                .filter(uri -> !isSafe(uri))
                .ifPresent(uri -> reading.fault("public-url: '" + uri + "' with oidc-issuer (expected: https://…)"));
        if (secret.filter(String::isBlank).isPresent()) {
            reading.fault("environment " + Environment.OIDC_CLIENT_SECRET
                    + ": blank (expected: a secret; unset it for none)");
        }
        if (file.isPresent() && secret.isPresent()) {
            reading.fault(
                    "oidc-client-secret-file: with " + Environment.OIDC_CLIENT_SECRET + " (expected: one of the two)");
        }
        if (issuer.isEmpty() || clientId.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                new OidcConfig(issuer.get(), clientId.get(), file, secret, groupsClaim.orElse("groups"), groups));
    }

    private static boolean isSafe(URI uri) {
        return "https".equals(uri.getScheme()) || Address.of(uri).isLoopback();
    }

    @Override
    public String toString() {
        return "OidcConfig[issuer=" + issuer + ", clientId=" + clientId + ", clientSecretFile="
                + clientSecretFile.map(Path::toString).orElse("none") + ", clientSecret="
                + (clientSecret.isPresent() ? "MASKED" : "none") + ", groupsClaim=" + groupsClaim + ", groups="
                + groups + "]";
    }
}
