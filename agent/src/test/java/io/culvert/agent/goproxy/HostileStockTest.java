package io.culvert.agent.goproxy;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.culvert.gateway.BridgeSpec;
import io.culvert.gateway.OpenTunnel;
import io.culvert.link.net.Liveness;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Peers that break every rule of goproxy's protocol, on each port where such peers come. After each test an honest client is still served. */
@Timeout(60)
class HostileStockTest {
    private static final Duration DEADLINE = Duration.ofMillis(1_500);
    private static final Liveness LIVENESS = new Liveness(Duration.ofMillis(500), Duration.ofMillis(1_500));
    private static final Duration NEVER = Duration.ofMinutes(10);

    @TempDir
    Path directory;

    private StockWorld world;
    private OpenTunnel plain;
    private OpenTunnel tls;
    private Credential credential;
    private GoproxyDouble honest;
    private final List<StockWorld.Closing> hostile = new ArrayList<>();

    /** Where goproxy's peers come. */
    private enum Door {
        TUNNELS_PLAIN,
        TUNNELS_TLS,
        SERVERS
    }

    @BeforeEach
    void open() throws IOException {
        world = new StockWorld(
                directory, StockWorld.settings(LIVENESS, DEADLINE, Duration.ofSeconds(30)), Optional.empty());
        plain = world.plain(1, StockWorld.tcp(world.echo()));
        tls = world.open(2, new BridgeSpec(0, true, false), StockWorld.tcp(world.echo()));
        credential = Credential.of(world.bundle(2));
        honest =
                world.client(1, GoproxyDouble.start(StockWorld.bare(plain.bridgePort()), "honest", 1, false, NEVER), 1);
        world.client(
                2,
                GoproxyDouble.start(StockWorld.tls(tls.bridgePort(), credential, "TLSv1.2"), "honest", 1, false, NEVER),
                1);
    }

    @AfterEach
    void theGatewayServesOnAndTheHonestWereNeverDisturbed() throws IOException {
        try {
            for (StockWorld.Closing each : hostile) {
                each.close();
            }
            world.awaitSessions(1, 1);
            world.awaitSessions(2, 1);
            world.assertServed(plain.ports().get(0));
            world.assertServed(tls.ports().get(0));
            assertThat(honest.dials()).isEqualTo(1);
        } finally {
            world.close();
        }
    }

    private Socket knock(Door door) throws IOException {
        Socket socket = switch (door) {
            case TUNNELS_PLAIN -> StockWorld.bare(plain.bridgePort()).connect();
            case TUNNELS_TLS -> credential.connect(tls.bridgePort(), "TLSv1.2");
            case SERVERS -> credential.connect(world.gateway.bridgePort(), "TLSv1.3");
        };
        hostile.add(socket::close);
        socket.setSoTimeout(10_000);
        return socket;
    }

    /** Says the preface of a client that this door would let in. */
    private static String keyIndex(Door door) {
        return door == Door.SERVERS ? "t2-7" : "default-7";
    }

    /** The gateway closes, by FIN or RST, without having said a word. */
    private static void assertClosedUnanswered(Socket socket) {
        try {
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("reset");
        }
    }

