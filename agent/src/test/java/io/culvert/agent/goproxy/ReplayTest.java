package io.culvert.agent.goproxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.culvert.agent.goproxy.Transcript.Event;
import io.culvert.agent.goproxy.Transcript.Side;
import io.culvert.gateway.BridgeSpec;
import io.culvert.gateway.OpenTunnel;
import io.culvert.link.net.Liveness;
import java.io.IOException;
import java.io.InputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The real programs' side of each recording, byte for byte, against the real gateway: what Culvert sends must be what goproxy's bridge sent
 * in its place, but for what {@link Side} leaves out and says why. Visitors do what they did when the recording was made.
 */
@Timeout(60)
class ReplayTest {
    @TempDir
    Path directory;

    /** One connection of the recorded peer to the bridge, and both runs' answers on it. */
    private static final class Connection {
        final Socket socket;
        final Transcript.Frames recorded = new Transcript.Frames();
        final Side expected;
        final Side actual;

        Connection(StockWorld world, Socket socket, boolean bridgeOpens) {
            this.socket = socket;
            this.expected = new Side(bridgeOpens);
            this.actual = new Side(bridgeOpens);
            world.keep(socket::close);
            world.threads.execute(this::hear);
        }

        private void hear() {
            Transcript.Frames frames = new Transcript.Frames();
            byte[] buffer = new byte[65_536];
            try {
                InputStream in = socket.getInputStream();
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    for (MiniMux.Frame each : frames.add(Arrays.copyOf(buffer, n))) {
                        synchronized (this) {
                            actual.add(each);
                        }
                    }
                }
            } catch (IOException e) {
                // The test is over.
            }
        }

        synchronized void assertCaughtUp() {
            assertThat(actual.covers(expected))
                    .as("said until here: %s, expected: %s", actual, expected)
                    .isTrue();
        }

