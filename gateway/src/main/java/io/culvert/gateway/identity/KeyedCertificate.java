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
 * Certificates and the key that proves the first of them. Immutable, any thread.
 *
 * @param chain the certificate of {@code key}, then those that vouch for it, where there are some
 * @param key its private key
 */
public record KeyedCertificate(List<X509Certificate> chain, PrivateKey key) {
    public KeyedCertificate {
        chain = List.copyOf(chain);
    }

    /**
     * Reads the two files; waits for the disk.
     *
     * @throws DamagedIdentityException where a file is not PEM of the kind, or the two do not belong together
     * @throws IOException where a file cannot be read
     */
    public static KeyedCertificate load(Path certificates, Path key) throws IOException {
        KeyedCertificate loaded = new KeyedCertificate(certificates(certificates), key(key));
        if (!loaded.isPair()) {
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

    /** Whether the key is that of the first certificate. */
    boolean isPair() {
        String algorithm = "RSA".equals(key.getAlgorithm()) ? "SHA256withRSA" : "SHA256withECDSA";
        byte[] probe = {1, 2, 3};
        try {
            Signature signer = Signature.getInstance(algorithm);
            signer.initSign(key);
            signer.update(probe);
            byte[] signed = signer.sign();
            signer.initVerify(leaf().getPublicKey());
            signer.update(probe);
            return signer.verify(signed);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    /** The certificate's name; no key. */
    @Override
    public String toString() {
        return "KeyedCertificate[" + leaf().getSubjectX500Principal() + "]";
    }
}
