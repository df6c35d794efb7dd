package io.culvert.gateway.identity;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * Makes keys (EC P-256) and certificates. Uses the JDK's own cryptography; Bouncy Castle only writes the ASN.1, so no security
 * provider is registered with the JVM. As thread-safe as its source of randomness.
 */
final class Issuer {
    /** A certificate and its private key. */
    record Issued(X509Certificate certificate, PrivateKey key) {
        @Override
        public String toString() {
            return "Issued[" + certificate.getSubjectX500Principal() + "]";
        }
    }

    /** Agents keep their tokens as long as they live, so the CA behind the pin should outlive them. */
    private static final Duration AUTHORITY_LIFE = Duration.ofDays(20 * 365 + 5);
    /** The server's certificate renews itself, so its life need not be long; a key that was stolen is of use no longer. */
    private static final Duration SERVER_LIFE = Duration.ofDays(365);
    /** Somebody has to fetch a stock agent's: a year leaves the last four months of it for that. */
    private static final Duration AGENT_LIFE = Duration.ofDays(365);
    /** Certificates begin in the past: an agent whose clock is a little slow shall not find the server's from the future. */
    private static final Duration SLOW_CLOCKS = Duration.ofDays(1);

    private static final X500Name AUTHORITY = new X500Name("CN=Culvert CA");
    private static final X500Name SERVER = new X500Name("CN=Culvert server");
    private static final X500Name WEB = new X500Name("CN=Culvert web");
    private static final String SERVER_NAME = "culvert";

    private final SecureRandom random;

    Issuer(SecureRandom random) {
        this.random = random;
    }

    /** A new CA that signs leaves only. */
    Issued authority(Instant now) {
        KeyPair pair = newKeyPair();
        try {
            X509v3CertificateBuilder builder = builder(
                            AUTHORITY, AUTHORITY, pair.getPublic(), now, now.plus(AUTHORITY_LIFE))
                    .addExtension(Extension.basicConstraints, true, new BasicConstraints(0))
                    .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign))
                    .addExtension(
                            Extension.subjectKeyIdentifier,
                            false,
                            new JcaX509ExtensionUtils().createSubjectKeyIdentifier(pair.getPublic()));
            return new Issued(signed(builder, pair.getPrivate()), pair.getPrivate());
        } catch (GeneralSecurityException | CertIOException e) {
            throw new IllegalStateException("CA certificate could not be made", e);
        }
    }

    /** A new server key and its certificate. */
    Issued server(Issued authority, Instant now) {
        KeyPair pair = newKeyPair();
        return new Issued(serverCertificate(authority, pair.getPublic(), now), pair.getPrivate());
    }

    /** A new certificate for the same server key. */
    Issued renew(Issued authority, Issued server, Instant now) {
        PublicKey key = server.certificate().getPublicKey();
        return new Issued(serverCertificate(authority, key, now), server.key());
    }

    /**
     * A key and certificate for HTTPS.
     *
     * @param names what the server is reached by: names, and literal addresses without brackets; at least one
     */
    Issued web(Issued authority, Collection<String> names, Instant now) {
        KeyPair pair = newKeyPair();
        GeneralName[] alternatives = names.stream()
                .map(name -> new GeneralName(isAddress(name) ? GeneralName.iPAddress : GeneralName.dNSName, name))
                .toArray(GeneralName[]::new);
        return new Issued(
                leaf(
                        authority,
                        WEB,
                        pair.getPublic(),
                        now,
                        SERVER_LIFE,
                        KeyPurposeId.id_kp_serverAuth,
                        new GeneralNames(alternatives)),
                pair.getPrivate());
    }

    private static boolean isAddress(String name) {
        return name.indexOf(':') >= 0 || name.matches("[0-9.]+");
    }

    /** A key and certificate for a stock agent of one tunnel. */
    Issued agent(Issued authority, long tunnelId, Instant now) {
        KeyPair pair = newKeyPair();
        return new Issued(
                leaf(
                        authority,
                        new X500Name("CN=Culvert tunnel " + tunnelId),
                        pair.getPublic(),
                        now,
                        AGENT_LIFE,
                        KeyPurposeId.id_kp_clientAuth,
                        named("tunnel-" + tunnelId + ".culvert")),
                pair.getPrivate());
    }

    private X509Certificate serverCertificate(Issued authority, PublicKey key, Instant now) {
        return leaf(authority, SERVER, key, now, SERVER_LIFE, KeyPurposeId.id_kp_serverAuth, named(SERVER_NAME));
    }

    private X509Certificate leaf(
            Issued authority,
            X500Name subject,
            PublicKey key,
            Instant now,
            Duration life,
            KeyPurposeId purpose,
            GeneralNames names) {
        Instant authorityEnd = authority.certificate().getNotAfter().toInstant();
        Instant end = now.plus(life);
        try {
            X509v3CertificateBuilder builder = builder(
                            AUTHORITY, subject, key, now, end.isAfter(authorityEnd) ? authorityEnd : end)
                    .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
                    .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
                    .addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purpose))
                    .addExtension(Extension.subjectAlternativeName, false, names)
                    .addExtension(
                            Extension.authorityKeyIdentifier,
                            false,
                            new JcaX509ExtensionUtils()
                                    .createAuthorityKeyIdentifier(
                                            authority.certificate().getPublicKey()));
            return signed(builder, authority.key());
        } catch (GeneralSecurityException | CertIOException e) {
            throw new IllegalStateException("certificate of " + subject + " could not be made", e);
        }
    }

    private static GeneralNames named(String name) {
        return new GeneralNames(new GeneralName(GeneralName.dNSName, name));
    }

    private X509v3CertificateBuilder builder(
            X500Name issuer, X500Name subject, PublicKey key, Instant now, Instant end) {
        // RFC 5280: a positive serial of at most 20 bytes; 127 random bits meet no other.
        BigInteger serial = new BigInteger(127, random).add(BigInteger.ONE);
        Date from = Date.from(now.minus(SLOW_CLOCKS));
        return new JcaX509v3CertificateBuilder(issuer, serial, from, Date.from(end), subject, key);
    }

    private X509Certificate signed(X509v3CertificateBuilder builder, PrivateKey key) throws GeneralSecurityException {
        try {
            return new JcaX509CertificateConverter()
                    .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA")
                            .setSecureRandom(random)
                            .build(key)));
        } catch (OperatorCreationException e) {
            throw new GeneralSecurityException(e);
        }
    }

    private KeyPair newKeyPair() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"), random);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK has no EC P-256", e);
        }
    }
}
