package io.culvert.web;

import io.culvert.gateway.identity.KeyedCertificate;
import io.culvert.gateway.identity.ServerIdentity;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Certificates for tests, each of a CA of its own, and clients that trust that CA and no other. */
final class TestTls {
    private TestTls() {}

    static WebCertificate certificate(String... names) {
        try {
            Path directory = Files.createTempDirectory("culvert-test-ca");
            KeyedCertificate made = ServerIdentity.loadOrCreate(directory, InstantSource.system(), new SecureRandom())
                    .web(Set.of(names));
            try (Stream<Path> files = Files.walk(directory)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
            return new WebCertificate(made.chain(), made.key(), false);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The same, as if browsers trusted it. */
    static WebCertificate trusted(WebCertificate certificate) {
        return new WebCertificate(certificate.chain(), certificate.key(), true);
    }

    static SSLContext trusting(WebCertificate... certificates) {
        try {
            KeyStore anchors = KeyStore.getInstance(KeyStore.getDefaultType());
            anchors.load(null, null);
            for (WebCertificate each : List.of(certificates)) {
                anchors.setCertificateEntry("ca" + anchors.size(), each.chain().get(1));
            }
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(anchors);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
