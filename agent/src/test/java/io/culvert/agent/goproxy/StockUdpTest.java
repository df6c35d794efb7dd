package io.culvert.agent.goproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.culvert.gateway.OpenTunnel;
import io.culvert.link.net.Liveness;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.DatagramChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Datagrams through a stock client. */
@Timeout(60)
class StockUdpTest {
    @TempDir
    Path directory;

    private static GoproxyDouble client(StockWorld world, OpenTunnel tunnel, int sessions) {
        return world.client(
                1, GoproxyDouble.start(StockWorld.bare(tunnel.bridgePort()), "default", sessions), sessions);
    }

    private StockWorld idle(Duration udpIdle) throws IOException {
        return new StockWorld(
                directory, StockWorld.settings(Liveness.DEFAULT, Duration.ofSeconds(10), udpIdle), Optional.empty());
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    private static void send(DatagramSocket from, byte[] body, int port) throws IOException {
        from.send(new DatagramPacket(body, body.length, InetAddress.getLoopbackAddress(), port));
    }

    private static byte[] receive(DatagramSocket at) throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[65_535], 65_535);
        at.receive(packet);
        return Arrays.copyOf(packet.getData(), packet.getLength());
    }

    private static List<MiniMux.Frame> frames(MiniMux mux, int type, int flags) {
        return mux.heard().stream()
                .filter(each -> each.stream() != 0 && each.type() == type && each.flags() == flags)
                .toList();
    }

    @Test
    void eachDatagramIsAFrameAndComesBackWhole() throws Exception {
        try (StockWorld world = new StockWorld(directory)) {
            OpenTunnel tunnel = world.plain(1, StockWorld.udp(world.udpEcho()));
            GoproxyDouble client = client(world, tunnel, 1);
            DatagramSocket visitor = world.datagramSocket();
            int[] sizes = {8, 10, 1_400, 2_048};
            for (int size : sizes) {
                send(visitor, random(size), tunnel.ports().get(0));
                assertThat(receive(visitor)).isEqualTo(random(size));
            }
            MiniMux session = client.live().get(0);
            List<MiniMux.Frame> data = frames(session, MiniMux.DATA, 0);
            // The head, and then each datagram alone.
            assertThat(data).hasSize(1 + sizes.length);
            String address = "127.0.0.1:" + visitor.getLocalPort();
            for (int i = 0; i < sizes.length; i++) {
                assertThat(data.get(i + 1).payload()).isEqualTo(Prefaces.datagram(address, random(sizes[i]), sizes[i]));
            }
            assertThat(client.lostDatagrams()).isZero();
            assertThat(client.badHeads()).isZero();
        }
    }

    /** The visitor sends without waiting: the frames stay one to a datagram, whatever the peer then reads together. */
    @Test
    void aBurstIsStillOneDatagramToAFrame() throws Exception {
        try (StockWorld world = new StockWorld(directory)) {
            OpenTunnel tunnel = world.plain(1, StockWorld.udp(world.udpEcho()));
            GoproxyDouble client = client(world, tunnel, 1);
            DatagramSocket visitor = world.datagramSocket();
            for (int i = 1; i <= 100; i++) {
                send(visitor, random(i), tunnel.ports().get(0));
            }
            MiniMux session = client.live().get(0);
            await().until(() -> frames(session, MiniMux.DATA, 0).size() == 101);
            List<MiniMux.Frame> data = frames(session, MiniMux.DATA, 0);
            int address = ("127.0.0.1:" + visitor.getLocalPort()).length();
            for (int i = 1; i <= 100; i++) {
                assertThat(data.get(i).length()).isEqualTo(4 + address + i);
            }
            assertThat(world.status(1).counts().datagramsDropped()).isZero();
        }
    }

    @Test
    void eachVisitorIsAFlowAndTheSessionsShareThem() throws Exception {
        try (StockWorld world = new StockWorld(directory)) {
            OpenTunnel tunnel = world.plain(1, StockWorld.udp(world.udpEcho()));
            GoproxyDouble client = client(world, tunnel, 4);
            for (int i = 0; i < 20; i++) {
                DatagramSocket visitor = world.datagramSocket();
                for (int j = 0; j < 3; j++) {
                    send(
                            visitor,
                            new byte[] {(byte) i, (byte) j},
                            tunnel.ports().get(0));
                    assertThat(receive(visitor)).containsExactly(i, j);
                }
            }
            assertThat(client.live())
                    .hasSize(4)
                    .allSatisfy(mux ->
                            assertThat(frames(mux, MiniMux.WINDOW, MiniMux.SYN)).hasSize(5));
        }
    }

    @Test
    void aSilentFlowEndsByFinAndTheNextDatagramBeginsAnother() throws Exception {
        try (StockWorld world = idle(Duration.ofMillis(400))) {
            OpenTunnel tunnel = world.plain(1, StockWorld.udp(world.udpEcho()));
            GoproxyDouble client = client(world, tunnel, 1);
            DatagramSocket visitor = world.datagramSocket();
            long start = System.nanoTime();
            send(visitor, new byte[] {1}, tunnel.ports().get(0));
            assertThat(receive(visitor)).containsExactly(1);
            MiniMux session = client.live().get(0);
            await().until(() -> frames(session, MiniMux.WINDOW, MiniMux.FIN).size() == 1);
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(Duration.ofMillis(400));
            send(visitor, new byte[] {2}, tunnel.ports().get(0));
            assertThat(receive(visitor)).containsExactly(2);
            assertThat(frames(session, MiniMux.WINDOW, MiniMux.SYN)).hasSize(2);
            assertThat(frames(session, MiniMux.WINDOW, MiniMux.RST)).isEmpty();
        }
    }

    @Test
    void whatTheSessionCannotTakeIsDroppedAndCounted() throws Exception {
        try (StockWorld world = new StockWorld(directory)) {
            OpenTunnel tunnel = world.plain(1, StockWorld.udp(world.udpEcho()));
            GoproxyDouble client = client(world, tunnel, 1);
            DatagramSocket visitor = world.datagramSocket();
            send(visitor, new byte[] {1}, tunnel.ports().get(0));
            assertThat(receive(visitor)).containsExactly(1);
            // It reads no more: its window, 256 KiB, and the stream's queue are all there is.
            client.live().get(0).freeze();
            byte[] body = random(8_000);
            await().pollInterval(Duration.ofMillis(20)).until(() -> {
                for (int i = 0; i < 20; i++) {
                    send(visitor, body, tunnel.ports().get(0));
                }
                return world.status(1).counts().datagramsDropped() > 0;
            });
        }
    }

    @Test
    void flowsBeyondTheMostAreDroppedUntilOthersRest() throws Exception {
        int most = 4096;
        try (StockWorld world = idle(Duration.ofSeconds(4))) {
            OpenTunnel tunnel = world.plain(1, StockWorld.udp(world.udpEcho()));
            // Takes streams and never answers: no thread for each, as the double would have.
            MiniMux sink = sink(world, tunnel);
            world.awaitSessions(1, 1);
            InetSocketAddress port = new InetSocketAddress(
                    InetAddress.getLoopbackAddress(), tunnel.ports().get(0));
            // Visitors by address: loopback has 16 million of them.
            for (int i = 0; i < most + 10; i++) {
                try (DatagramChannel visitor = DatagramChannel.open()) {
                    visitor.bind(new InetSocketAddress("127.1." + (i >> 8) + "." + (i & 0xFF), 0));
                    visitor.send(ByteBuffer.wrap(new byte[] {1}), port);
                }
                if (i % 64 == 63) {
                    int sent = i + 1;
                    await().pollInterval(Duration.ofMillis(1)).until(() -> {
                        var now = world.status(1);
                        return now.counts().bytesIn() + now.counts().datagramsDropped() >= sent;
                    });
                }
            }
            await().until(() -> world.status(1).counts().datagramsDropped() == 10);
            assertThat(world.status(1).counts().bytesIn()).isEqualTo(most);
            await().until(() -> frames(sink, MiniMux.WINDOW, MiniMux.FIN).size() == most);
            DatagramSocket visitor = world.datagramSocket();
            send(visitor, new byte[] {1}, tunnel.ports().get(0));
            await().until(() -> world.status(1).counts().bytesIn() == most + 1);
        }
    }

    private static MiniMux sink(StockWorld world, OpenTunnel tunnel) throws IOException {
        MiniMux mux = new MiniMux(
                StockWorld.bare(tunnel.bridgePort()).connect(), Prefaces.client("sink-1"), world.threads, each -> {});
        world.keep(mux::close);
        return mux;
    }

    @Test
    void withoutAClientDatagramsAreDroppedAndCounted() throws Exception {
        try (StockWorld world = new StockWorld(directory)) {
            OpenTunnel tunnel = world.plain(1, StockWorld.udp(9));
            send(world.datagramSocket(), new byte[10], tunnel.ports().get(0));
            await().until(() -> world.status(1).counts().datagramsDropped() == 1);
        }
    }

    /** Whatever the packing of what comes back: cut anywhere, or several to a frame. */
    @Test
    void answersAreTakenInAnyPacking() throws Exception {
        try (StockWorld world = new StockWorld(directory)) {
            OpenTunnel tunnel = world.plain(1, StockWorld.udp(9));
            MiniMux session = new MiniMux(
                    StockWorld.bare(tunnel.bridgePort()).connect(),
                    Prefaces.client("odd-1"),
                    world.threads,
                    StockUdpTest::answerOddly);
            world.keep(session::close);
            world.awaitSessions(1, 1);
            DatagramSocket visitor = world.datagramSocket();
            send(visitor, new byte[] {1}, tunnel.ports().get(0));
            List<Integer> sizes = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                sizes.add(receive(visitor).length);
            }
            assertThat(sizes).containsExactly(3, 65_507, 700, 1);
            // What is no datagram ends this flow and no more.
            await().until(() -> frames(session, MiniMux.WINDOW, MiniMux.RST).size() == 1);
            assertThat(world.status(1).sessions()).isEqualTo(1);
        }
    }

    private static void answerOddly(MiniStream stream) {
        try {
            String address = "1.2.3.4:5";
            byte[] all = Prefaces.joined(
                    Prefaces.datagram(address, random(3), 3),
                    Prefaces.datagram(address, random(65_507), 65_507),
                    Prefaces.datagram(address, random(700), 700));
            stream.write(Arrays.copyOf(all, 30_000));
            stream.write(Arrays.copyOfRange(all, 30_000, all.length));
            for (byte each : Prefaces.datagram(address, random(1), 1)) {
                stream.write(new byte[] {each});
            }
            stream.write(ByteBuffer.allocate(2)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putShort((short) 0xFFFF)
                    .array());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
