package io.culvert.agent.goproxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.agent.Address;
import io.culvert.agent.Agent;
import io.culvert.agent.AgentEnd;
import io.culvert.agent.AgentListener;
import io.culvert.agent.AgentSettings;
import io.culvert.gateway.BridgeSpec;
import io.culvert.gateway.Bundle;
import io.culvert.gateway.OpenTunnel;
import io.culvert.gateway.identity.ServerIdentity;
import io.culvert.gateway.identity.SharedCertificate;
import io.culvert.link.agent.JoinToken;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may serve a tunnel as a stock client, where, and until when. */
@Timeout(60)
class StockAccessTest {
    private static final String TLS = "TLSv1.2";
    private static final Duration NEVER = Duration.ofMinutes(10);

    @TempDir
    Path directory;

    private StockWorld world;

    @BeforeEach
    void open() throws IOException {
        world = new StockWorld(directory.resolve("server"));
    }

    @AfterEach
    void close() throws IOException {
        world.close();
    }

    private OpenTunnel tunnel(long id) throws IOException {
        return world.open(id, new BridgeSpec(0, true, false), StockWorld.tcp(world.echo()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void certificateAndKeyTogetherAdmitAtTheServersPort(String protocol) throws Exception {
        OpenTunnel tunnel = tunnel(7);
        GoproxyDouble.Dial dial = StockWorld.tls(world.gateway.bridgePort(), Credential.of(world.bundle(7)), protocol);
        world.client(7, GoproxyDouble.start(dial, "t7", 10), 10);
        for (int i = 0; i < 20; i++) {
            world.assertServed(tunnel.ports().get(0));
        }
    }

    @Test
    void neitherKeyNorCertificateAloneAdmitsAtTheServersPort() throws Exception {
        tunnel(7);
        tunnel(8);
        int port = world.gateway.bridgePort();
        Credential seven = Credential.of(world.bundle(7));
        GoproxyDouble.Dial dial = StockWorld.tls(port, seven, TLS);
        assertRefused(() -> seven.connectWithoutCertificate(port, TLS), "t7-1");
        assertRefused(() -> seven.connectWithoutCertificate(port, "TLSv1.3"), "t7-1");
        assertRefused(dial, "default-1");
        assertRefused(dial, "7-1");
        assertRefused(dial, "T7-1");
        assertRefused(dial, "t07-1");
        assertRefused(dial, "t+7-1");
        assertRefused(dial, "t8-1");
        assertRefused(dial, "t99-1");
        assertRefused(dial, "t9999999999999999999-1");
        assertRefused(StockWorld.tls(port, Credential.of(world.bundle(8)), TLS), "t7-1");
        assertThat(world.status(7).sessions()).isZero();
        assertThat(world.status(8).sessions()).isZero();
    }

    @Test
    void aTunnelsOwnPortTakesItsOwnCertificatesOnly() throws Exception {
        OpenTunnel tunnel = tunnel(7);
        tunnel(8);
        int port = tunnel.bridgePort();
        Credential seven = Credential.of(world.bundle(7));
        assertRefused(StockWorld.tls(port, Credential.of(world.bundle(8)), TLS), "default-1");
        assertRefused(StockWorld.tls(port, Credential.of(world.bundle(8)), TLS), "t7-1");
        assertRefused(() -> seven.connectWithoutCertificate(port, TLS), "default-1");
        assertRefused(StockWorld.bare(port), "default-1");
        ServerIdentity foreign =
                ServerIdentity.loadOrCreate(directory.resolve("foreign"), InstantSource.system(), new SecureRandom());
        Bundle strange = foreign.issueBundle(7, Optional.empty());
        Credential impostor =
                Credential.of(strange.certificates() + world.bundle(7).certificates(), strange.key());
        assertRefused(StockWorld.tls(port, impostor, TLS), "default-1");
        assertRefused(StockWorld.tls(port, impostor, "TLSv1.3"), "default-1");
        assertThat(world.status(7).sessions()).isZero();

        world.client(7, GoproxyDouble.start(StockWorld.tls(port, seven, TLS), "whatever", 1), 1);
        world.assertServed(tunnel.ports().get(0));
    }

    @Test
    void anOwnAgentIsServedOnATunnelsOwnPort() throws Exception {
        OpenTunnel tunnel = tunnel(7);
        Agent agent = Agent.start(
                AgentSettings.of(
                        new Address("127.0.0.1", tunnel.bridgePort()),
                        JoinToken.parse(world.gateway.joinToken(7, StockWorld.SECRET))),
                new Silent());
        world.keep(agent::close);
        world.awaitSessions(7, 1);
        world.assertServed(tunnel.ports().get(0));
    }

    @Test
    void revocationCutsAtOnceAndForEver() throws Exception {
        OpenTunnel tunnel = tunnel(7);
        OpenTunnel other = tunnel(8);
        Credential old = Credential.of(world.bundle(7));
        GoproxyDouble.Dial atOwn = StockWorld.tls(tunnel.bridgePort(), old, TLS);
        GoproxyDouble.Dial atServers = StockWorld.tls(world.gateway.bridgePort(), old, TLS);
        GoproxyDouble one = world.client(7, GoproxyDouble.start(atOwn, "default", 2, false, NEVER), 2);
        GoproxyDouble two = world.client(7, GoproxyDouble.start(atServers, "t7", 2, false, NEVER), 4);
        GoproxyServerDouble server = world.server(atOwn.connect(), "default");
        MiniStream visitor = server.visit("tcp:127.0.0.1:" + world.echo());
        visitor.write(new byte[] {5});
        assertThat(visitor.readNBytes(1)).containsExactly(5);
        GoproxyDouble.Dial others = StockWorld.tls(other.bridgePort(), Credential.of(world.bundle(8)), TLS);
        world.client(8, GoproxyDouble.start(others, "default", 1), 1);
        List<MiniMux> sessions = List.of(
                one.live().get(0),
                one.live().get(1),
                two.live().get(0),
                two.live().get(1),
                server.mux());

        world.revoke(7);

        for (MiniMux session : sessions) {
            session.over().get(2, TimeUnit.SECONDS);
        }
        world.awaitSessions(7, 0);
        assertRefused(atOwn, "default-1");
        assertRefused(atServers, "t7-1");
        assertThat(world.status(8).sessions()).isEqualTo(1);
        world.assertServed(other.ports().get(0));
        Credential renewed = Credential.of(world.bundle(7));
        world.client(7, GoproxyDouble.start(StockWorld.tls(tunnel.bridgePort(), renewed, TLS), "default", 1), 1);
        world.assertServed(tunnel.ports().get(0));
    }

    @Test
    void theInstallationsCommonCertificateOpensEveryTunnelsOwnPortAndNotTheServers() throws Exception {
        ServerIdentity seed =
                ServerIdentity.loadOrCreate(directory.resolve("seed"), InstantSource.system(), new SecureRandom());
        SharedCertificate shared = new SharedCertificate(List.of(seed.chain().get(0)), seed.key());
        Credential common = new Credential(shared.chain(), shared.key());
        try (StockWorld installation =
                new StockWorld(directory.resolve("shared"), StockWorld.settings(), Optional.of(shared))) {
            OpenTunnel tunnel =
                    installation.open(1, new BridgeSpec(0, true, false), StockWorld.tcp(installation.echo()));
            GoproxyDouble.Dial dial = StockWorld.tls(tunnel.bridgePort(), common, TLS);
            installation.client(1, GoproxyDouble.start(dial, "default", 2), 2);
            installation.assertServed(tunnel.ports().get(0));
            // A bundle of its own trusts the certificate that its bridge shows here.
            Credential own = Credential.of(installation.bundle(1));
            installation.client(
                    1, GoproxyDouble.start(StockWorld.tls(tunnel.bridgePort(), own, "TLSv1.3"), "own", 1), 3);
            // Revoking the bundle leaves those with the common certificate alone.
            installation.revoke(1);
            installation.awaitSessions(1, 2);
            installation.assertServed(tunnel.ports().get(0));
            Credential both = new Credential(
                    List.of(
                            shared.leaf(),
                            installation.identity.chain().get(0),
                            installation.identity.chain().get(1)),
                    shared.key());
            assertRefused(installation, StockWorld.tls(installation.gateway.bridgePort(), both, TLS), "t1-1");
        }
    }

    private void assertRefused(GoproxyDouble.Dial dial, String keyIndex) throws Exception {
        assertRefused(world, dial, keyIndex);
    }

    private static void assertRefused(StockWorld world, GoproxyDouble.Dial dial, String keyIndex) throws Exception {
        try (MiniMux mux = new MiniMux(dial.connect(), Prefaces.client(keyIndex), world.threads, stream -> {})) {
            mux.over().get(5, TimeUnit.SECONDS);
            assertThat(mux.heard()).as("a session under %s", keyIndex).isEmpty();
        } catch (IOException e) {
            // Refused in the handshake already.
        }
    }

    private static final class Silent implements AgentListener {
        @Override
        public void connected(int session, long epoch) {}

        @Override
        public void disconnected(int session, String why, Duration retryIn) {}

        @Override
        public void ended(AgentEnd end, String why) {}
    }
}
