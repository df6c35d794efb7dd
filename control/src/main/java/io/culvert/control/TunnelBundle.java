package io.culvert.control;

/**
 * What a stock goproxy agent needs to serve one tunnel. Immutable, any thread.
 *
 * @param certificates for {@code -C}: PEM, the agent's own certificate first, then what it shall trust
 * @param key for {@code -K}: PEM; a secret
 * @param fingerprint SHA-256 of the agent's own certificate: by it the agent is known
 */
public record TunnelBundle(String certificates, String key, SecretHash fingerprint) {
    /** Without the key. */
    @Override
    public String toString() {
        return "TunnelBundle[key=MASKED]";
    }
}
