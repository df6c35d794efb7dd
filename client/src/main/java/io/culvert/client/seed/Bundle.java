package io.culvert.client.seed;

/**
 * The files for a stock goproxy client of one tunnel. Immutable, any thread.
 *
 * @param certificates for {@code -C}, PEM
 * @param key for {@code -K}, PEM; a secret
 */
public record Bundle(String certificates, String key) {
    /** Without the key. */
    @Override
    public String toString() {
        return "Bundle[key=MASKED]";
    }
}
