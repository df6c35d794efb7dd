package io.culvert.app;

import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Whether everybody believes a certificate: only then browsers may be told to come by HTTPS alone for a year, since with any other they
 * would be shut out for as long. Immutable, any thread.
 */
final class PublicTrust {
    private final Optional<X509TrustManager> roots;

    private PublicTrust(Optional<X509TrustManager> roots) {
        this.roots = roots;
    }

    /** By the roots that this Java has, which on Debian are those of the system. */
    static PublicTrust ofThisJava() {
        return of(null);
    }

    /** @param anchors whom everybody believes; null for those of this Java */
    static PublicTrust of(@Nullable KeyStore anchors) {
        try {
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(anchors);
            for (TrustManager each : factory.getTrustManagers()) {
                if (each instanceof X509TrustManager manager) {
                    return new PublicTrust(Optional.of(manager));
                }
            }
            return new PublicTrust(Optional.empty());
        } catch (GeneralSecurityException e) {
            // A Java without roots believes nobody.
            return new PublicTrust(Optional.empty());
        }
    }

    /** @param chain the server's certificate first */
    boolean believes(List<X509Certificate> chain) {
        try {
            if (roots.isPresent()) {
                roots.get().checkServerTrusted(chain.toArray(X509Certificate[]::new), "UNKNOWN");
                return true;
            }
            return false;
        } catch (CertificateException | IllegalArgumentException e) {
            return false;
        }
    }
}
