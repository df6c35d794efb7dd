package io.culvert.web.oidc;

import io.culvert.web.http.Peer;
import io.vertx.core.MultiMap;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * One try to sign in, on its way to the provider and back. It is kept by the browser that began it, in a cookie: who is sent back here with
 * an answer that another browser asked for has no such cookie, and the server keeps nothing for those who never come back. Immutable, any
 * thread.
 *
 * @param state comes back with the answer
 * @param nonce comes back inside the token
 * @param verifier shows at the token endpoint that it was we who asked (PKCE)
 */
record Attempt(String state, String nonce, String verifier) {
    private static final String NAME = "culvert-oidc";
    private static final int RANDOM_BYTES = 32;
    private static final int LIFE_SECONDS = 600;

    static Attempt begin(SecureRandom random) {
        return new Attempt(text(random), text(random), text(random));
    }

    /** The one that a browser brings back; empty where it brings none, or one that is none. */
    static Optional<Attempt> read(MultiMap headers, Peer peer) {
        String prefix = name(peer) + "=";
        List<String> found = headers.getAll("Cookie").stream()
                .flatMap(header -> Arrays.stream(header.split(";", -1)))
                .map(String::strip)
                .filter(pair -> pair.startsWith(prefix))
                .map(pair -> pair.substring(prefix.length()))
                .toList();
        if (found.size() != 1) {
            return Optional.empty();
        }
        String[] parts = found.get(0).split("\\.", -1);
        return parts.length == 3 && Arrays.stream(parts).allMatch(part -> part.length() == 43)
                ? Optional.of(new Attempt(parts[0], parts[1], parts[2]))
                : Optional.empty();
    }

    /** Sent along where the provider sends somebody back, so not {@code Strict}. */
    String cookie(Peer peer) {
        return name(peer) + "=" + state + "." + nonce + "." + verifier + "; Path=/; Max-Age=" + LIFE_SECONDS
                + flags(peer);
    }

    static String gone(Peer peer) {
        return name(peer) + "=; Path=/; Max-Age=0" + flags(peer);
    }

    /** Whether an answer is the one to this. */
    boolean isAnsweredBy(String said) {
        return MessageDigest.isEqual(state.getBytes(StandardCharsets.US_ASCII), said.getBytes(StandardCharsets.UTF_8));
    }

    /** SHA-256 of the verifier, in base64url: what the provider is told beforehand. */
    String challenge() {
        try {
            return Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString(
                            MessageDigest.getInstance("SHA-256").digest(verifier.getBytes(StandardCharsets.US_ASCII)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private static String text(SecureRandom random) {
        byte[] bytes = new byte[RANDOM_BYTES];
        random.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static String name(Peer peer) {
        return (peer.secure() ? "__Host-" : "") + NAME;
    }

    private static String flags(Peer peer) {
        return (peer.secure() ? "; Secure" : "") + "; HttpOnly; SameSite=Lax";
    }

    @Override
    public String toString() {
        return "Attempt[MASKED]";
    }
}
