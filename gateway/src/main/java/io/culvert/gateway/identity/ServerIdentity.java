package io.culvert.gateway.identity;

import io.culvert.gateway.Bundle;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
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
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.X509ExtendedTrustManager;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.util.io.pem.PemObject;

/**
 * Who the server is: the certificate that it shows on the bridge port, and the CA behind it whose key every join token pins. The
 * certificate is renewed from time to time, key and CA stay. Any thread; {@link #loadOrCreate} and {@link #renewIfDue} wait for the
 * disk, and the former is for one caller at a time.
 *
 * <p>On disk, in {@code DATA/identity/} (0700), all PEM: {@code ca.crt}, {@code ca.key}, {@code server.crt}, {@code server.key} (keys
 * 0600); {@code web.pem} beside them, where HTTPS shows a certificate of this CA. The directory appears whole or not at all: it is filled under another name and then renamed.
 */
public final class ServerIdentity {
    private final IdentityFiles files;
    private final Issuer issuer;
    private final Issuer.Issued authority;
    private final InstantSource clock;
    private final boolean made;
    private volatile Issuer.Issued server;

    private ServerIdentity(
            IdentityFiles files,
            Issuer issuer,
            Issuer.Issued authority,
            Issuer.Issued server,
            InstantSource clock,
            boolean made) {
        this.files = files;
        this.issuer = issuer;
        this.authority = authority;
        this.server = server;
        this.clock = clock;
        this.made = made;
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
            return new ServerIdentity(files, issuer, authority, server, clock, true);
        }
        IdentityFiles.Loaded loaded = files.load(now);
        ServerIdentity identity = new ServerIdentity(files, issuer, loaded.authority(), loaded.server(), clock, false);
        boolean unused = identity.renewIfDue();
        return identity;
    }

    /**
     * When a certificate is to be replaced by a newer one: with less than a third of its life left. One that ends with the CA stays as it
     * is, since no other would live longer.
     *
     * @param authority the CA's
     */
    public static Instant renewal(X509Certificate certificate, X509Certificate authority) {
        Instant end = end(certificate);
        if (!end.isBefore(end(authority))) {
            return end;
        }
        return end.minus(
                Duration.between(certificate.getNotBefore().toInstant(), end).dividedBy(3));
    }

    /** Whether {@link #renewIfDue} has something to do; never waits. */
    public boolean isRenewalDue() {
        X509Certificate current = server.certificate();
        Instant at = renewal(current, authority.certificate());
        return at.isBefore(end(current)) && !clock.instant().isBefore(at);
    }

    /**
     * Issues the server's certificate anew, for the same key and by the same CA, where it is time to; waits for the disk.
     *
     * @return whether {@link #chain} is another now
     * @throws IOException where the new certificate could not be written: it is shown all the same, and the next start issues another
     */
    public synchronized boolean renewIfDue() throws IOException {
        if (!isRenewalDue()) {
            return false;
        }
        // The key stays: then a new certificate is one file to swap, and
        // no crash leaves a key and a certificate of different pairs.
        Issuer.Issued renewed = issuer.renew(authority, server, clock.instant());
        server = renewed;
        files.replaceServerCertificate(renewed.certificate());
        return true;
    }

    /** Whether there was none on disk: nobody has ever pinned this one. */
    public boolean isNew() {
        return made;
    }

    /** By which dates are judged. */
    public InstantSource clock() {
        return clock;
    }

    /**
     * What HTTPS shows: a certificate of the server's CA for these names. The same one again until the names change or a third of its life
     * is left, so that a browser that was told to trust it is not asked at each start. Waits for the disk.
     *
     * @param names what the server is reached by: names, and literal addresses without brackets; at least one
     * @throws IOException where a new certificate could not be written
     */
    public synchronized KeyedCertificate web(Set<String> names) throws IOException {
        Optional<KeyedCertificate> known =
                files.loadWeb().filter(shown -> isGoodFor(shown.chain().get(0), names));
        if (known.isPresent()) {
            return known.get();
        }
        Issuer.Issued issued = issuer.web(authority, names, clock.instant());
        KeyedCertificate made =
                new KeyedCertificate(List.of(issued.certificate(), authority.certificate()), issued.key());
        files.replaceWeb(made);
        return made;
    }

    private boolean isGoodFor(X509Certificate certificate, Set<String> names) {
        try {
            certificate.verify(authority.certificate().getPublicKey());
            Set<String> of = new HashSet<>();
            for (List<?> each : certificate.getSubjectAlternativeNames()) {
                of.add(canonical(String.valueOf(each.get(1))));
            }
            Set<String> wanted = new HashSet<>();
            names.forEach(name -> wanted.add(canonical(name)));
            Instant at = renewal(certificate, authority.certificate());
            return of.equals(wanted) && clock.instant().isBefore(at);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    /** Of the many ways to write an IPv6 address, one. */
    private static String canonical(String name) {
        try {
            // A colon stands in literal addresses only, which are never looked up.
            return name.indexOf(':') < 0 ? name : InetAddress.getByName(name).getHostAddress();
        } catch (UnknownHostException e) {
            return name;
        }
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
        return new Bundle(
                certificates.toString(),
                key.toString(),
                fingerprint(agent.certificate()),
                renewal(agent.certificate(), authority.certificate()),
                end(agent.certificate()));
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
        X509Certificate shown = server.certificate();
        return "ServerIdentity[" + shown.getSubjectX500Principal() + " until " + end(shown) + "]";
    }

    private static Instant end(X509Certificate certificate) {
        return certificate.getNotAfter().toInstant();
    }
}
