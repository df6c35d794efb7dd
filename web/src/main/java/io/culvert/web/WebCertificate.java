package io.culvert.web;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * What HTTPS shows, and what proves it. Immutable, any thread.
 *
 * @param chain the certificate of {@code key}, then those that vouch for it; at least one
 * @param key secret
 * @param publiclyTrusted true where every browser believes it: then browsers are told to come by HTTPS only
 */
public record WebCertificate(List<X509Certificate> chain, PrivateKey key, boolean publiclyTrusted) {
    public WebCertificate {
        chain = List.copyOf(chain);
        if (chain.isEmpty()) {
            throw new IllegalArgumentException("chain: empty (expected: at least one certificate)");
        }
    }

    /** The certificate's name; no key. */
    @Override
    public String toString() {
        return "WebCertificate[" + chain.get(0).getSubjectX500Principal() + "]";
    }
}
