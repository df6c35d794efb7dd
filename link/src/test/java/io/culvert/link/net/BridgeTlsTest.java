package io.culvert.link.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.culvert.link.net.TestAuthority.Shown;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.handler.ssl.SslProvider;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Real handshakes over loopback sockets, both providers on either side. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BridgeTlsTest {
    private static final InstantSource NOW = InstantSource.system();
    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    private final TestAuthority authority = TestAuthority.create();
    private final EventLoopGroup loops = Transport.NIO.loops("test", 1);

    @BeforeAll
    void bothProvidersAreThere() {
        assertThat(OpenSsl.isAvailable())
                .as("BoringSSL, without which half of this proves nothing")
                .isTrue();
        assertThat(BridgeTls.best(NOW).provider()).isEqualTo(SslProvider.OPENSSL);
    }

    @AfterAll
    void stop() {
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @ParameterizedTest
    @CsvSource({"OPENSSL, OPENSSL", "OPENSSL, JDK", "JDK, OPENSSL", "JDK, JDK"})
    void theRightPinOpensTheLine(SslProvider server, SslProvider agent) throws Exception {
        try (Line line = line(bridge(server, authority.server()), agent(agent, authority.pin()))) {
            assertThat(line.agent.handshake()).isEqualTo("TLSv1.3 culvert/1");
            assertThat(line.server.handshake()).isEqualTo("TLSv1.3 culvert/1");
            line.agent.send("hello");
            assertThat(line.server.heard("hello")).isTrue();
            line.server.send("welcome");
            assertThat(line.agent.heard("welcome")).isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource({"OPENSSL, OPENSSL", "OPENSSL, JDK", "JDK, OPENSSL", "JDK, JDK"})
    void frp_boringproxy_any_other_server_is_refused(SslProvider server, SslProvider agent) throws Exception {
        TestAuthority other = TestAuthority.create();
        byte[] pin = authority.pin();

        refused(server, other.server(), agent, pin, "none of its 1 CA certificates has the pinned key");
        // A leaf of another CA of the same name, with the pinned CA's
        // certificate, which anybody can have, put into the chain.
        refused(server, other.server().behind(authority.certificate), agent, pin, "not vouched for by the pinned CA");
        refused(
                server,
                other.server().behind(other.certificate, authority.certificate),
                agent,
                pin,
                "not vouched for by the pinned CA");
    }

    @ParameterizedTest
    @CsvSource({"OPENSSL, OPENSSL", "OPENSSL, JDK", "JDK, OPENSSL", "JDK, JDK"})
    void aCertificateThatIsNotAServersForNowIsRefused(SslProvider server, SslProvider agent) throws Exception {
        byte[] pin = authority.pin();
        Duration month = Duration.ofDays(30);

        refused(server, authority.leaf(KeyPurposeId.id_kp_serverAuth, Duration.ofHours(-1)), agent, pin, "NotAfter");
        refused(server, authority.leaf(KeyPurposeId.id_kp_clientAuth, month), agent, pin, "not meant for servers");
        refused(server, authority.leaf(null, month), agent, pin, "not meant for servers");
    }

    @ParameterizedTest
    @CsvSource({"OPENSSL, OPENSSL", "OPENSSL, JDK", "JDK, OPENSSL", "JDK, JDK"})
    void aPinnedKeyThatIsNoAuthorityIsRefused(SslProvider server, SslProvider agent) throws Exception {
        TestAuthority ended = TestAuthority.create(true, Duration.ofHours(-1));
        TestAuthority commoner = TestAuthority.create(false, Duration.ofDays(365));
        Shown alone = authority.server();
        byte[] leafPin = TestAuthority.pinOf(alone.chain().get(0));

        refused(server, ended.server(), agent, ended.pin(), "NotAfter");
        refused(server, commoner.server(), agent, commoner.pin(), "with the pinned key is not a CA");
        refused(
                server,
                authority.server().behind(authority.forged()),
                agent,
                authority.pin(),
                "is not signed by that key");
        refused(server, alone, agent, leafPin, "none of its 1 CA certificates has the pinned key");
        refused(server, alone.behind(), agent, leafPin, "shows 1 certificates (expected: 2 to 4)");
    }

    @ParameterizedTest
    @CsvSource({"OPENSSL, OPENSSL", "OPENSSL, JDK", "JDK, OPENSSL", "JDK, JDK"})
    void aServerIsJudgedAnewOnEachConnection(SslProvider server, SslProvider agent) throws Exception {
        AtomicReference<Instant> now = new AtomicReference<>(Instant.now());
        SslContext bridge = bridge(server, authority.server());
        SslContext pinned = new BridgeTls(agent, now::get).agent(authority.pin());
        for (int round = 0; round < 2; round++) {
            try (Line line = line(bridge, pinned)) {
                assertThat(line.agent.handshake()).isEqualTo("TLSv1.3 culvert/1");
                // A byte from the server comes behind its tickets, if it sends any: they are in when the byte is.
                line.server.send("x");
                assertThat(line.agent.heard("x")).isTrue();
            }
        }
        now.set(Instant.now().plus(Duration.ofDays(31)));
        try (Line line = line(bridge, pinned)) {
            assertThat(line.agent.failure()).hasStackTraceContaining("NotAfter");
        }
    }

    @ParameterizedTest
    @CsvSource({"OPENSSL, OPENSSL", "OPENSSL, JDK", "JDK, OPENSSL", "JDK, JDK"})
    void withoutACommonProtocolThereIsNoLine(SslProvider server, SslProvider agent) throws Exception {
        Shown shown = authority.server();
        SslContext silentAgent = trusting(agent).build();
        SslContext otherAgent =
                trusting(agent).applicationProtocolConfig(alpn("h2")).build();
        SslContext silentServer = serving(server, shown).build();
        SslContext otherServer =
                serving(server, shown).applicationProtocolConfig(alpn("h2")).build();

        for (SslContext each : List.of(silentAgent, otherAgent)) {
            try (Line line = new Line(bridge(server, shown), each, true, false)) {
                assertThat(line.server.failure()).isNotNull();
                line.agent.closed();
                assertThat(line.server.heardAnything()).isFalse();
            }
        }
        for (SslContext each : List.of(silentServer, otherServer)) {
            try (Line line = new Line(each, agent(agent, authority.pin()), false, true)) {
                assertThat(line.agent.failure()).isNotNull();
                line.server.closed();
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"OPENSSL", "JDK"})
    void bore_nothing_older_than_tls_1_3(SslProvider server) throws Exception {
        SslContext old = SslContextBuilder.forClient()
                .sslProvider(SslProvider.JDK)
                .protocols("TLSv1.2")
                .trustManager(authority.certificate)
                .endpointIdentificationAlgorithm(null)
                .applicationProtocolConfig(alpn(BridgeTls.PROTOCOL))
                .build();
        try (Line line = new Line(bridge(server, authority.server()), old, true, false)) {
            assertThat(line.server.failure()).isNotNull();
            assertThat(line.agent.failure()).isNotNull();
        }
    }

    @ParameterizedTest
    @CsvSource({"OPENSSL", "JDK"})
    void silenceHasADeadline(SslProvider provider) throws Exception {
        End server = new End(bridge(provider, authority.server()), true, Duration.ofMillis(50));
        Channel listener = listen(server);
        try (Socket silent = new Socket(InetAddress.getLoopbackAddress(), port(listener))) {
            silent.setSoTimeout((int) TIMEOUT.toMillis());
            assertThat(silent.getInputStream().read()).isEqualTo(-1);
            assertThat(server.failure()).hasMessageContaining("timed out after 50ms");
        } finally {
            listener.close().sync();
        }
    }

    @Test
    void aPinIsThirtyTwoBytesAndSaysNothingAboutClients() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BridgeTls.best(NOW).agent(new byte[31]))
                .withMessage("pin: 31 bytes (expected: 32)");
        X509Certificate[] chain = authority.server().chain().toArray(X509Certificate[]::new);
        assertThatExceptionOfType(CertificateException.class)
                .isThrownBy(() -> new PinnedAuthority(authority.pin(), NOW).checkClientTrusted(chain, "EC"));
    }

    private void refused(SslProvider server, Shown shown, SslProvider agent, byte[] pin, String why) throws Exception {
        try (Line line = line(bridge(server, shown), agent(agent, pin))) {
            assertThat(line.agent.failure()).hasStackTraceContaining(why);
            assertThat(line.server.failure()).isNotNull();
        }
    }

    private static SslContext bridge(SslProvider provider, Shown shown) throws Exception {
        return new BridgeTls(provider, NOW).server(shown.chain(), shown.key());
    }

    private static SslContext agent(SslProvider provider, byte[] pin) throws Exception {
        return new BridgeTls(provider, NOW).agent(pin);
    }

    private SslContextBuilder trusting(SslProvider provider) {
        return SslContextBuilder.forClient()
                .sslProvider(provider)
                .protocols("TLSv1.3")
                .trustManager(authority.certificate)
                .endpointIdentificationAlgorithm(null);
    }

    private static SslContextBuilder serving(SslProvider provider, Shown shown) {
        return SslContextBuilder.forServer(shown.key(), shown.chain())
                .sslProvider(provider)
                .protocols("TLSv1.3");
    }

    private static ApplicationProtocolConfig alpn(String protocol) {
        return new ApplicationProtocolConfig(
                Protocol.ALPN, SelectorFailureBehavior.NO_ADVERTISE, SelectedListenerFailureBehavior.ACCEPT, protocol);
    }

    private Line line(SslContext server, SslContext agent) throws Exception {
        return new Line(server, agent, true, true);
    }

    private Channel listen(End server) throws Exception {
        return new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .childHandler(server.initializer())
                .bind(InetAddress.getLoopbackAddress(), 0)
                .sync()
                .channel();
    }

    private static int port(Channel listener) {
        return ((InetSocketAddress) listener.localAddress()).getPort();
    }

    /** An agent and a server that have been connected. */
    private final class Line implements AutoCloseable {
        final End server;
        final End agent;
        private final Channel listener;
        private final Channel connection;

        /** The booleans say which ends are set up by {@link BridgeTls#addTo}, rather than by the bare context. */
        Line(SslContext server, SslContext agent, boolean serverIsOurs, boolean agentIsOurs) throws Exception {
            this.server = new End(server, serverIsOurs, TIMEOUT);
            this.agent = new End(agent, agentIsOurs, TIMEOUT);
            this.listener = listen(this.server);
            this.connection = new Bootstrap()
                    .group(loops)
                    .channel(NioSocketChannel.class)
                    .handler(this.agent.initializer())
                    .connect(listener.localAddress())
                    .sync()
                    .channel();
        }

        @Override
        public void close() {
            connection.close().syncUninterruptibly();
            listener.close().syncUninterruptibly();
        }
    }

    /** One end of a line: remembers how its handshake went and what it heard. */
    private static final class End {
        private final SslContext context;
        private final boolean ours;
        private final Duration timeout;
        private final CompletableFuture<Channel> channel = new CompletableFuture<>();
        private final CompletableFuture<String> handshake = new CompletableFuture<>();
        private final StringBuilder heard = new StringBuilder();

        End(SslContext context, boolean ours, Duration timeout) {
            this.context = context;
            this.ours = ours;
            this.timeout = timeout;
        }

        ChannelInitializer<Channel> initializer() {
            return new ChannelInitializer<>() {
                @Override
                protected void initChannel(Channel fresh) {
                    if (ours) {
                        BridgeTls.addTo(fresh.pipeline(), context, timeout);
                    } else {
                        fresh.pipeline().addLast(context.newHandler(fresh.alloc()));
                    }
                    fresh.pipeline().addLast(new Listener());
                    channel.complete(fresh);
                }
            };
        }

        String handshake() throws Exception {
            return handshake.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        }

        Throwable failure() throws Exception {
            try {
                throw new AssertionError("the handshake was expected to fail, but it is " + handshake());
            } catch (ExecutionException e) {
                closed();
                return Objects.requireNonNull(e.getCause());
            }
        }

        void closed() throws Exception {
            assertThat(channel.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS)
                            .closeFuture()
                            .await(TIMEOUT.toSeconds(), TimeUnit.SECONDS))
                    .isTrue();
        }

        void send(String text) throws Exception {
            handshake();
            Channel open = channel.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
            open.writeAndFlush(open.alloc().buffer().writeBytes(text.getBytes(StandardCharsets.US_ASCII)));
        }

        boolean heard(String text) {
            Awaitility.await().until(() -> allHeard().contains(text));
            return true;
        }

        boolean heardAnything() {
            return !allHeard().isEmpty();
        }

        private String allHeard() {
            synchronized (heard) {
                return heard.toString();
            }
        }

        private final class Listener extends SimpleChannelInboundHandler<ByteBuf> {
            @Override
            protected void channelRead0(ChannelHandlerContext ctx, ByteBuf message) {
                synchronized (heard) {
                    heard.append(message.toString(StandardCharsets.US_ASCII));
                }
            }

            @Override
            public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
                if (event instanceof SslHandshakeCompletionEvent completion) {
                    if (completion.isSuccess()) {
                        SslHandler tls = ctx.pipeline().get(SslHandler.class);
                        handshake.complete(tls.engine().getSession().getProtocol() + " " + tls.applicationProtocol());
                    } else {
                        handshake.completeExceptionally(completion.cause());
                    }
                }
            }

            @Override
            public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                // The handshake's outcome came as an event; a reset of
                // the line is how a refusal looks from the other side.
            }
        }
    }
}
