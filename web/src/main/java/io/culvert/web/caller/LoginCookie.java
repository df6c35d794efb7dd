package io.culvert.web.caller;

import io.culvert.web.http.Peer;
import io.vertx.core.MultiMap;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The cookie that a login lives in: for this server alone, out of reach of scripts, and never sent along where another site sends somebody
 * here. By HTTPS its name begins with {@code __Host-}, which a browser lets no other host and no plain page set. Stateless, any thread.
 */
public final class LoginCookie {
    private static final String SECURE = "__Host-culvert";
    private static final String PLAIN = "culvert";

    private LoginCookie() {}

    /** The secret that a request carries; empty where it carries none, or several: then one of them was put there by somebody else. */
    static Optional<String> read(MultiMap headers, Peer peer) {
        String prefix = name(peer) + "=";
        List<String> found = headers.getAll("Cookie").stream()
                .flatMap(header -> Arrays.stream(header.split(";", -1)))
                .map(String::strip)
                .filter(pair -> pair.startsWith(prefix))
                .map(pair -> pair.substring(prefix.length()))
                .toList();
        return found.size() == 1 && !found.get(0).isEmpty() ? Optional.of(found.get(0)) : Optional.empty();
    }

    /** What sets it. */
    public static String set(Peer peer, String secret, Duration life) {
        return name(peer) + "=" + secret + "; Path=/; Max-Age=" + Math.max(1, life.toSeconds()) + flags(peer);
    }

    /** What takes it away. */
    public static String gone(Peer peer) {
        return name(peer) + "=; Path=/; Max-Age=0" + flags(peer);
    }

    private static String name(Peer peer) {
        return peer.secure() ? SECURE : PLAIN;
    }

    private static String flags(Peer peer) {
        return (peer.secure() ? "; Secure" : "") + "; HttpOnly; SameSite=Strict";
    }
}
