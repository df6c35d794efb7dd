package io.culvert.gateway.identity;

import java.io.IOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;

/**
 * Who the server is: the certificate that it shows on the bridge port, and the CA behind it whose key every join token pins.
 * Immutable, any thread; {@link #loadOrCreate} waits for the disk and is for one caller at a time.
 *
 * <p>On disk, in {@code DATA/identity/} (0700), all PEM: {@code ca.crt}, {@code ca.key}, {@code server.crt}, {@code server.key} (keys
 * 0600). The directory appears whole or not at all: it is filled under another name and then renamed.
 */
public final class ServerIdentity {
    private final X509Certificate authority;
    private final X509Certificate certificate;
    private final PrivateKey key;

    private ServerIdentity(X509Certificate authority, X509Certificate certificate, PrivateKey key) {
        this.authority = authority;
        this.certificate = certificate;
        this.key = key;
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
            return new ServerIdentity(authority.certificate(), server.certificate(), server.key());
        }
        IdentityFiles.Loaded loaded = files.load(now);
        if (!isNearItsEnd(loaded.server().certificate(), now)) {
            return of(loaded.authority(), loaded.server());
        }
        // The key stays: then a new certificate is one file to swap, and no crash leaves a key and a certificate of
        // different pairs.
        Issuer.Issued renewed = issuer.renew(loaded.authority(), loaded.server(), now);
        files.replaceServerCertificate(renewed.certificate());
        return of(loaded.authority(), renewed);
    }

    /** What the bridge port shows: the server's certificate, then the CA's. */
    public List<X509Certificate> chain() {
        return List.of(certificate, authority);
    }

    /** The private key of the first certificate of {@link #chain}. */
    public PrivateKey key() {
        return key;
    }

    /** SHA-256 of the SubjectPublicKeyInfo of the CA: what agents know the server by. 32 bytes, a copy. */
    public byte[] pin() {
        try {
            return MessageDigest.getInstance("SHA-256")
                    .digest(authority.getPublicKey().getEncoded());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** The names and dates; no key. */
    @Override
    public String toString() {
        return "ServerIdentity[" + certificate.getSubjectX500Principal() + " until "
                + certificate.getNotAfter().toInstant() + "]";
    }

    private static ServerIdentity of(Issuer.Issued authority, Issuer.Issued server) {
        return new ServerIdentity(authority.certificate(), server.certificate(), server.key());
    }

    private static boolean isNearItsEnd(X509Certificate certificate, Instant now) {
        Instant end = certificate.getNotAfter().toInstant();
        Duration life = Duration.between(certificate.getNotBefore().toInstant(), end);
        return Duration.between(now, end).compareTo(life.dividedBy(3)) < 0;
    }
}
