package io.culvert.link.net;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;

/** Makes certificates for tests, good ones and bad ones. All authorities bear the same name, as an impostor's would. */
final class TestAuthority {
    /** A chain to show and the key of its first certificate. */
    record Shown(List<X509Certificate> chain, PrivateKey key) {
        Shown behind(X509Certificate... others) {
            List<X509Certificate> longer = new ArrayList<>(List.of(chain.get(0)));
            longer.addAll(List.of(others));
            return new Shown(longer, key);
        }
    }

    private static final X500Name NAME = new X500Name("CN=Test CA");

    final X509Certificate certificate;
    private final KeyPair pair;

    private TestAuthority(KeyPair pair, X509Certificate certificate) {
        this.pair = pair;
        this.certificate = certificate;
    }

    static TestAuthority create() {
        return create(true, Duration.ofDays(365));
    }

    static TestAuthority create(boolean isAuthority, Duration life) {
        KeyPair pair = newPair();
        return new TestAuthority(pair, sign(pair, pair, NAME, isAuthority, null, life));
    }

    /** The same name and dates, and the same public key inside, but signed by somebody else. */
    X509Certificate forged() {
        return sign(newPair(), pair, NAME, true, null, Duration.ofDays(365));
    }

    Shown server() {
        return leaf(KeyPurposeId.id_kp_serverAuth, Duration.ofDays(30));
    }

    Shown leaf(@Nullable KeyPurposeId usage, Duration life) {
        KeyPair leaf = newPair();
        X509Certificate signed = sign(pair, leaf, new X500Name("CN=Test server"), false, usage, life);
        return new Shown(List.of(signed, certificate), leaf.getPrivate());
    }

    byte[] pin() {
        return pinOf(certificate);
    }

    static byte[] pinOf(X509Certificate certificate) {
        try {
            return MessageDigest.getInstance("SHA-256")
                    .digest(certificate.getPublicKey().getEncoded());
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    /** Begins two days ago and ends {@code life} from now, which may be negative. */
    private static X509Certificate sign(
            KeyPair issuer,
            KeyPair subject,
            X500Name name,
            boolean isAuthority,
            @Nullable KeyPurposeId usage,
            Duration life) {
        try {
            Instant now = Instant.now();
            X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                    NAME,
                    BigInteger.valueOf(now.toEpochMilli()),
                    Date.from(now.minus(Duration.ofDays(2))),
                    Date.from(now.plus(life)),
                    name,
                    subject.getPublic());
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(isAuthority));
            if (usage != null) {
                builder.addExtension(Extension.extendedKeyUsage, true, new ExtendedKeyUsage(usage));
            }
            return new JcaX509CertificateConverter()
                    .getCertificate(
                            builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(issuer.getPrivate())));
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static KeyPair newPair() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }
}
