package io.culvert.agent.goproxy;

import io.culvert.gateway.Bundle;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.jspecify.annotations.Nullable;

/**
 * The files behind a stock client's {@code -C} and {@code -K}, used as it uses them: the whole of {@code -C} is shown as a chain, and each
 * certificate that the server shows must follow from one in it. Any thread.
 */
final class Credential {
    private final List<X509Certificate> pool;
    private final PrivateKey key;

    Credential(List<X509Certificate> pool, PrivateKey key) {
        this.pool = pool;
        this.key = key;
    }

    static Credential of(Bundle bundle) {
        return of(bundle.certificates(), bundle.key());
    }

    static Credential of(String certificates, String key) {
        try (PEMParser parser = new PEMParser(new StringReader(key))) {
            List<X509Certificate> pool = CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(certificates.getBytes(StandardCharsets.US_ASCII)))
                    .stream()
                    .map(X509Certificate.class::cast)
                    .toList();
            // As Go reads it: a key without its curve and public part would not do.
            PEMKeyPair pair = (PEMKeyPair) parser.readObject();
            return new Credential(
                    pool, new JcaPEMKeyConverter().getKeyPair(pair).getPrivate());
        } catch (IOException | GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    /** The same trust, and nothing of its own to show. */
    SSLSocket connectWithoutCertificate(int port, String protocol) throws IOException {
        return connect(InetAddress.getLoopbackAddress(), port, protocol, new KeyManager[0]);
    }

    /** A connection to loopback, its handshake done. */
    SSLSocket connect(int port, String protocol) throws IOException {
        return connect(InetAddress.getLoopbackAddress(), port, protocol);
    }

    /** A connection, its handshake done. */
    SSLSocket connect(InetAddress host, int port, String protocol) throws IOException {
        return connect(host, port, protocol, new KeyManager[] {new Shown()});
    }

    private SSLSocket connect(InetAddress host, int port, String protocol, KeyManager[] shown) throws IOException {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(shown, new TrustManager[] {new Pool()}, null);
            SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(host, port);
            socket.setEnabledProtocols(new String[] {protocol});
            socket.setTcpNoDelay(true);
            socket.startHandshake();
            return socket;
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    /** Shows everything, whatever the server asks for. */
    private final class Shown extends X509ExtendedKeyManager {
        private static final String ALIAS = "stock";

        @Override
        public String[] getClientAliases(String keyType, Principal[] issuers) {
            return new String[] {ALIAS};
        }

        @Override
        public @Nullable String chooseClientAlias(String[] keyTypes, Principal[] issuers, Socket socket) {
            return List.of(keyTypes).contains(key.getAlgorithm()) ? ALIAS : null;
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return pool.toArray(X509Certificate[]::new);
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
            return key;
        }

        @Override
        public String @Nullable [] getServerAliases(String keyType, Principal[] issuers) {
            return null;
        }

        @Override
        public @Nullable String chooseServerAlias(String keyType, Principal[] issuers, Socket socket) {
            return null;
        }
    }

    /** Every certificate shown must be in the pool, or be signed by one that is. */
    private final class Pool extends X509ExtendedTrustManager {
        private void check(X509Certificate[] chain) throws CertificateException {
            for (X509Certificate each : chain) {
                if (pool.stream().noneMatch(trusted -> each.equals(trusted) || signed(trusted, each))) {
                    throw new CertificateException("not of the pool: " + each.getSubjectX500Principal());
                }
            }
        }

        private static boolean signed(X509Certificate by, X509Certificate each) {
            try {
                each.verify(by.getPublicKey());
                return true;
            } catch (GeneralSecurityException e) {
                return false;
            }
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
                throws CertificateException {
            check(chain);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
                throws CertificateException {
            check(chain);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
            check(chain);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket) {
            throw new AssertionError("this side is the client");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {
            throw new AssertionError("this side is the client");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {
            throw new AssertionError("this side is the client");
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
