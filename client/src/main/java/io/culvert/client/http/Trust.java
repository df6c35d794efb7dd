package io.culvert.client.http;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/** Whom a client takes for a server. Any thread. */
public final class Trust {
    private Trust() {}

    /**
     * Whom the system trusts, and the authorities of a file.
     *
     * @param authorities PEM, at least one certificate
     * @throws IOException where the file cannot be read, or holds none; the message names it
     */
    public static SSLContext withAuthorities(Path authorities) throws IOException {
        try (InputStream in = Files.newInputStream(authorities)) {
            Collection<? extends Certificate> more =
                    CertificateFactory.getInstance("X.509").generateCertificates(in);
            if (more.isEmpty()) {
                throw new IOException(authorities + ": no certificate in it (expected: PEM)");
            }
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            int number = 0;
            for (Certificate each :
                    Stream.concat(system().stream(), more.stream()).toList()) {
                store.setCertificateEntry("ca-" + number++, each);
            }
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, factory(store).getTrustManagers(), null);
            return context;
        } catch (CertificateException e) {
            throw new IOException(authorities + ": no certificate in it (expected: PEM)", e);
        } catch (GeneralSecurityException e) {
            throw new IOException(authorities + ": " + e.getMessage(), e);
        }
    }

    private static List<X509Certificate> system() throws GeneralSecurityException {
        return Arrays.stream(factory(null).getTrustManagers())
                .flatMap(each -> each instanceof X509TrustManager known
                        ? Arrays.stream(known.getAcceptedIssuers())
                        : Stream.empty())
                .toList();
    }

    /** @param store null for the system's */
    private static TrustManagerFactory factory(@Nullable KeyStore store) throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory;
    }
}
