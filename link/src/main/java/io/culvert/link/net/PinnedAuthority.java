package io.culvert.link.net;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Trusts the one CA whose key has a known SHA-256, and servers that it vouches for. Of what a server shows, one certificate behind the
 * first must be a self-signed CA with the pinned key; from the first certificate to that one a path must hold by PKIX rules; both ends
 * must be within their dates; the first must be meant for servers. Immutable, any thread.
 *
 * <p>Extends the <em>extended</em> trust manager because the JDK wraps a plain one with checks of its own, host names among them. There is
 * no revocation: a CA with one certificate has nothing to list, and a stolen key is answered by a new CA.
 */
final class PinnedAuthority extends X509ExtendedTrustManager {
    private static final String SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
    private static final int KEY_CERT_SIGN = 5;
    /** Ours are two long. */
    private static final int MAX_CHAIN = 4;

    private static final int PIN_BYTES = 32;

    private final byte[] pin;
    private final InstantSource clock;

    PinnedAuthority(byte[] pin, InstantSource clock) {
        if (pin.length != PIN_BYTES) {
            throw new IllegalArgumentException("pin: " + pin.length + " bytes (expected: " + PIN_BYTES + ")");
        }
        this.pin = pin.clone();
        this.clock = clock;
    }

    private void check(X509Certificate[] shown) throws CertificateException {
        if (shown.length < 2 || shown.length > MAX_CHAIN) {
            throw new CertificateException(
                    "server shows " + shown.length + " certificates (expected: 2 to " + MAX_CHAIN + ")");
        }
        Date now = Date.from(clock.instant());
        X509Certificate leaf = shown[0];
        int last = indexOfPinned(shown);
        checkAuthority(shown[last], now);
        List<String> usages = leaf.getExtendedKeyUsage();
        if (usages == null || !usages.contains(SERVER_AUTH)) {
            throw new CertificateException("server certificate is not meant for servers (expected: usage serverAuth)");
        }
        leaf.checkValidity(now);
        try {
            PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(shown[last], null)));
            parameters.setRevocationEnabled(false);
            parameters.setDate(now);
            List<X509Certificate> path = Arrays.asList(shown).subList(0, last);
            CertPathValidator.getInstance("PKIX")
                    .validate(CertificateFactory.getInstance("X.509").generateCertPath(path), parameters);
        } catch (GeneralSecurityException e) {
            throw new CertificateException(
                    "server certificate is not vouched for by the pinned CA: " + e.getMessage(), e);
        }
    }

    /** Where the pinned CA stands; never 0, for the server's own certificate cannot vouch for itself. */
    private int indexOfPinned(X509Certificate[] shown) throws CertificateException {
        for (int i = 1; i < shown.length; i++) {
            if (MessageDigest.isEqual(pin, sha256(shown[i].getPublicKey().getEncoded()))) {
                return i;
            }
        }
        throw new CertificateException("server is not the one that the pin names: none of its " + (shown.length - 1)
                + " CA certificates has the pinned key");
    }

    /** Path validation takes its anchor on faith, so what the anchor says of itself is checked here. */
    private static void checkAuthority(X509Certificate authority, Date now) throws CertificateException {
        boolean[] usage = authority.getKeyUsage();
        if (authority.getBasicConstraints() < 0 || (usage != null && !usage[KEY_CERT_SIGN])) {
            throw new CertificateException("certificate with the pinned key is not a CA");
        }
        authority.checkValidity(now);
        try {
            authority.verify(authority.getPublicKey());
        } catch (GeneralSecurityException e) {
            throw new CertificateException("certificate with the pinned key is not signed by that key", e);
        }
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        check(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        throw noClients();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        throw noClients();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        throw noClients();
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }

    private static CertificateException noClients() {
        return new CertificateException("a pin names a server (expected: not to be asked about clients)");
    }
}
