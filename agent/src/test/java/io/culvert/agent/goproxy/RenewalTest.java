package io.culvert.agent.goproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.culvert.agent.Address;
import io.culvert.agent.Agent;
import io.culvert.agent.AgentEnd;
import io.culvert.agent.AgentListener;
import io.culvert.agent.AgentSettings;
import io.culvert.gateway.BridgeSpec;
import io.culvert.gateway.OpenTunnel;
import io.culvert.link.agent.JoinToken;
import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Certificates near and past their end, by a clock that is moved by hand. */
@Timeout(60)
class RenewalTest {
    private static final String TLS = "TLSv1.2";
    private final Instant today = Instant.now();
    private static final Duration YEAR = Duration.ofDays(365);

    @TempDir
    Path directory;

    private final AtomicReference<Instant> now = new AtomicReference<>(today);

    private StockWorld world() throws IOException {
        return new StockWorld(directory, StockWorld.settings(), Optional.empty(), now::get);
    }

    private static OpenTunnel tunnel(StockWorld world, long id) throws IOException {
        return world.open(id, new BridgeSpec(0, true, false), StockWorld.tcp(world.echo()));
    }

    private static Certificate shown(Credential to, int port) throws IOException {
        try (SSLSocket socket = to.connect(port, TLS)) {
            return socket.getSession().getPeerCertificates()[0];
        }
    }

    /** An agent of ours judges the server's dates by the machine's own clock, so the server begins in the past. */
    private static Agent own(StockWorld world, JoinToken token) {
        Agent agent = Agent.start(
                AgentSettings.of(new Address("127.0.0.1", world.gateway.bridgePort()), token), new Silent());
        world.keep(agent::close);
        return agent;
    }

    @Test
    void aRunningServersCertificateIsRenewedAndNobodyNotices() throws Exception {
        now.set(today.minus(Duration.ofDays(300)));
        try (StockWorld world = world()) {
            OpenTunnel seven = tunnel(world, 7);
            OpenTunnel eight = tunnel(world, 8);
            Credential bundle = Credential.of(world.bundle(7));
            JoinToken token = JoinToken.parse(world.gateway.joinToken(8, StockWorld.SECRET));
            GoproxyDouble.Dial dial = StockWorld.tls(seven.bridgePort(), bundle, TLS);
            world.client(7, GoproxyDouble.start(dial, "default", 1), 1);
            Agent agent = own(world, token);
            world.awaitSessions(8, 1);
            Certificate first = shown(bundle, world.gateway.bridgePort());
            assertThat(shown(bundle, seven.bridgePort())).isEqualTo(first);

            now.set(today);

            // What the old bundle trusts is trust in the new certificate too: without it the handshake would fail here.
            await().until(() -> !shown(bundle, world.gateway.bridgePort()).equals(first));
            assertThat(shown(bundle, seven.bridgePort())).isEqualTo(shown(bundle, world.gateway.bridgePort()));
            assertThat(world.log).noneMatch(line -> line.startsWith("down"));
            world.assertServed(seven.ports().get(0));
            world.assertServed(eight.ports().get(0));
            // Old bundles and tokens open the door as before.
            world.client(7, GoproxyDouble.start(dial, "another", 1), 2);
            agent.close();
            world.awaitSessions(8, 0);
            own(world, token);
            world.awaitSessions(8, 1);
            world.assertServed(eight.ports().get(0));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aBundleWhoseDatesAreOverIsRefusedAtTheDoorAndCutsNobody(String protocol) throws Exception {
        try (StockWorld world = world()) {
            OpenTunnel tunnel = tunnel(world, 7);
            Credential bundle = Credential.of(world.bundle(7));
            GoproxyDouble.Dial atOwn = StockWorld.tls(tunnel.bridgePort(), bundle, protocol);
            GoproxyDouble.Dial atServers = StockWorld.tls(world.gateway.bridgePort(), bundle, protocol);
            now.set(today.plus(YEAR).minusSeconds(2));
            world.client(7, GoproxyDouble.start(atOwn, "default", 1), 1);
            assertAdmitted(world, atServers, "t7-1");

            now.set(today.plus(YEAR).plusSeconds(2));

            assertRefused(world, atOwn, "default-2");
            assertRefused(world, atServers, "t7-2");
            world.awaitSessions(7, 1);
            world.assertServed(tunnel.ports().get(0));
            GoproxyDouble.Dial fresh = StockWorld.tls(tunnel.bridgePort(), Credential.of(world.bundle(7)), protocol);
            assertAdmitted(world, fresh, "default-2");
        }
    }

    private static void assertAdmitted(StockWorld world, GoproxyDouble.Dial dial, String keyIndex) throws Exception {
        int before = world.status(7).sessions();
        try (MiniMux mux = new MiniMux(dial.connect(), Prefaces.client(keyIndex), world.threads, stream -> {})) {
            world.awaitSessions(7, before + 1);
            assertThatThrownBy(() -> mux.over().get(0, TimeUnit.SECONDS)).isInstanceOf(TimeoutException.class);
        }
        world.awaitSessions(7, before);
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
