package io.culvert.link.net;

import io.netty.channel.ChannelPipeline;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * TLS between Culvert's own agent and the bridge port: TLS 1.3 only, ALPN {@value #PROTOCOL} or nothing, the server known by its pin.
 * Immutable; any thread may make contexts, {@link #addTo} belongs to the channel's loop.
 *
 * <p>Sessions are not resumed. An agent connects once and stays for days, so a ticket would save nothing worth having, and a
 * resumed session would not look at the server's certificate again.
 */
public final class BridgeTls {
    /** What both sides must agree on by ALPN. */
    public static final String PROTOCOL = "culvert/1";

    /** What Culvert's own agents speak. */
    public static final String TLS_1_3 = "TLSv1.3";

    private static final String TLS_1_2 = "TLSv1.2";

    /**
     * What Netty keeps a key in on its way to the provider, in memory and without a password. PKCS #12, which it would take, derives a key in 10,000
     * rounds to write it and again to read it: a twelfth of a server's start.
     */
    private static final String KEY_STORE = "JKS";

    private final SslProvider provider;
    private final InstantSource clock;

    /**
     * TLS by a given provider.
     *
     * @param provider {@link SslProvider#OPENSSL} or {@link SslProvider#JDK}
     * @param clock by which certificates are in or out of their dates
     */
    public BridgeTls(SslProvider provider, InstantSource clock) {
        if (!SslProvider.isTlsv13Supported(provider)) {
            throw new IllegalArgumentException(
                    "TLS provider: " + provider + " (expected: one that speaks " + TLS_1_3 + ")");
        }
        this.provider = provider;
        this.clock = clock;
    }

    /**
     * TLS by BoringSSL where its library loads, else by the JDK: the former hands over 1.2 to 1.3 times the bytes and shakes hands
     * 2.7 times as often.
     */
    public static BridgeTls best(InstantSource clock) {
        boolean openSsl = OpenSsl.isAvailable() && SslProvider.isTlsv13Supported(SslProvider.OPENSSL);
        return new BridgeTls(openSsl ? SslProvider.OPENSSL : SslProvider.JDK, clock);
    }

    /** The provider that contexts are made with. */
    public SslProvider provider() {
        return provider;
    }

    /**
     * The server's side.
     *
     * @param chain the server's certificate, then the CA that its agents pin
     * @param key of the first certificate
     * @throws SSLException where key and certificates cannot be used
     */
    public SslContext server(List<X509Certificate> chain, PrivateKey key) throws SSLException {
        SslContext context = SslContextBuilder.forServer(key, chain)
                .keyStoreType(KEY_STORE)
                .sslProvider(provider)
                .protocols(TLS_1_3)
                .applicationProtocolConfig(alpn())
                .build();
        if (context.sessionContext() instanceof OpenSslSessionContext sessions) {
            sessions.setSessionCacheEnabled(false);
        }
        return context;
    }

    /**
     * The server's side on a port where stock goproxy agents come too: they offer no ALPN, end at TLS 1.2 where they are old, and show a
     * certificate. Whoever installs this context must ask afterwards what was agreed on and shown.
     *
     * @param chain what the server shows
     * @param key of the first certificate
     * @param clients judges the certificates that agents show; showing none finishes the handshake too
     * @throws SSLException where key and certificates cannot be used
     */
    public SslContext shared(List<X509Certificate> chain, PrivateKey key, X509ExtendedTrustManager clients)
            throws SSLException {
        SslContext context = SslContextBuilder.forServer(key, chain)
                .keyStoreType(KEY_STORE)
                .sslProvider(provider)
                .protocols(TLS_1_3, TLS_1_2)
                .clientAuth(ClientAuth.OPTIONAL)
                .trustManager(clients)
                .applicationProtocolConfig(alpn())
                .build();
        if (context.sessionContext() instanceof OpenSslSessionContext sessions) {
            sessions.setSessionCacheEnabled(false);
        }
        return context;
    }

    /**
     * The agent's side: trusts nobody but the server that the pin names; see {@code PinnedAuthority} for what is checked.
     *
     * @param pin SHA-256 of the SubjectPublicKeyInfo of the server's CA, 32 bytes
     * @throws SSLException where the provider cannot be set up
     */
    public SslContext agent(byte[] pin) throws SSLException {
        SslContext context = SslContextBuilder.forClient()
                .sslProvider(provider)
                .protocols(TLS_1_3)
                .applicationProtocolConfig(alpn())
                .trustManager(new PinnedAuthority(pin, clock))
                // Since 4.2 Netty compares host names unless told not to. Here the name says nothing: servers are
                // reached by bare address, through forwarded ports and under names that their certificate never
                // heard of, and whoever holds a certificate of the pinned CA is the server, whatever it is called.
                .endpointIdentificationAlgorithm(null)
                .build();
        if (context.sessionContext() instanceof OpenSslSessionContext sessions) {
            sessions.setSessionCacheEnabled(false);
        }
        return context;
    }

    /**
     * Puts TLS at the end of a pipeline as it is now: whoever comes behind sees an {@code SslHandshakeCompletionEvent}, a success only
     * where {@value #PROTOCOL} was agreed on, and then plain bytes. After a failure the channel closes.
     *
     * @param context one of {@link #server} or {@link #agent}
     * @param timeout how long the handshake may take, at least 1 ms
     */
    public static void addTo(ChannelPipeline pipeline, SslContext context, Duration timeout) {
        addBare(pipeline, context, timeout);
        pipeline.addLast("alpn", new AlpnGate(PROTOCOL));
    }

    /** Puts TLS at the end of a pipeline, and leaves it to whoever comes behind to ask what was agreed on. */
    public static void addBare(ChannelPipeline pipeline, SslContext context, Duration timeout) {
        // No host and port for the engine: the JDK would take them as the key
        // under which to look for a session to resume.
        SslHandler tls = context.newHandler(pipeline.channel().alloc());
        tls.setHandshakeTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS);
        pipeline.addLast("tls", tls);
    }

    private static ApplicationProtocolConfig alpn() {
        // The only pair of behaviours that both providers know; it lets a disagreement pass, and AlpnGate does not.
        return new ApplicationProtocolConfig(
                Protocol.ALPN, SelectorFailureBehavior.NO_ADVERTISE, SelectedListenerFailureBehavior.ACCEPT, PROTOCOL);
    }
}
