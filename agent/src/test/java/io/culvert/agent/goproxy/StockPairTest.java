package io.culvert.agent.goproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.culvert.gateway.BridgeSpec;
import io.culvert.gateway.EndReason;
import io.culvert.gateway.OpenTunnel;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A stock {@code proxy server} on a tunnel's bridge port, paired with the clients of its key. */
@Timeout(60)
class StockPairTest {
    @TempDir
    Path directory;

    private StockWorld world;

    @BeforeEach
    void open() throws IOException {
        world = new StockWorld(directory);
    }

    @AfterEach
    void close() throws IOException {
        world.close();
    }

    private OpenTunnel tunnel() {
        return world.plain(1, StockWorld.tcp(9));
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    @Test
    void itsVisitorsReachTheTargetThatItNames() throws Exception {
        OpenTunnel tunnel = tunnel();
        GoproxyDouble.Dial dial = StockWorld.bare(tunnel.bridgePort());
        GoproxyDouble client = world.client(1, GoproxyDouble.start(dial, "default", 3), 3);
        GoproxyServerDouble server = world.server(dial.connect(), "default");
        String target = "tcp:127.0.0.1:" + world.echo();
        for (int i = 0; i < 9; i++) {
            MiniStream visitor = server.visit(target);
            byte[] question = random(300_000 + i);
            Future<?> writer = world.threads.submit(() -> {
                visitor.write(question);
                return null;
            });
            assertThat(visitor.readNBytes(question.length)).isEqualTo(question);
            writer.get();
        }
        assertThat(client.badHeads()).isZero();
        assertThat(client.live())
                .allSatisfy(mux -> assertThat(mux.heard().stream()
                                .filter(each -> each.type() == MiniMux.WINDOW && each.flags() == MiniMux.SYN))
                        .hasSize(3));
    }

    @Test
    void byTlsToo() throws Exception {
        OpenTunnel tunnel = world.open(1, new BridgeSpec(0, true, false), StockWorld.tcp(9));
        GoproxyDouble.Dial dial = StockWorld.tls(tunnel.bridgePort(), Credential.of(world.bundle(1)), "TLSv1.2");
        world.client(1, GoproxyDouble.start(dial, "default", 1), 1);
        MiniStream visitor = world.server(dial.connect(), "default").visit("tcp:127.0.0.1:" + world.echo());
        visitor.write(new byte[] {1, 2, 3});
        assertThat(visitor.readNBytes(3)).containsExactly(1, 2, 3);
    }

    /** A bridge does not look into what {@code -c} packs: the two ends agree on it. */
    @Test
    void packedStreamsPassAsTheyAre() throws Exception {
        OpenTunnel tunnel = world.open(1, new BridgeSpec(0, false, true), StockWorld.tcp(9));
        GoproxyDouble.Dial dial = StockWorld.bare(tunnel.bridgePort());
        world.client(1, GoproxyDouble.start(dial, "default", 1, true, GoproxyDouble.STOCK_REDIAL), 1);
        MiniStream visitor = world.server(dial.connect(), "default").visit("tcp:127.0.0.1:" + world.echo());
        try (Snappy packer = Snappy.packer();
                Snappy unpacker = Snappy.unpacker()) {
            visitor.write(packer.pack(new byte[] {1, 2, 3}));
            byte[] plain = {};
            byte[] buffer = new byte[1000];
            while (plain.length == 0) {
                plain = unpacker.unpack(Arrays.copyOf(buffer, visitor.read(buffer)));
            }
            assertThat(plain).containsExactly(1, 2, 3);
        }
    }

    @Test
    void anEndTravelsBothWays() throws Exception {
        OpenTunnel tunnel = tunnel();
        GoproxyDouble.Dial dial = StockWorld.bare(tunnel.bridgePort());
        world.client(1, GoproxyDouble.start(dial, "default", 1), 1);
        GoproxyServerDouble server = world.server(dial.connect(), "default");
        ServerSocket target = world.target();
        MiniStream one = server.visit("tcp:127.0.0.1:" + target.getLocalPort());
        one.write(new byte[] {1});
        one.finish();
        assertThat(target.accept().getInputStream().readAllBytes()).containsExactly(1);
        assertThat(one.read(new byte[1])).isEqualTo(-1);
        MiniStream two = server.visit("tcp:127.0.0.1:" + target.getLocalPort());
        Socket inner = target.accept();
        inner.getOutputStream().write(2);
        inner.close();
        assertThat(two.readNBytes(1)).containsExactly(2);
        assertThat(two.read(new byte[1])).isEqualTo(-1);
    }

    @Test
    void datagramsLeaveOneToAFrameHoweverTheyCame() throws Exception {
        OpenTunnel tunnel = tunnel();
        GoproxyDouble.Dial dial = StockWorld.bare(tunnel.bridgePort());
        GoproxyDouble client = world.client(1, GoproxyDouble.start(dial, "default", 1), 1);
        GoproxyServerDouble server = world.server(dial.connect(), "default");
        MiniStream flow = server.visit("udp:127.0.0.1:" + world.udpEcho());
        String address = "10.1.2.3:4567";
        int[] sizes = {8, 10, 1_400, 2_048};
        for (int size : sizes) {
            byte[] datagram = Prefaces.datagram(address, random(size), size);
            // In two frames, as the far side of a slow line would see them.
            flow.write(Arrays.copyOf(datagram, 5));
            flow.write(Arrays.copyOfRange(datagram, 5, datagram.length));
            assertThat(flow.readNBytes(datagram.length)).isEqualTo(datagram);
        }
        // And two in one.
        flow.write(Prefaces.joined(
                Prefaces.datagram(address, random(100), 100), Prefaces.datagram(address, random(200), 200)));
        MiniMux session = client.live().get(0);
        await().until(() -> data(session).size() == 1 + sizes.length + 2);
        List<MiniMux.Frame> frames = data(session);
        for (int i = 0; i < sizes.length; i++) {
            assertThat(frames.get(i + 1).payload()).isEqualTo(Prefaces.datagram(address, random(sizes[i]), sizes[i]));
        }
        assertThat(frames.get(5).payload()).isEqualTo(Prefaces.datagram(address, random(100), 100));
        assertThat(frames.get(6).payload()).isEqualTo(Prefaces.datagram(address, random(200), 200));
        flow.finish();
        while (flow.read(new byte[1000]) >= 0) {}
        await().until(() -> session.heard().stream().anyMatch(each -> each.flags() == MiniMux.FIN));
    }

    private static List<MiniMux.Frame> data(MiniMux mux) {
        return mux.heard().stream().filter(each -> each.type() == MiniMux.DATA).toList();
    }

    @Test
    void clientsOfOtherKeysAreNotPairedWithIt() throws Exception {
        OpenTunnel tunnel = tunnel();
        GoproxyDouble.Dial dial = StockWorld.bare(tunnel.bridgePort());
        world.client(1, GoproxyDouble.start(dial, "one", 1), 1);
        GoproxyServerDouble server = world.server(dial.connect(), "two");
        String target = "tcp:127.0.0.1:" + world.echo();
        MiniStream visitor = server.visit(target);
        assertThatThrownBy(() -> visitor.read(new byte[1])).hasMessageContaining("reset");
        // Once its client is there, it is served.
        world.client(1, GoproxyDouble.start(dial, "two", 1), 2);
        MiniStream next = server.visit(target);
        next.write(new byte[] {1});
        assertThat(next.readNBytes(1)).containsExactly(1);
    }

    @Test
    void clientsOfOtherTunnelsAreNotPairedWithIt() throws Exception {
        OpenTunnel one = tunnel();
        OpenTunnel two = world.plain(2, StockWorld.tcp(9));
        world.client(1, GoproxyDouble.start(StockWorld.bare(one.bridgePort()), "default", 1), 1);
        MiniStream visitor = world.server(StockWorld.bare(two.bridgePort()).connect(), "default")
                .visit("tcp:127.0.0.1:" + world.echo());
        assertThatThrownBy(() -> visitor.read(new byte[1])).hasMessageContaining("reset");
    }

    @Test
    void atTheServersOwnPortAServerIsRefused() throws Exception {
        tunnel();
        Credential credential = Credential.of(world.bundle(1));
        GoproxyServerDouble server = world.server(credential.connect(world.gateway.bridgePort(), "TLSv1.2"), "t1");
        server.mux().over().get(5, TimeUnit.SECONDS);
        assertThat(server.mux().heard()).isEmpty();
    }

    @Test
    void itLeavesWithItsTunnel() throws Exception {
        OpenTunnel tunnel = tunnel();
        GoproxyServerDouble server =
                world.server(StockWorld.bare(tunnel.bridgePort()).connect(), "default");
        await().until(() -> !server.mux().heard().isEmpty());
        world.gateway.close(1, EndReason.REMOVED).toCompletableFuture().get(5, TimeUnit.SECONDS);
        server.mux().over().get(5, TimeUnit.SECONDS);
    }
}