        synchronized void assertEqual(boolean packed) {
            Map<Integer, List<String>> wanted = packed ? expected.unpacked() : expected.said();
            Map<Integer, List<String>> heard = new TreeMap<>(packed ? actual.unpacked() : actual.said());
            // Culvert looks after a target that has broken a visitor
            // off: by a stream more, which no recorded visitor made.
            Map<Integer, List<String>> more = new TreeMap<>(heard);
            more.keySet().removeAll(wanted.keySet());
            heard.keySet().removeAll(more.keySet());
            assertThat(heard).isEqualTo(wanted);
            assertThat(more.values())
                    .allSatisfy(each -> assertThat(each.toString()).contains("tcp:127.0.0.1:27999"));
            assertThat(actual.pongs()).isEqualTo(expected.pongs());
        }
    }

    /** {@code proxy client} as recorded; Culvert stands for bridge and {@code proxy server}. */
    @ParameterizedTest
    @CsvSource({"client-leg-plain, false", "client-leg-snappy, true"})
    void clientLeg(String recording, boolean compress) throws Exception {
        // The plain recording goes on until the flow's 30 s are over; the other one ends before.
        Duration idle = compress ? Duration.ofSeconds(30) : Duration.ofSeconds(3);
        try (StockWorld world = new StockWorld(
                directory, StockWorld.settings(Liveness.DEFAULT, Duration.ofSeconds(10), idle), Optional.empty())) {
            OpenTunnel tunnel = world.open(
                    1,
                    new BridgeSpec(0, false, compress),
                    StockWorld.tcp(27_022),
                    StockWorld.udp(27_022),
                    StockWorld.tcp(27_999));
            Connection bridge =
                    new Connection(world, StockWorld.bare(tunnel.bridgePort()).connect(), true);
            Visitors visitors = new Visitors(world, tunnel, compress);
            for (Event event : Transcript.load(recording)) {
                if (event.toBridge()) {
                    await().untilAsserted(bridge::assertCaughtUp);
                    bridge.socket.getOutputStream().write(event.bytes());
                    world.awaitSessions(1, 1);
                } else {
                    for (MiniMux.Frame each : bridge.recorded.add(event.bytes())) {
                        bridge.expected.add(each);
                        visitors.cause(each);
                    }
                }
            }
            await().untilAsserted(bridge::assertCaughtUp);
            bridge.assertEqual(compress);
            visitors.assertAnswered();
        }
    }

    /** The visitors of a client leg: each does what made the recorded bridge say what it said. */
    private static final class Visitors {
        private final StockWorld world;
        private final OpenTunnel tunnel;
        private final Map<Integer, Socket> sockets = new HashMap<>();
        private final Map<Integer, Snappy> unpackers = new HashMap<>();
        private final Map<Integer, Boolean> heads = new HashMap<>();
        private final StringBuilder datagrams = new StringBuilder();
        private final boolean compress;
        private @Nullable DatagramSocket udp;

        Visitors(StockWorld world, OpenTunnel tunnel, boolean compress) {
            this.world = world;
            this.tunnel = tunnel;
            this.compress = compress;
        }

        void cause(MiniMux.Frame frame) throws IOException {
            int id = frame.stream();
            if (frame.type() == MiniMux.PING || id == 0) {
                return;
            }
            if (frame.flags() == MiniMux.SYN) {
                come(id);
            } else if (frame.type() == MiniMux.DATA) {
                byte[] payload = frame.payload();
                if (heads.putIfAbsent(id, true) == null) {
                    payload = Arrays.copyOfRange(payload, Transcript.headLength(payload), payload.length);
                }
                if (payload.length > 0) {
                    say(id, payload);
                }
            } else if (frame.flags() == MiniMux.FIN && id != 3) {
                // The first one half-closes; the last one was told of its refusal by an end, and goes.
                Socket visitor = Objects.requireNonNull(sockets.get(id));
                if (id == 5) {
                    assertThat(visitor.getInputStream().read()).isEqualTo(-1);
                }
                visitor.shutdownOutput();
            }
        }

        private void come(int id) throws IOException {
            if (id == 3) {
                udp = world.datagramSocket();
            } else {
                sockets.put(id, world.visit(tunnel.ports().get(id == 1 ? 0 : 2)));
                Snappy unpacker = Snappy.unpacker();
                world.keep(unpacker::close);
                unpackers.put(id, unpacker);
            }
        }

        private void say(int id, byte[] payload) throws IOException {
            if (id == 3) {
                DatagramSocket visitor = Objects.requireNonNull(udp);
                ByteBuffer datagram = ByteBuffer.wrap(payload).order(ByteOrder.LITTLE_ENDIAN);
                datagram.position(2 + datagram.getShort(0) + 2);
                byte[] body = Arrays.copyOfRange(payload, datagram.position(), payload.length);
                visitor.send(new DatagramPacket(
                        body,
                        body.length,
                        InetAddress.getLoopbackAddress(),
                        tunnel.ports().get(1)));
                datagrams.append(body.length).append(' ');
            } else {
                byte[] plain =
                        compress ? Objects.requireNonNull(unpackers.get(id)).unpack(payload) : payload;
                Objects.requireNonNull(sockets.get(id)).getOutputStream().write(plain);
            }
        }

        /** What the recorded client said back was understood. */
        void assertAnswered() throws IOException {
            String echoed = new String(
                    Objects.requireNonNull(sockets.get(1)).getInputStream().readAllBytes(), ISO_8859_1);
            assertThat(echoed).isEqualTo("hello culvert" + "x".repeat(20_000));
            assertThat(datagrams.toString()).isEqualTo("8 10 1400 2048 ");
            for (String body : List.of("ping-udp", "ping-udp-2", "z".repeat(1_400), "y".repeat(2_048))) {
                DatagramPacket packet = new DatagramPacket(new byte[4_096], 4_096);
                Objects.requireNonNull(udp).receive(packet);
                assertThat(new String(packet.getData(), 0, packet.getLength(), ISO_8859_1))
                        .isEqualTo(body);
            }
        }
    }

    /** {@code proxy server} as recorded; Culvert stands for the bridge, and a client that answers as the recorded one's targets did. */
    @ParameterizedTest
    @CsvSource({"server-leg-plain, false", "server-leg-snappy, true"})
    void serverLeg(String recording, boolean compress) throws Exception {
        try (StockWorld world = new StockWorld(directory)) {
            OpenTunnel tunnel = world.open(1, new BridgeSpec(0, false, compress), StockWorld.tcp(9));
            GoproxyDouble.Dial dial = StockWorld.bare(tunnel.bridgePort());
            MiniMux client =
                    new MiniMux(dial.connect(), Prefaces.client("default-1"), world.threads, ReplayTest::answer);
            world.keep(client::close);
            world.awaitSessions(1, 1);
            Map<Integer, Connection> connections = new HashMap<>();
            for (Event event : Transcript.load(recording)) {
                Connection bridge = connections.get(event.connection());
                if (bridge == null) {
                    bridge = new Connection(world, dial.connect(), false);
                    if (event.connection() == 2) {
                        bridge.expected.datagramsOn(1);
                        bridge.actual.datagramsOn(1);
                    }
                    connections.put(event.connection(), bridge);
                }
                if (event.toBridge()) {
                    for (Connection each : connections.values()) {
                        await().untilAsserted(each::assertCaughtUp);
                    }
                    bridge.socket.getOutputStream().write(event.bytes());
                } else {
                    bridge.recorded.add(event.bytes()).forEach(bridge.expected::add);
                }
            }
            assertThat(connections).hasSize(3);
            for (Connection each : connections.values()) {
                await().untilAsserted(each::assertCaughtUp);
                each.assertEqual(false);
            }
        }
    }

    private static String field(MiniStream stream) throws IOException {
        int length = (int) ByteBuffer.wrap(stream.readNBytes(8))
                .order(ByteOrder.LITTLE_ENDIAN)
                .getLong();
        return new String(stream.readNBytes(length), ISO_8859_1);
    }

    /** What the recorded targets did: one echoes, packed or not, and one is not there. */
    private static void answer(MiniStream stream) {
        try {
            byte[] buffer = new byte[65_536];
            field(stream);
            String target = field(stream);
            field(stream);
            if (!target.endsWith(":27999")) {
                for (int n = stream.read(buffer); n >= 0; n = stream.read(buffer)) {
                    stream.write(Arrays.copyOf(buffer, n));
                }
            }
            stream.finish();
        } catch (IOException e) {
            // The test is over.
        }
    }
}
