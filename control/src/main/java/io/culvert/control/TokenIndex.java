package io.culvert.control;

import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * What a tunnel's tokens and credentials are found by: their hashes, so that the time that it takes says neither how many there are
 * nor whether there is such a tunnel. Immutable, any thread.
 */
final class TokenIndex {
    /** Of a tunnel that is not there: searched all the same. No secret has a hash of zeros. */
    static final TokenIndex NOBODYS = of(List.of(nobodys(SecretHash.ofStored(new byte[SecretHash.LENGTH]))));

    /** A credential, and the token that it was exchanged for. */
    record Found(IssuedToken token, SessionCredential credential) {}

    private final Map<SecretHash, IssuedToken> tokens;
    private final Map<SecretHash, Found> credentials;

    private TokenIndex(Map<SecretHash, IssuedToken> tokens, Map<SecretHash, Found> credentials) {
        this.tokens = tokens;
        this.credentials = credentials;
    }

    private static IssuedToken nobodys(SecretHash zeros) {
        return new IssuedToken(
                "",
                zeros,
                "",
                Instant.EPOCH,
                Optional.empty(),
                OptionalInt.empty(),
                0,
                Optional.empty(),
                Optional.empty(),
                List.of(new SessionCredential("", zeros, Instant.EPOCH, Optional.empty())));
    }

    static TokenIndex of(List<IssuedToken> all) {
        Map<SecretHash, IssuedToken> tokens = new HashMap<>();
        Map<SecretHash, Found> credentials = new HashMap<>();
        for (IssuedToken token : all) {
            tokens.put(token.hash(), token);
            for (SessionCredential credential : token.credentials()) {
                Found found = new Found(token, credential);
                credential.former().ifPresent(former -> credentials.putIfAbsent(former.hash(), found));
                // What is good before what was: only an agent that draws the same secret twice has both.
                credentials.put(credential.hash(), found);
            }
        }
        return new TokenIndex(tokens, credentials);
    }

    /** The token with this secret, in whichever state. */
    Optional<IssuedToken> token(SecretHash secret) {
        return Optional.ofNullable(tokens.get(secret));
    }

    /** The credential that lets in whoever shows this secret now; null for none. */
    @Nullable
    Found credential(SecretHash shown, Instant now) {
        Found found = credentials.get(shown);
        return found != null && found.credential().admits(shown, now) ? found : null;
    }
}
