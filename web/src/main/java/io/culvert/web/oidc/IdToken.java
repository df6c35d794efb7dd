package io.culvert.web.oidc;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import java.text.ParseException;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import java.util.Set;

/**
 * Believes a token, or not: signed by a key of the provider with an algorithm of public keys (never with the client's secret, never with
 * none), for us, by the provider, in time, and the answer to our own question. Stateless, any thread.
 */
final class IdToken {
    private static final Set<JWSAlgorithm> ALGORITHMS = Set.of(
            JWSAlgorithm.RS256,
            JWSAlgorithm.RS384,
            JWSAlgorithm.RS512,
            JWSAlgorithm.PS256,
            JWSAlgorithm.PS384,
            JWSAlgorithm.PS512,
            JWSAlgorithm.ES256,
            JWSAlgorithm.ES384,
            JWSAlgorithm.ES512);
    private static final int SKEW_SECONDS = 60;

    private IdToken() {}

    /**
     * What it says of somebody.
     *
     * @throws ProviderException without a part of the token in its message
     */
    static JWTClaimsSet believe(String token, JWKSet keys, Provider provider, String nonce, InstantSource clock) {
        DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();
        processor.setJWSKeySelector(new JWSVerificationKeySelector<>(ALGORITHMS, new ImmutableJWKSet<>(keys)));
        JWTClaimsSet exact = new JWTClaimsSet.Builder()
                .issuer(provider.issuer().toString())
                .claim("nonce", nonce)
                .build();
        DefaultJWTClaimsVerifier<SecurityContext> claims =
                new DefaultJWTClaimsVerifier<>(provider.clientId(), exact, Set.of("sub", "exp", "iat")) {
                    @Override
                    protected Date currentTime() {
                        return Date.from(clock.instant());
                    }
                };
        claims.setMaxClockSkew(SKEW_SECONDS);
        processor.setJWTClaimsSetVerifier(claims);
        try {
            JWTClaimsSet said = processor.process(token, null);
            List<String> audience = said.getAudience();
            if (audience.size() > 1 && !provider.clientId().equals(said.getStringClaim("azp"))) {
                throw new TokenException(
                        "token: for several, and not by our own asking (expected: azp " + provider.clientId() + ")");
            }
            return said;
        } catch (ParseException e) {
            throw new TokenException("token: not a signed JWT", e);
        } catch (BadJOSEException | JOSEException e) {
            // Its words name the check, not what was checked.
            throw new TokenException("token: not believed: " + e.getMessage());
        }
    }
}