    @ParameterizedTest
    @EnumSource(Door.class)
    void prefacesThatAreNone(Door door) throws Exception {
        byte[] client = {5};
        byte[] server = {4};
        byte[] some = new byte[300];
        Arrays.fill(some, (byte) 'k');
        List<byte[]> prefaces = List.of(
                "GET / HTTP/1.1\r\n\r\n".getBytes(US_ASCII),
                new byte[] {0},
                new byte[] {3},
                new byte[] {6, 1, 2, 3},
                Prefaces.joined(client, Prefaces.string(Long.MIN_VALUE, some)),
                Prefaces.joined(client, Prefaces.string(1L << 31, some)),
                Prefaces.joined(client, Prefaces.string(-1, some)),
                Prefaces.joined(client, Prefaces.string(0, some)),
                Prefaces.joined(client, Prefaces.string(257, some)),
                Prefaces.client("nodash"),
                Prefaces.client("-1"),
                Prefaces.client("two-dashes-1"),
                Prefaces.client("default-"),
                Prefaces.client("default-01"),
                Prefaces.client("default--1"),
                Prefaces.client("default-1000000"),
                Prefaces.client("default-x"),
                Prefaces.joined(client, Prefaces.string(4, new byte[] {(byte) 0xff, (byte) 0xfe, '-', '1'})),
                Prefaces.server("a-key"),
                Prefaces.server(""),
                Prefaces.joined(server, Prefaces.string("key"), Prefaces.string(Long.MIN_VALUE, some)),
                Prefaces.joined(server, Prefaces.string("key"), Prefaces.string(0, some)));
        for (byte[] preface : prefaces) {
            Socket socket = knock(door);
            long start = System.nanoTime();
            socket.getOutputStream().write(preface);
            assertClosedUnanswered(socket);
            // At once, not by the deadline.
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .as("%s", Arrays.toString(preface))
                    .isLessThan(DEADLINE);
        }
        assertThat(world.status(1).sessions()).isEqualTo(1);
        assertThat(world.status(2).sessions()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource(Door.class)
    void aPrefaceByteByByteEndsAtTheDeadline(Door door) throws Exception {
        Socket socket = knock(door);
        byte[] preface = Prefaces.joined(new byte[] {5}, Prefaces.string(250, new byte[0]));
        CompletableFuture<Void> closed =
                CompletableFuture.runAsync(() -> assertClosedUnanswered(socket), world.threads);
        int[] at = {0};
        await().pollInterval(Duration.ofMillis(20)).until(() -> {
            try {
                socket.getOutputStream().write(at[0] < preface.length ? preface[at[0]] : 'k');
                at[0]++;
            } catch (IOException e) {
                // Closed already.
            }
            return closed.isDone();
        });
        closed.get();
        assertThat(at[0]).isGreaterThan(preface.length);
    }

    @ParameterizedTest
    @EnumSource(Door.class)
    void silenceHasADeadlineBeforeAndBehindThePreface(Door door) throws Exception {
        Socket mute = knock(door);
        Socket half = knock(door);
        half.getOutputStream().write(Arrays.copyOf(Prefaces.client("default-7"), 12));
        assertClosedUnanswered(mute);
        assertClosedUnanswered(half);
        Socket whole = knock(door);
        whole.getOutputStream().write(Prefaces.client(keyIndex(door)));
        // It is let in, pinged, and given up.
        assertThat(whole.getInputStream().read()).isZero();
        assertThat(whole.getInputStream().readAllBytes()).isNotEmpty();
        await().until(() -> world.log.stream().anyMatch(line -> line.contains("the peer is silent")));
    }

    @Test
    void whatComesBeforeTheAdmissionIsKeptButNotWithoutBound() throws Exception {
        CompletableFuture<Boolean> desk = new CompletableFuture<>();
        world.deskOpens = desk;
        byte[] ping = MiniMux.header(MiniMux.PING, MiniMux.SYN, 0, 1);
        Socket greedy = knock(Door.TUNNELS_TLS);
        CompletableFuture<Void> closed =
                CompletableFuture.runAsync(() -> assertClosedUnanswered(greedy), world.threads);
        greedy.getOutputStream().write(Prefaces.client("default-7"));
        await().pollInterval(Duration.ofMillis(1)).until(() -> {
            try {
                for (int i = 0; i < 100; i++) {
                    greedy.getOutputStream().write(ping);
                }
            } catch (IOException e) {
                // Closed already.
            }
            return closed.isDone();
        });
        closed.get();
        Socket modest = knock(Door.TUNNELS_TLS);
        modest.getOutputStream().write(Prefaces.client("default-8"));
        for (int i = 0; i < 1_000; i++) {
            modest.getOutputStream().write(ping);
        }
        desk.complete(true);
        // Its own ping and an answer to each of the thousand.
        assertThat(modest.getInputStream().readNBytes(12 * 1_001)).hasSize(12 * 1_001);
    }

    /** Each of these breaks yamux, or only goproxy's use of it, and ends its own session at most. */
    @Test
    void aClientThatBreaksYamuxEndsItselfAlone() throws Exception {
        int syn = MiniMux.SYN;
        List<byte[]> abuses = List.of(
                new byte[] {1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0},
                MiniMux.header(9, 0, 1, 0),
                MiniMux.header(MiniMux.DATA, 0x10, 1, 0),
                MiniMux.header(MiniMux.DATA, 0, 0, 1),
                MiniMux.header(MiniMux.PING, syn, 3, 1),
                MiniMux.header(MiniMux.PING, 0, 0, 1),
                MiniMux.header(MiniMux.DATA, 0, 99, Integer.MIN_VALUE),
                MiniMux.header(MiniMux.DATA, 0, 99, Integer.MAX_VALUE),
                MiniMux.header(MiniMux.WINDOW, syn, 1, 0),
                MiniMux.header(MiniMux.GO_AWAY, 0, 5, 0));
        for (byte[] abuse : abuses) {
            try (MiniMux mux = session("odd-1")) {
                world.awaitSessions(1, 2);
                mux.send(abuse);
                mux.over().get(5, TimeUnit.SECONDS);
            }
            world.awaitSessions(1, 1);
        }
    }

    @Test
    void aStreamOverrunsItsWindowAndItsSessionIsOver() throws Exception {
        List<byte[]> abuses = List.of(
                MiniMux.header(MiniMux.DATA, 0, 1, 256 * 1024 + 1),
                MiniMux.header(MiniMux.WINDOW, 0, 1, -1),
                Prefaces.joined(
                        MiniMux.header(MiniMux.WINDOW, MiniMux.FIN, 1, 0),
                        MiniMux.header(MiniMux.WINDOW, MiniMux.FIN, 1, 0)),
                Prefaces.joined(
                        MiniMux.header(MiniMux.WINDOW, MiniMux.FIN, 1, 0),
                        MiniMux.header(MiniMux.DATA, 0, 1, 1),
                        new byte[1]));
        // Its only session is the odd one, so that its visitor rides there.
        OpenTunnel third = world.plain(3, StockWorld.tcp(9));
        for (byte[] abuse : abuses) {
            try (MiniMux mux = new MiniMux(
                    StockWorld.bare(third.bridgePort()).connect(),
                    Prefaces.client("odd-1"),
                    world.threads,
                    each -> {})) {
                world.awaitSessions(3, 1);
                world.visit(third.ports().get(0));
                await().until(() -> mux.heard().stream().anyMatch(each -> each.stream() == 1));
                mux.send(abuse);
                mux.over().get(5, TimeUnit.SECONDS);
            }
            world.awaitSessions(3, 0);
        }
    }

    @Test
    void aClientThatOpensStreamsIsAnsweredByResets() throws Exception {
        MiniMux mux = session("odd-1");
        flood(mux, 5_000, i -> MiniMux.header(MiniMux.WINDOW, MiniMux.SYN, 2 * i + 2, 0));
        await().until(() -> count(mux, MiniMux.WINDOW, MiniMux.RST) == 5_000);
        assertThat(mux.over()).isNotDone();
    }

    @Test
    void aFloodOfPingsIsAnswered() throws Exception {
        MiniMux mux = session("odd-1");
        flood(mux, 5_000, i -> MiniMux.header(MiniMux.PING, MiniMux.SYN, 0, i));
        await().until(() -> count(mux, MiniMux.PING, MiniMux.ACK) == 5_001);
    }

    @Test
    void aServersFloodOfStreamsIsBounded() throws Exception {
        GoproxyServerDouble server = server();
        flood(server.mux(), 6_000, i -> MiniMux.header(MiniMux.WINDOW, MiniMux.SYN, 2 * i + 1, 0));
        await().until(() ->
                count(server.mux(), MiniMux.WINDOW, MiniMux.RST) + count(server.mux(), MiniMux.WINDOW, MiniMux.ACK)
                        >= 6_000);
        assertThat(count(server.mux(), MiniMux.WINDOW, MiniMux.RST)).isGreaterThanOrEqualTo(6_000 - 4_096);
        assertThat(server.mux().over()).isNotDone();
        assertThat(honest.live().get(0).heard())
                .noneMatch(each -> each.type() == MiniMux.WINDOW && each.flags() == MiniMux.SYN);
    }

    @Test
    void aServersStormOfResetsReachesItsClientsInMeasureAndNobodyElse() throws Exception {
        MiniMux client = session("storm-1");
        MiniMux storm = GoproxyServerDouble.connect(
                        StockWorld.bare(plain.bridgePort()).connect(), "storm")
                .mux();
        hostile.add(storm::close);
        byte[] head = Prefaces.head("tcp:127.0.0.1:9");
        long start = System.nanoTime();
        flood(storm, 12_000, i -> {
            int id = 2 * i + 1;
            return Prefaces.joined(
                    MiniMux.header(MiniMux.WINDOW, MiniMux.SYN, id, 0),
                    MiniMux.header(MiniMux.DATA, 0, id, head.length),
                    head,
                    MiniMux.header(MiniMux.WINDOW, MiniMux.RST, id, 0));
        });
        storm.send(MiniMux.PING, MiniMux.SYN, 0, 4711);
        await().until(() ->
                storm.heard().stream().anyMatch(each -> each.type() == MiniMux.PING && each.length() == 4711));
        double seconds = (System.nanoTime() - start) * 1e-9;
        assertThat(count(client, MiniMux.WINDOW, MiniMux.SYN)).isLessThan(4_096 + 1 + (int) (2_000 * (seconds + 1)));
        assertThat(client.over()).isNotDone();
        assertThat(storm.over()).isNotDone();
    }

    @Test
    void aServersHeadsThatAreNoneResetTheirStreamsOnly() throws Exception {
        GoproxyServerDouble server = server();
        byte[] id = Prefaces.string(Prefaces.SERVER_ID);
        List<byte[]> heads = List.of(
                Prefaces.string(Long.MIN_VALUE, new byte[9]),
                Prefaces.string(1L << 31, new byte[9]),
                Prefaces.string(0, new byte[9]),
                Prefaces.joined(id, Prefaces.string("sctp:127.0.0.1:9"), id),
                Prefaces.joined(id, Prefaces.string("tcp:"), id),
                Prefaces.joined(id, Prefaces.string("tcp:" + "a".repeat(300)), id),
                Prefaces.joined(id, Prefaces.string("tcp:h:1"), Prefaces.string("x".repeat(65))),
                Prefaces.joined(id, Prefaces.string("tcp:h:1"), Prefaces.string(-1, new byte[0])));
        for (byte[] head : heads) {
            MiniStream visitor = server.mux().open();
            visitor.write(head);
            assertThatThrownBy(() -> visitor.read(new byte[1])).hasMessageContaining("reset");
        }
        // And one that ends before it is whole.
        MiniStream cut = server.mux().open();
        cut.write(Arrays.copyOf(Prefaces.head("tcp:h:1"), 60));
        cut.finish();
        assertThatThrownBy(() -> cut.read(new byte[1])).hasMessageContaining("reset");
        // In as many frames as it has bytes, it is one all the same.
        MiniStream slow = server.mux().open();
        for (byte each : Prefaces.head("tcp:127.0.0.1:" + world.echo())) {
            slow.write(new byte[] {each});
        }
        slow.write(new byte[] {1, 2, 3});
        assertThat(slow.readNBytes(3)).containsExactly(1, 2, 3);
        assertThat(honest.badHeads()).isZero();
    }

    // ---- means
    // ----------------------------------------------------------------------------------------------------------------------

    /** A session on the plain tunnel that takes streams and does nothing with them. */
    private MiniMux session(String keyIndex) throws IOException {
        MiniMux mux = new MiniMux(
                StockWorld.bare(plain.bridgePort()).connect(), Prefaces.client(keyIndex), world.threads, each -> {});
        hostile.add(mux::close);
        world.awaitSessions(1, 2);
        return mux;
    }

    private GoproxyServerDouble server() throws IOException {
        return world.server(StockWorld.bare(plain.bridgePort()).connect(), "honest");
    }

    private interface Abuse {
        byte[] number(int i);
    }

    private static void flood(MiniMux mux, int count, Abuse abuse) throws IOException {
        List<byte[]> batch = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            batch.add(abuse.number(i));
            if (batch.size() == 500 || i == count - 1) {
                mux.send(Prefaces.joined(batch.toArray(byte[][]::new)));
                batch.clear();
            }
        }
    }

    private static int count(MiniMux mux, int type, int flags) {
        return (int) mux.heard().stream()
                .filter(each -> each.type() == type && each.flags() == flags)
                .count();
    }
}
