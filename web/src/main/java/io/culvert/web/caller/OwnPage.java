package io.culvert.web.caller;

import io.culvert.control.access.Visit;
import io.culvert.web.http.Peer;
import io.culvert.web.input.Refusal;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Keeps pages of other sites from using somebody's login. A browser sends the cookie along by itself, so a change must also carry what only
 * our own page knows; and what the browser says of where it comes from must not speak against it. Stateless, any thread.
 */
final class OwnPage {
    private static final Set<HttpMethod> READING = Set.of(HttpMethod.GET, HttpMethod.HEAD);

    private OwnPage() {}

    /** Refuses with 403 what a browser says to come from elsewhere. */
    static void check(HttpServerRequest request, Peer peer) {
        MultiMap headers = request.headers();
        @Nullable String site = headers.get("Sec-Fetch-Site");
        if (site != null && !site.equals("same-origin") && !site.equals("none")) {
            throw elsewhere("Sec-Fetch-Site");
        }
        @Nullable String origin = headers.get("Origin");
        @Nullable String host = headers.get("Host");
        if (origin != null
                && !origin.toLowerCase(Locale.ROOT)
                        .equals((peer.secure() ? "https://" : "http://")
                                + (host == null ? "" : host.toLowerCase(Locale.ROOT)))) {
            throw elsewhere("Origin");
        }
    }

    /** The same, and refuses a change that does not carry the login's token. */
    static void check(HttpServerRequest request, Peer peer, Visit visit) {
        check(request, peer);
        if (READING.contains(request.method())) {
            return;
        }
        @Nullable String token = request.getHeader("X-CSRF-Token");
        if (token == null || !MessageDigest.isEqual(bytes(token), bytes(visit.csrf()))) {
            throw new Refusal(
                    403,
                    "X-CSRF-Token: " + (token == null ? "none" : "another login's")
                            + " (expected: 'csrf' of GET /api/v1/session)");
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static Refusal elsewhere(String header) {
        return new Refusal(403, header + ": sent by a page of another site (expected: this server's own page)");
    }
}
