package io.culvert.agent;

import static io.culvert.agent.RawAgent.ACK;
import static io.culvert.agent.RawAgent.DATA;
import static io.culvert.agent.RawAgent.FIN;
import static io.culvert.agent.RawAgent.GO_AWAY;
import static io.culvert.agent.RawAgent.PING;
import static io.culvert.agent.RawAgent.RST;
import static io.culvert.agent.RawAgent.SYN;
import static io.culvert.agent.RawAgent.WINDOW_UPDATE;
import static io.culvert.agent.RawAgent.frame;
import static io.culvert.agent.RawAgent.hello;
import static io.culvert.agent.RawAgent.join;
import static io.culvert.agent.RawAgent.times;
import static io.culvert.agent.World.assertEcho;
import static io.culvert.agent.World.assertReset;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.culvert.gateway.BridgeSpec;
import io.culvert.gateway.ExposeSpec;
import io.culvert.gateway.Target;
import io.culvert.gateway.TunnelSpec;
import io.culvert.link.agent.AgentMessage.Refused;
import io.culvert.link.agent.RefusalCode;
import io.culvert.link.goproxy.Preface;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whoever connects to the bridge port may say anything. Behind each test stands the same question: does a proper agent still get in, and
 * did the other tunnel's visitor, connected before, notice anything?
 */
@Timeout(60)
class HostileBridgeTest {
    private static final int WINDOW = 256 * 1024;
    /** A session that is not read may cost 8 MiB of answers; beside it stand buffers of the sockets and of TLS. */
    private static final long MOST_DIRECT = 64L << 20;

    private static final long NEAR = 8L << 20;

    /** One for all tests, so that the server's identity is made once. */
    @TempDir
    static Path directory;

    private World world;
    private int bridge;
    private int port;
    private Socket bystander;

    @BeforeEach
    void open() throws IOException {
        world = new World(directory);
        bridge = world.gateway.bridgePort();
        int target = world.echo();
        port = world.tunnel(1, target);
        int other = world.tunnel(2, target);
        world.agent(2);
        bystander = world.visit(other);
        assertEcho(bystander);
    }

    @AfterEach
    void close() throws IOException {
        try {
            assertEcho(bystander);
            world.agent(1);
            assertEcho(world.visit(port));
            assertThat(world.log.stream().filter(line -> line.startsWith("down 2")))
                    .isEmpty();
        } finally {
            world.close();
        }
    }

    // ---- before the welcome
    // --------------------------------------------------------------------------------------------------------

