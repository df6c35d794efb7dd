package io.culvert.agent.goproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.culvert.agent.Address;
import io.culvert.agent.Agent;
import io.culvert.agent.AgentEnd;
import io.culvert.agent.AgentListener;
import io.culvert.agent.AgentSettings;
import io.culvert.gateway.ExposeSpec;
import io.culvert.gateway.OpenTunnel;
import io.culvert.gateway.Protocol;
import io.culvert.gateway.Target;
import io.culvert.gateway.TunnelSpec;
import io.culvert.gateway.engine.GatewaySettings;
import io.culvert.link.agent.JoinToken;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Datagrams that only IPv6 can bring: up to 65,527 bytes, 20 more than are carried. Each is dropped and counted, and its buffer let go
 * (which the leak gate of this module sees to).
 */
@Timeout(60)
class LargeDatagramTest {
    private static final int LARGEST_CARRIED = 65_507;
    private static final int LARGEST = 65_527;

    @TempDir
    Path directory;

    private InetAddress loopback;

    @BeforeEach
    void needsIpv6() throws IOException {
        byte[] one = new byte[16];
        one[15] = 1;
        loopback = InetAddress.getByAddress(one);
        boolean there;
        try (DatagramSocket socket = new DatagramSocket(0, loopback)) {
            there = socket.isBound();
        } catch (IOException e) {
            there = false;
        }
        assumeTrue(there, "this machine has no address ::1, and only IPv6 brings such datagrams");
    }

    private StockWorld world() throws IOException {
        GatewaySettings usual = StockWorld.settings();
        return new StockWorld(
                directory,
                new GatewaySettings(
                        usual.bridge(),
                        loopback,
                        usual.ports(),
                        usual.transport(),
                        usual.loops(),
                        usual.helloDeadline(),
                        usual.strangers(),
                        usual.liveness()),
                Optional.empty());
    }

    private DatagramSocket socket(StockWorld world) throws IOException {
        DatagramSocket socket = new DatagramSocket(0, loopback);
        world.keep(socket::close);
        socket.setSoTimeout(10_000);
        return socket;
    }

    private void send(DatagramSocket from, int size, int port) throws IOException {
        byte[] body = new byte[size];
        Arrays.fill(body, (byte) size);
        from.send(new DatagramPacket(body, size, loopback, port));
    }

    private static DatagramPacket receive(DatagramSocket at) throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[65_535], 65_535);
        at.receive(packet);
        return packet;
    }

    private static void ownAgent(StockWorld world, long id) {
        Agent agent = Agent.start(
                AgentSettings.of(
                        new Address("127.0.0.1", world.gateway.bridgePort()),
                        JoinToken.parse(world.gateway.joinToken(id, StockWorld.SECRET))),
                new Silent());
        world.keep(agent::close);
        world.awaitSessions(id, 1);
    }

    private static int expose(StockWorld world, Target target) {
        return world.gateway
                .open(new TunnelSpec(1, List.of(new ExposeSpec(Protocol.UDP, 0, target))))
                .toCompletableFuture()
                .join()
                .ports()
                .get(0);
    }

    /** The large ones come both ahead of the flow and inside it, and leave it as it was. */
    private void assertLargeOnesAreDropped(StockWorld world, int port, int carried) throws IOException {
        DatagramSocket visitor = socket(world);
        send(visitor, LARGEST, port);
        await().untilAsserted(() ->
                assertThat(world.status(1).counts().datagramsDropped()).isEqualTo(1));
        send(visitor, carried, port);
        assertThat(receive(visitor).getLength()).isEqualTo(carried);
        send(visitor, LARGEST, port);
        send(visitor, LARGEST_CARRIED + 1, port);
        await().untilAsserted(() ->
                assertThat(world.status(1).counts().datagramsDropped()).isEqualTo(3));
        send(visitor, carried, port);
        assertThat(receive(visitor).getLength()).isEqualTo(carried);
        assertThat(world.status(1).counts().bytesIn()).isEqualTo(2L * carried);
        assertThat(world.status(1).counts().datagramsDropped()).isEqualTo(3);
    }

    @Test
    void aStockClientIsSentNone() throws Exception {
        try (StockWorld world = world()) {
            OpenTunnel tunnel = world.plain(1, StockWorld.udp(world.udpEcho()));
            // The tunnel's own bridge port listens where exposes do.
            GoproxyDouble client = GoproxyDouble.start(() -> new Socket(loopback, tunnel.bridgePort()), "default", 1);
            world.client(1, client, 1);
            assertLargeOnesAreDropped(world, tunnel.ports().get(0), 2_048);
            assertThat(client.live()).hasSize(1);
        }
    }

    @Test
    void anOwnAgentIsSentNone() throws Exception {
        try (StockWorld world = world()) {
            int port = expose(world, new Target("127.0.0.1", world.udpEcho()));
            ownAgent(world, 1);
            assertLargeOnesAreDropped(world, port, LARGEST_CARRIED);
        }
    }

    @Test
    void aTargetsAreDroppedToo() throws Exception {
        try (StockWorld world = world()) {
            DatagramSocket target = socket(world);
            int port = expose(world, new Target("::1", target.getLocalPort()));
            ownAgent(world, 1);
            DatagramSocket visitor = socket(world);
            send(visitor, 1, port);
            int flow = receive(target).getPort();
            send(target, LARGEST, flow);
            send(target, LARGEST_CARRIED, flow);
            assertThat(receive(visitor).getLength()).isEqualTo(LARGEST_CARRIED);
            assertThat(world.status(1).counts().datagramsDropped()).isEqualTo(1);
            assertThat(world.status(1).counts().bytesOut()).isEqualTo(LARGEST_CARRIED);
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
