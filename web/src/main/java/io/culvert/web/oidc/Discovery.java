package io.culvert.web.oidc;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a provider says of itself. Immutable, any thread.
 *
 * @param userInfo where more is told of somebody; may be missing
 * @param namesIssuer true where it promises to name itself when it sends people back (RFC 9207)
 * @param secretInBody true where it takes the client's secret in the body alone
 */
record Discovery(
        URI authorization, URI token, URI keys, Optional<URI> userInfo, boolean namesIssuer, boolean secretInBody) {
    /** Reads the document of {@code /.well-known/openid-configuration}; a provider that calls itself something else is another one. */
    static Discovery of(JsonObject document, URI issuer) {
        @Nullable String named = document.getString("issuer");
        if (!issuer.toString().equals(named)) {
            throw new ProviderException("issuer: '" + named + "' (expected: '" + issuer + "', exactly)");
        }
        boolean plain = "http".equals(issuer.getScheme());
        JsonArray methods = document.getJsonArray("token_endpoint_auth_methods_supported", new JsonArray());
        return new Discovery(
                endpoint(document, "authorization_endpoint", plain),
                endpoint(document, "token_endpoint", plain),
                endpoint(document, "jwks_uri", plain),
                document.containsKey("userinfo_endpoint")
                        ? Optional.of(endpoint(document, "userinfo_endpoint", plain))
                        : Optional.empty(),
                document.getBoolean("authorization_response_iss_parameter_supported", false),
                methods.contains("client_secret_post") && !methods.contains("client_secret_basic"));
    }

    private static URI endpoint(JsonObject document, String name, boolean plain) {
        @Nullable String text = document.getString(name);
        try {
            URI uri = new URI(text == null ? "" : text);
            boolean safe =
                    "https".equals(uri.getScheme()) || (plain && "http".equals(uri.getScheme()) && isLoopback(uri));
            if (safe && uri.getHost() != null) {
                return uri;
            }
        } catch (URISyntaxException e) {
            // told below
        }
        throw new ProviderException(name + ": '" + text + "' (expected: https://…)");
    }

    private static boolean isLoopback(URI uri) {
        String host = String.valueOf(uri.getHost()).replaceAll("[\\[\\]]", "");
        try {
            // Only literals and localhost: no name server is asked.
            return host.equals("localhost")
                    || ((host.matches("[0-9.]+") || host.indexOf(':') >= 0)
                            && InetAddress.getByName(host).isLoopbackAddress());
        } catch (UnknownHostException e) {
            return false;
        }
    }
}
