package io.culvert.gateway.identity;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;

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
        SharedCertificate loaded = new SharedCertificate(certificates(certificates), key(key));
        if (!belongTogether(loaded.leaf(), loaded.key())) {
            throw new DamagedIdentityException(
                    certificates + " and " + key + ": not a pair (expected: the key of the certificate)");
        }
        return loaded;
    }

    /** The certificate that is shown. */
    public X509Certificate leaf() {
        return chain.get(0);
    }

    private static List<X509Certificate> certificates(Path file) throws IOException {
        try (var in = Files.newInputStream(file)) {
            List<X509Certificate> found = new ArrayList<>();
            CertificateFactory.getInstance("X.509")
                    .generateCertificates(in)
                    .forEach(each -> found.add((X509Certificate) each));
            if (found.isEmpty()) {
                throw new DamagedIdentityException(file + ": no certificate (expected: PEM)");
            }
            return found;
        } catch (GeneralSecurityException e) {
            throw new DamagedIdentityException(file + ": no readable certificate (expected: PEM)", e);
        }
    }

    private static PrivateKey key(Path file) throws IOException {
        try (Reader in = Files.newBufferedReader(file);
                PEMParser parser = new PEMParser(in)) {
            Object found = parser.readObject();
            JcaPEMKeyConverter converter = new JcaPEMKeyConverter();
            if (found instanceof PEMKeyPair pair) {
                // Not as a pair: the public half may be left out of a SEC1 file.
                return converter.getPrivateKey(pair.getPrivateKeyInfo());
            }
            if (found instanceof PrivateKeyInfo info) {
                return converter.getPrivateKey(info);
            }
            throw new DamagedIdentityException(file + ": no private key (expected: PEM, not encrypted)");
        }
    }

    private static boolean belongTogether(X509Certificate certificate, PrivateKey key) throws IOException {
        String algorithm = "RSA".equals(key.getAlgorithm()) ? "SHA256withRSA" : "SHA256withECDSA";
        byte[] probe = {1, 2, 3};
        try {
            Signature signer = Signature.getInstance(algorithm);
            signer.initSign(key);
            signer.update(probe);
            byte[] signed = signer.sign();
            signer.initVerify(certificate.getPublicKey());
            signer.update(probe);
            return signer.verify(signed);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    /** The certificate's name; no key. */
    @Override
    public String toString() {
        return "SharedCertificate[" + leaf().getSubjectX500Principal() + "]";
    }
}
