package io.culvert.gateway.identity;

import java.io.IOException;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * The certificate that a whole goproxy installation shares ({@code certification/proxy.crt|key}): bridge ports of tunnels show it, and
 * clients in the field show it back, as they did to goproxy's own bridge. Immutable, any thread.
 *
 * @param chain PEM blocks of the file, the certificate of {@code key} first
 * @param key its private key
 */
public record SharedCertificate(List<X509Certificate> chain, PrivateKey key) {
    public SharedCertificate {
        chain = List.copyOf(chain);
    }

    /**
     * Reads the two files; waits for the disk.
     *
     * @throws DamagedIdentityException where a file is not PEM of the kind, or the two do not belong together
     * @throws IOException where a file cannot be read
     */
    public static SharedCertificate load(Path certificates, Path key) throws IOException {
        KeyedCertificate loaded = KeyedCertificate.load(certificates, key);
        return new SharedCertificate(loaded.chain(), loaded.key());
    }

    /** The certificate that is shown. */
    public X509Certificate leaf() {
        return chain.get(0);
    }

    /** The certificate's name; no key. */
    @Override
    public String toString() {
        return "SharedCertificate[" + leaf().getSubjectX500Principal() + "]";
    }
}