    @Test
    void garbageInPlaceOfTls() throws Exception {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), bridge)) {
            socket.setSoTimeout(5_000);
            byte[] garbage = new byte[10_000];
            new Random(1).nextBytes(garbage);
            garbage[0] = 0x7F;
            assertThatThrownBy(() -> {
                        socket.getOutputStream().write(garbage);
                        while (socket.getInputStream().read() >= 0) {}
                        throw new EOFException();
                    })
                    .isInstanceOfAny(EOFException.class, SocketException.class);
        }
        assertThat(world.asked).hasValue(1);
    }

    @Test
    void anotherProtocolByAlpnOrNoneIsNotHeard() throws Exception {
        for (String[] alpn : new String[][] {{"h2", "http/1.1"}, {}}) {
            try (RawAgent raw = new RawAgent(RawAgent.dial(bridge, "TLSv1.3", alpn))) {
                assertThatThrownBy(() -> raw.send(hello(1, World.SECRET)).answer())
                        .isInstanceOfAny(IOException.class, AssertionError.class);
            }
        }
        assertThat(world.asked).as("hellos that got as far as their secret").hasValue(1);
    }

    /** Stock agents speak it, and show a certificate; for a hello with a secret it is not good enough. */
    @Test
    void aHelloByAnOldTlsIsNotHeard() throws Exception {
        try (RawAgent raw = new RawAgent(RawAgent.dial(bridge, "TLSv1.2", "culvert/1"))) {
            assertThatThrownBy(() -> raw.send(hello(1, World.SECRET)).answer())
                    .isInstanceOfAny(IOException.class, AssertionError.class);
        }
        assertThat(world.asked).as("hellos that got as far as their secret").hasValue(1);
    }

    @Test
    void aWrongSecretAndAnUnknownTunnelAreRefusedForGoodOrForNow() throws Exception {
        try (RawAgent raw = new RawAgent(bridge)) {
            byte[] wrong = World.SECRET.clone();
            wrong[31] ^= 1;
            assertThat(raw.send(hello(1, wrong)).answer())
                    .isEqualTo(new Refused(RefusalCode.BAD_TOKEN, "no living tunnel takes this token"));
            raw.assertOver();
        }
        try (RawAgent raw = new RawAgent(bridge)) {
            assertThat(raw.send(hello(99, World.SECRET)).answer())
                    .isEqualTo(new Refused(RefusalCode.TRY_LATER, "the tunnel's ports are not open at the moment"));
            raw.assertOver();
        }
    }

    @Test
    void anUnknownVersionIsToldSoAndOversizeIsNotWaitedFor() throws Exception {
        byte[] versioned = hello(1, World.SECRET);
        versioned[4] = 2;
        try (RawAgent raw = new RawAgent(bridge)) {
            assertThat(raw.send(versioned).answer())
                    .isInstanceOfSatisfying(
                            Refused.class, refused -> assertThat(refused.code()).isEqualTo(RefusalCode.VERSION));
            raw.assertOver();
        }
        byte[] oversize = {'C', 'L', 'V', 'T', 1, 1, (byte) 0xFF, (byte) 0xFF};
        try (RawAgent raw = new RawAgent(bridge)) {
            raw.send(oversize).assertOver();
        }
    }

    @Test
    void aHelloInSingleBytesIsAHello() throws Exception {
        try (RawAgent raw = new RawAgent(bridge)) {
            for (byte each : hello(1, World.SECRET)) {
                raw.send(new byte[] {each});
            }
            raw.welcomed().assertLives();
        }
        await().until(() -> world.sessions(1) == 0);
    }

    @Test
    void aSessionThatBreaksDownInItsFirstBytesLeavesNoGhost() throws Exception {
        for (int i = 0; i < 20; i++) {
            try (RawAgent raw = new RawAgent(bridge)) {
                raw.send(hello(1, World.SECRET), frame(9, 0, 0, 0)).welcomed().assertOver();
            }
        }
        await().until(() ->
                world.log.stream().filter(line -> line.startsWith("down 1 0")).count() == 20);
        assertThat(world.sessions(1)).isZero();
    }

    @Test
    void norDoesAStockClientOrServer() throws Exception {
        TunnelSpec spec = new TunnelSpec(
                3,
                List.of(new ExposeSpec(0, new Target("127.0.0.1", 9))),
                Optional.of(new BridgeSpec(0, false, false)));
        int own = world.gateway.open(spec).toCompletableFuture().join().bridgePort();
        for (Preface preface : new Preface[] {new Preface.Client("key", 0), new Preface.Server("key", "server")}) {
            ByteBuf words = preface.encode(UnpooledByteBufAllocator.DEFAULT);
            byte[] bytes = join(ByteBufUtil.getBytes(words), frame(9, 0, 0, 0));
            words.release();
            for (int i = 0; i < 20; i++) {
                Socket socket = world.visit(own);
                socket.getOutputStream().write(bytes);
                assertThatThrownBy(() -> {
                            while (socket.getInputStream().read() >= 0) {}
                            throw new EOFException();
                        })
                        .isInstanceOfAny(EOFException.class, SocketException.class);
            }
        }
        await().until(() ->
                world.log.stream().filter(line -> line.startsWith("down 3 0")).count() == 20);
        assertThat(world.sessions(3)).isZero();
    }

    // ---- in a session
    // --------------------------------------------------------------------------------------------------------------

    static Stream<Arguments> fatal() {
        return Stream.of(
                arguments("version", new byte[] {1, 2, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0}),
                arguments("type", frame(4, 0, 0, 0)),
                arguments("flags", frame(WINDOW_UPDATE, 0x10, 1, 0)),
                arguments("ping on a stream", frame(PING, SYN, 1, 0)),
                arguments("data on stream 0", frame(DATA, 0, 0, 1)),
                arguments("SYN with a number of the server's", frame(WINDOW_UPDATE, SYN, 3, 0)),
                arguments("data beyond the window", frame(DATA, 0, 1, WINDOW + 1)),
                arguments("2^31 bytes", frame(DATA, 0, 1, 0x8000_0000)),
                arguments("2^31 bytes for nobody", frame(DATA, 0, 99, 0x8000_0000)),
                arguments("a window of more than 2^32", frame(WINDOW_UPDATE, 0, 1, 0xFFFF_FFFF)),
                arguments("data behind FIN", join(frame(DATA, FIN, 1, 0), frame(DATA, 0, 1, 1))),
                arguments("two FIN", times(2, frame(DATA, FIN, 1, 0))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("fatal")
    void endsTheSessionAndResetsItsVisitors(String what, byte[] bytes) throws Exception {
        try (RawAgent raw = session()) {
            Socket visitor = world.visit(port);
            raw.await(WINDOW_UPDATE, SYN);
            raw.send(frame(WINDOW_UPDATE, ACK, 1, 0), bytes);
            assertThat(raw.await(GO_AWAY, 0).length()).isEqualTo(1);
            raw.assertOver();
            if (bytes[3] != FIN) {
                assertReset(visitor);
            }
        }
        await().until(() ->
                world.sessions(1) == 0 && world.gateway.status(1).orElseThrow().visitors() == 0);
        assertThat(world.log).anyMatch(line -> line.startsWith("down 1 0: the peer broke the protocol"));
    }

    static Stream<Arguments> harmless() {
        return Stream.of(
                arguments("data for nobody", join(frame(DATA, 0, 99, 1000), new byte[1000])),
                arguments("windows for nobody", times(50_000, frame(WINDOW_UPDATE, 0, 99, 1 << 20))),
                arguments("windows of nothing", times(50_000, frame(WINDOW_UPDATE, 0, 1, 0))),
                arguments("empty data", times(50_000, frame(DATA, 0, 1, 0))),
                arguments("resets for nobody", times(50_000, frame(WINDOW_UPDATE, RST, 98, 0))),
                arguments("acknowledgements", times(50_000, frame(WINDOW_UPDATE, ACK, 1, 0))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("harmless")
    void costsTheSessionNothing(String what, byte[] bytes) throws Exception {
        try (RawAgent raw = session()) {
            Socket visitor = world.visit(port);
            raw.await(WINDOW_UPDATE, SYN);
            raw.send(frame(WINDOW_UPDATE, ACK, 1, 0), bytes).assertLives();
            raw.send(frame(DATA, 0, 1, 2), new byte[] {'o', 'k'});
            assertThat(visitor.getInputStream().readNBytes(2)).asString().isEqualTo("ok");
        }
        await().until(() -> world.sessions(1) == 0);
    }

    @Test
    void lanproxy_no_stream_is_opened_from_outside_a_session() throws Exception {
        try (RawAgent raw = session()) {
            raw.send(frame(WINDOW_UPDATE, SYN, 2, 0));
            assertThat(raw.await(WINDOW_UPDATE, RST).id()).isEqualTo(2);
            raw.send(frame(DATA, SYN, 4, 3), new byte[3]);
            assertThat(raw.await(WINDOW_UPDATE, RST).id()).isEqualTo(4);
            raw.assertLives();
            Socket visitor = world.visit(port);
            raw.await(WINDOW_UPDATE, SYN);
            raw.send(frame(DATA, ACK, 1, 1), new byte[] {7});
            assertThat(visitor.getInputStream().read()).isEqualTo(7);
        }
        await().until(() -> world.sessions(1) == 0);
    }

    @Test
    void pingsWhoseAnswersNobodyReadsEndTheSessionInBoundedMemory() throws Exception {
        assertFloodEnds(frame(PING, SYN, 0, 1));
    }

    @Test
    void streamsOpenedWithoutReadingTheResetsEndTheSessionInBoundedMemory() throws Exception {
        assertFloodEnds(frame(WINDOW_UPDATE, SYN, 2, 0));
    }

    private void assertFloodEnds(byte[] frame) throws IOException {
        byte[] burst = times(50_000, frame);
        ResourceLeakDetector.Level level = ResourceLeakDetector.getLevel();
        // Kernel buffers and the session's bound take a million
        // answers: following each of them by stack trace takes minutes.
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.SIMPLE);
        long before = direct();
        AtomicLong most = new AtomicLong();
        try (RawAgent raw = session()) {
            assertThatThrownBy(() -> {
                        for (int i = 0; i < 200; i++) {
                            raw.send(burst);
                            most.accumulateAndGet(direct() - before, Math::max);
                        }
                    })
                    .isInstanceOf(IOException.class);
        } finally {
            ResourceLeakDetector.setLevel(level);
        }
        await().until(() -> world.sessions(1) == 0);
        assertThat(world.log).anyMatch(line -> line.startsWith("down 1 0: the peer does not read"));
        assertThat(most.get()).as("direct memory at the most").isLessThan(MOST_DIRECT);
    }

    // ---- many
    // ----------------------------------------------------------------------------------------------------------------------

    @Test
    void aThousandHostileConnectionsLeaveNothingBehind() throws Exception {
        hostile(200);
        await().until(() -> world.sessions(1) == 0);
        long before = direct();
        hostile(1_000);
        await().until(() -> world.sessions(1) == 0);
        await().untilAsserted(() -> assertThat(direct()).isLessThan(before + NEAR));
    }

    private void hostile(int connections) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < connections; i++) {
                int kind = i;
                all.add(threads.submit(() -> hostileOne(kind)));
            }
            for (Future<?> each : all) {
                each.get();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private Void hostileOne(int kind) throws IOException {
        if (kind % 4 == 0) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), bridge)) {
                socket.setSoLinger(true, 0);
                socket.getOutputStream().write(new byte[] {0x16, 3, 1, (byte) (kind >> 2), 0, 1, 2, 3});
            }
            return null;
        }
        try (RawAgent raw = new RawAgent(bridge)) {
            switch (kind % 4) {
                case 1 -> raw.send(new byte[] {'C', 'L', 'V', 'T', 1, 1, 0, 100}, new byte[50]);
                case 2 -> raw.send(new byte[3_000]).assertOver();
                default -> raw.send(hello(1, World.SECRET), frame(9, 0, 0, 0)).assertOver();
            }
        } catch (IOException e) {
            // Turned away in the middle of a word.
        }
        return null;
    }

    private static long direct() {
        return ((ByteBufAllocatorMetricProvider) ByteBufAllocator.DEFAULT)
                .metric()
                .usedDirectMemory();
    }

    private RawAgent session() throws IOException {
        RawAgent raw = new RawAgent(bridge).send(hello(1, World.SECRET)).welcomed();
        world.keep(raw::close);
        await().until(() -> world.sessions(1) == 1);
        return raw;
    }
}
