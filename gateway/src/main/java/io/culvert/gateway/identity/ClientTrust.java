package io.culvert.gateway.identity;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Which certificates of stock agents may finish a handshake: those that the server's CA signed for agents, and the one that the whole
 * installation shares, where there is one. Whether a certificate is good for a certain tunnel is asked afterwards. Immutable, any thread.
 */
final class ClientTrust extends X509ExtendedTrustManager {
    private static final String CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";

    private final X509Certificate authority;
    private final Optional<X509Certificate> shared;
    private final InstantSource clock;

    ClientTrust(X509Certificate authority, Optional<X509Certificate> shared, InstantSource clock) {
        this.authority = authority;
        this.shared = shared;
        this.clock = clock;
    }

    private void check(X509Certificate[] shown) throws CertificateException {
        if (shown.length == 0) {
            throw new CertificateException("no certificate");
        }
        // Only the first is looked at: behind it a stock client shows whatever its -C file holds, as a chain or not.
        X509Certificate leaf = shown[0];
        Date now = Date.from(clock.instant());
        leaf.checkValidity(now);
        if (shared.isPresent() && shared.get().equals(leaf)) {
            return;
        }
        List<String> usages = leaf.getExtendedKeyUsage();
        if (usages == null || !usages.contains(CLIENT_AUTH)) {
            throw new CertificateException("certificate is not meant for agents (expected: usage clientAuth)");
        }
        try {
            PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(authority, null)));
            parameters.setRevocationEnabled(false);
            parameters.setDate(now);
            CertPathValidator.getInstance("PKIX")
                    .validate(CertificateFactory.getInstance("X.509").generateCertPath(List.of(leaf)), parameters);
        } catch (GeneralSecurityException e) {
            throw new CertificateException("certificate is not of this server's CA: " + e.getMessage(), e);
        }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        check(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        check(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        throw noServers();
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        throw noServers();
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        throw noServers();
    }

    /** None by name: a stock client whose certificate is not of a named issuer would show nothing at all. */
    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }

    private static CertificateException noServers() {
        return new CertificateException("this side is the server (expected: not to be asked about servers)");
    }
}
