package io.culvert.web;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.JdkSSLEngineOptions;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.OpenSSLEngineOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.ServerSSLOptions;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * HTTPS as this server speaks it: TLS 1.3 and 1.2, only suites with forward secrecy and authenticated encryption, by BoringSSL where its
 * library loads. Stateless, any thread.
 */
final class Tls {
    private static final Set<String> PROTOCOLS = new LinkedHashSet<>(List.of("TLSv1.3", "TLSv1.2"));
    private static final List<String> SUITES = List.of(
            "TLS_AES_128_GCM_SHA256",
            "TLS_AES_256_GCM_SHA384",
            "TLS_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

    private Tls() {}

    /**
     * Makes a server speak TLS.
     *
     * @param handshake how long a handshake may take
     */
    static HttpServerOptions options(HttpServerOptions options, WebCertificate certificate, Duration handshake) {
        options.setSsl(true)
                // One request after the other on a connection: each has its two timers, and a place is one caller's.
                .setUseAlpn(false)
                .setSslEngineOptions(
                        OpenSSLEngineOptions.isAvailable() ? new OpenSSLEngineOptions() : new JdkSSLEngineOptions())
                .setKeyCertOptions(pem(certificate))
                .setEnabledSecureTransportProtocols(PROTOCOLS)
                .setSslHandshakeTimeout(handshake.toMillis())
                .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS);
        SUITES.forEach(options::addEnabledCipherSuite);
        return options;
    }

    /** The same for a server that speaks TLS already. */
    static ServerSSLOptions renewed(WebCertificate certificate, Duration handshake) {
        ServerSSLOptions options = new ServerSSLOptions()
                .setUseAlpn(false)
                .setKeyCertOptions(pem(certificate))
                .setEnabledSecureTransportProtocols(PROTOCOLS)
                .setSslHandshakeTimeout(handshake.toMillis())
                .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS);
        SUITES.forEach(options::addEnabledCipherSuite);
        return options;
    }

    private static KeyCertOptions pem(WebCertificate certificate) {
        Buffer chain = Buffer.buffer();
        for (X509Certificate each : certificate.chain()) {
            try {
                chain.appendBuffer(block("CERTIFICATE", each.getEncoded()));
            } catch (CertificateEncodingException e) {
                throw new IllegalArgumentException("certificate without a DER form", e);
            }
        }
        // PKCS#8, of whatever algorithm.
        return new PemKeyCertOptions()
                .addCertValue(chain)
                .addKeyValue(block("PRIVATE KEY", certificate.key().getEncoded()));
    }

    private static Buffer block(String type, byte[] der) {
        String lines = Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                .encodeToString(der);
        return Buffer.buffer("-----BEGIN " + type + "-----\n" + lines + "\n-----END " + type + "-----\n");
    }
}
