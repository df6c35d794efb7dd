package io.culvert.gateway.identity;

import io.culvert.gateway.Bundle;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.X509ExtendedTrustManager;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.util.io.pem.PemObject;

/**
 * Who the server is: the certificate that it shows on the bridge port, and the CA behind it whose key every join token pins.
 * Immutable, any thread; {@link #loadOrCreate} waits for the disk and is for one caller at a time.
 *
 * <p>On disk, in {@code DATA/identity/} (0700), all PEM: {@code ca.crt}, {@code ca.key}, {@code server.crt}, {@code server.key} (keys
 * 0600). The directory appears whole or not at all: it is filled under another name and then renamed.
 */
public final class ServerIdentity {
    private final Issuer issuer;
    private final Issuer.Issued authority;
    private final Issuer.Issued server;
    private final InstantSource clock;

    private ServerIdentity(Issuer issuer, Issuer.Issued authority, Issuer.Issued server, InstantSource clock) {
        this.issuer = issuer;
        this.authority = authority;
        this.server = server;
        this.clock = clock;
    }

    /**
     * Loads the identity, or makes it on the first start. A server certificate with less than a third of its life left is issued anew
     * by the same CA, so that the pin, and with it every join token, stays good. Files that are damaged, missing or do not belong
     * together are never touched.
     *
     * @param dataDirectory where the server keeps its files; made if need be
     * @param clock by which dates are written and judged
     * @param random for keys and serial numbers
     * @throws DamagedIdentityException where the identity on disk cannot be used
     * @throws IOException where the disk does not play along
     */
    public static ServerIdentity loadOrCreate(Path dataDirectory, InstantSource clock, SecureRandom random)
            throws IOException {
        IdentityFiles files = new IdentityFiles(dataDirectory);
        Issuer issuer = new Issuer(random);
        Instant now = clock.instant();
        files.clearLeftovers();
        if (!files.exist()) {
            Issuer.Issued authority = issuer.authority(now);
            Issuer.Issued server = issuer.server(authority, now);
            files.create(authority, server);
            return new ServerIdentity(issuer, authority, server, clock);
        }
        IdentityFiles.Loaded loaded = files.load(now);
        if (!isNearItsEnd(loaded.server().certificate(), now)) {
            return new ServerIdentity(issuer, loaded.authority(), loaded.server(), clock);
        }
        // The key stays: then a new certificate is one file to swap, and no crash leaves a key and a certificate of
        // different pairs.
        Issuer.Issued renewed = issuer.renew(loaded.authority(), loaded.server(), now);
        files.replaceServerCertificate(renewed.certificate());
        return new ServerIdentity(issuer, loaded.authority(), renewed, clock);
    }

    /** What the bridge port shows: the server's certificate, then the CA's. */
    public List<X509Certificate> chain() {
        return List.of(server.certificate(), authority.certificate());
    }

    /** The private key of the first certificate of {@link #chain}. */
    public PrivateKey key() {
        return server.key();
    }

    /** SHA-256 of the SubjectPublicKeyInfo of the CA: what agents know the server by. 32 bytes, a copy. */
    public byte[] pin() {
        try {
            return MessageDigest.getInstance("SHA-256")
                    .digest(authority.certificate().getPublicKey().getEncoded());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /**
     * Which certificates a stock agent may show.
     *
     * @param shared the installation's common certificate, where it has one
     */
    public X509ExtendedTrustManager clientTrust(Optional<SharedCertificate> shared) {
        return new ClientTrust(authority.certificate(), shared.map(SharedCertificate::leaf), clock);
    }

    /**
     * Makes a certificate for the stock agents of one tunnel. What the bundle trusts is what bridge ports show: the CA, and the common
     * certificate where there is one.
     */
    public Bundle issueBundle(long tunnelId, Optional<SharedCertificate> shared) {
        Issuer.Issued agent = issuer.agent(authority, tunnelId, clock.instant());
        StringWriter certificates = new StringWriter();
        StringWriter key = new StringWriter();
        try (JcaPEMWriter pem = new JcaPEMWriter(certificates);
                JcaPEMWriter keyPem = new JcaPEMWriter(key)) {
            pem.writeObject(agent.certificate());
            pem.writeObject(authority.certificate());
            if (shared.isPresent()) {
                pem.writeObject(shared.get().leaf());
            }
            keyPem.writeObject(new PemObject("EC PRIVATE KEY", sec1(agent)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Bundle(certificates.toString(), key.toString(), fingerprint(agent.certificate()));
    }

    /**
     * SEC1, the form that stock goproxy was tried with. Made by hand: the JDK's keys leave curve and public half to the PKCS#8 around
     * them, and without the curve neither Go nor OpenSSL reads the file.
     */
    private static byte[] sec1(Issuer.Issued agent) throws IOException {
        ECPrivateKey key = (ECPrivateKey) agent.key();
        SubjectPublicKeyInfo half = SubjectPublicKeyInfo.getInstance(
                agent.certificate().getPublicKey().getEncoded());
        return new org.bouncycastle.asn1.sec.ECPrivateKey(
                        key.getParams().getOrder().bitLength(),
                        key.getS(),
                        half.getPublicKeyData(),
                        half.getAlgorithm().getParameters())
                .getEncoded();
    }

    /** SHA-256 of a certificate's DER form, 32 bytes. */
    public static byte[] fingerprint(X509Certificate certificate) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        } catch (CertificateEncodingException e) {
            throw new IllegalArgumentException("certificate without a DER form", e);
        }
    }

    /** The names and dates; no key. */
    @Override
    public String toString() {
        return "ServerIdentity[" + server.certificate().getSubjectX500Principal() + " until "
                + server.certificate().getNotAfter().toInstant() + "]";
    }

    private static boolean isNearItsEnd(X509Certificate certificate, Instant now) {
        Instant end = certificate.getNotAfter().toInstant();
        Duration life = Duration.between(certificate.getNotBefore().toInstant(), end);
        return Duration.between(now, end).compareTo(life.dividedBy(3)) < 0;
    }
}
