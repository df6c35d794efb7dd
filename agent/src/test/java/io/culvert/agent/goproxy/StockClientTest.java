package io.culvert.agent.goproxy;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.culvert.gateway.BridgeSpec;
import io.culvert.gateway.ExposeSpec;
import io.culvert.gateway.OpenTunnel;
import io.culvert.gateway.PortUnavailableException;
import io.culvert.gateway.Protocol;
import io.culvert.gateway.Target;
import io.culvert.link.net.Liveness;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** TCP through a stock client on a tunnel's own bridge port. */
@Timeout(60)
class StockClientTest {
    private static final Duration NEVER = Duration.ofMinutes(10);

    @TempDir
    Path directory;

    private @Nullable StockWorld toClose;

    private StockWorld world() throws IOException {
        return world(Liveness.DEFAULT);
    }

    private StockWorld world(Liveness liveness) throws IOException {
        StockWorld world = new StockWorld(
                directory,
                StockWorld.settings(liveness, Duration.ofSeconds(10), Duration.ofSeconds(30)),
                Optional.empty());
        toClose = world;
        return world;
    }

    @AfterEach
    void close() throws IOException {
        if (toClose != null) {
            toClose.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void byTlsWithItsBundle(String protocol) throws Exception {
        StockWorld world = world();
        OpenTunnel tunnel = world.open(1, new BridgeSpec(0, true, false), StockWorld.tcp(world.echo()));
        Credential credential = Credential.of(world.bundle(1));
        GoproxyDouble client = world.client(
                1, GoproxyDouble.start(StockWorld.tls(tunnel.bridgePort(), credential, protocol), "default", 10), 10);
        for (int i = 0; i < 20; i++) {
            world.assertServed(tunnel.ports().get(0));
        }
        assertThat(client.badHeads()).isZero();
        assertThat(client.dials()).isEqualTo(10);
    }

    @Test
    void tenSessionsOverBareTcpShareTheVisitors() throws Exception {
        StockWorld world = world();
        OpenTunnel tunnel = world.plain(1, StockWorld.tcp(world.echo()));
        GoproxyDouble client = world.client(
                1,
                GoproxyDouble.start(StockWorld.bare(tunnel.bridgePort()), "default", GoproxyDouble.STOCK_SESSIONS),
                GoproxyDouble.STOCK_SESSIONS);
        for (int i = 0; i < 30; i++) {
            Socket visitor = world.visit(tunnel.ports().get(0));
            visitor.getOutputStream().write(i);
            assertThat(visitor.getInputStream().read()).isEqualTo(i);
        }
        assertThat(client.live())
                .hasSize(10)
                .allSatisfy(mux -> assertThat(opened(mux)).isEqualTo(3));
        assertThat(client.badHeads()).isZero();
    }

    /** What a stock client reads with one call each must lie in one frame, and nothing else in it. */
    @Test
    void aStreamStartsWithSynAndTheWholeHeadInOneFrame() throws Exception {
        StockWorld world = world();
        int target = world.echo();
        OpenTunnel tunnel = world.plain(1, StockWorld.tcp(target));
        GoproxyDouble client =
                world.client(1, GoproxyDouble.start(StockWorld.bare(tunnel.bridgePort()), "default", 1), 1);
        world.assertServed(tunnel.ports().get(0));
        List<MiniMux.Frame> frames = client.live().get(0).heard().stream()
                .filter(each -> each.stream() == 1)
                .toList();
        assertThat(frames.get(0).type()).isEqualTo(MiniMux.WINDOW);
        assertThat(frames.get(0).flags()).isEqualTo(MiniMux.SYN);
        assertThat(frames.get(0).length()).isZero();
        assertThat(frames.get(1).type()).isEqualTo(MiniMux.DATA);
        // Two ids of 40 digits, three lengths, and the target between them.
        String address = "tcp:127.0.0.1:" + target;
        assertThat(frames.get(1).length()).isEqualTo(3 * 8 + 2 * 40 + address.length());
        assertThat(new String(frames.get(1).payload(), US_ASCII)).contains(address);
    }

    @Test
    void theSameKeyAndIndexTakesTheEarlierOnesPlace() throws Exception {
        StockWorld world = world();
        OpenTunnel tunnel = world.plain(1, StockWorld.tcp(world.echo()));
        GoproxyDouble.Dial dial = StockWorld.bare(tunnel.bridgePort());
        GoproxyDouble first = world.client(1, GoproxyDouble.start(dial, "default", 2, false, NEVER), 2);
        List<MiniMux> before = List.copyOf(first.live());
        GoproxyDouble second = GoproxyDouble.start(dial, "default", 2, false, NEVER);
        world.keep(second::close);
        for (MiniMux mux : before) {
            mux.over().get(10, TimeUnit.SECONDS);
        }
        world.awaitSessions(1, 2);
        world.assertServed(tunnel.ports().get(0));
        assertThat(second.live()).hasSize(2);
        assertThat(second.live().stream().mapToInt(StockClientTest::opened).sum())
                .isEqualTo(1);
    }

    @Test
    void otherKeysStandBesideIt() throws Exception {
        StockWorld world = world();
        OpenTunnel tunnel = world.plain(1, StockWorld.tcp(world.echo()));
        GoproxyDouble.Dial dial = StockWorld.bare(tunnel.bridgePort());
        world.client(1, GoproxyDouble.start(dial, "one", 2), 2);
        world.client(1, GoproxyDouble.start(dial, "two", 2), 4);
        world.assertServed(tunnel.ports().get(0));
    }

    @Test
    void aFrozenSessionIsNoticedByItsSilenceAndTheOthersGoOn() throws Exception {
        StockWorld world = world(new Liveness(Duration.ofMillis(300), Duration.ofMillis(700)));
        OpenTunnel tunnel = world.plain(1, StockWorld.tcp(world.echo()));
        GoproxyDouble client = world.client(
                1, GoproxyDouble.start(StockWorld.bare(tunnel.bridgePort()), "default", 2, false, NEVER), 2);
        List<Socket> visitors = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            Socket visitor = world.visit(tunnel.ports().get(0));
            visitor.getOutputStream().write(i);
            assertThat(visitor.getInputStream().read()).isEqualTo(i);
            visitors.add(visitor);
        }
        client.live().get(0).freeze();
        world.awaitSessions(1, 1);
        assertThat(world.log).anyMatch(line -> line.contains("the peer is silent"));
        // One of the two rode on the frozen session and is reset, the other one is served on.
        Set<String> fates = new HashSet<>();
        for (Socket visitor : visitors) {
            fates.add(fate(visitor));
        }
        assertThat(fates).containsExactlyInAnyOrder("served", "reset");
        for (int i = 0; i < 4; i++) {
            world.assertServed(tunnel.ports().get(0));
        }
    }

    @Test
    void aSessionThatResetsIsGoneAtOnceAndItsClientDialsAgain() throws Exception {
        StockWorld world = world();
        OpenTunnel tunnel = world.plain(1, StockWorld.tcp(world.echo()));
        GoproxyDouble client = world.client(
                1,
                GoproxyDouble.start(
                        StockWorld.bare(tunnel.bridgePort()), "default", 1, false, GoproxyDouble.STOCK_REDIAL),
                1);
        Socket visitor = world.visit(tunnel.ports().get(0));
        visitor.getOutputStream().write(1);
        assertThat(visitor.getInputStream().read()).isEqualTo(1);
        long start = System.nanoTime();
        client.live().get(0).kill();
        assertThat(fate(visitor)).isEqualTo("reset");
        world.awaitSessions(1, 0);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(GoproxyDouble.STOCK_REDIAL);
        // The reset may be faster than the handshake that it follows.
        assertThatThrownBy(() ->
                        world.visit(tunnel.ports().get(0)).getInputStream().read())
                .isInstanceOf(SocketException.class);
        world.awaitSessions(1, 1);
        assertThat(client.dials()).isEqualTo(2);
        world.assertServed(tunnel.ports().get(0));
    }

    /** A stock client tells a refused dial by FIN alone: the visitor sees an empty connection. */
    @Test
    void aTargetThatRefusesIsSeenAsAnEnd() throws Exception {
        StockWorld world = world();
        ServerSocket closed = world.target();
        closed.close();
        OpenTunnel tunnel = world.plain(1, StockWorld.tcp(closed.getLocalPort()));
        world.client(1, GoproxyDouble.start(StockWorld.bare(tunnel.bridgePort()), "default", 1), 1);
        Socket visitor = world.visit(tunnel.ports().get(0));
        assertThat(visitor.getInputStream().read()).isEqualTo(-1);
        visitor.close();
        await().until(() -> world.status(1).visitors() == 0);
    }

    @Test
    void nothingThatTheTargetSentIsLostWhenItEnds() throws Exception {
        StockWorld world = world();
        ServerSocket target = world.target();
        OpenTunnel tunnel = world.plain(1, StockWorld.tcp(target.getLocalPort()));
        world.client(1, GoproxyDouble.start(StockWorld.bare(tunnel.bridgePort()), "default", 1), 1);
        Socket visitor = world.visit(tunnel.ports().get(0));
        byte[] answer = random(3_000_000);
        Socket inner = target.accept();
        Future<?> writer = world.threads.submit(() -> {
            inner.getOutputStream().write(answer);
            inner.shutdownOutput();
            return null;
        });
        assertThat(visitor.getInputStream().readAllBytes()).isEqualTo(answer);
        writer.get(10, TimeUnit.SECONDS);
        visitor.close();
        await().until(() -> world.status(1).visitors() == 0);
    }

    /** The client then closes the whole stream: what had been sent each way arrives, what would come later cannot. */
    @Test
    void nothingSentBeforeIsLostWhenAVisitorHalfCloses() throws Exception {
        StockWorld world = world();
        ServerSocket target = world.target();
        OpenTunnel tunnel = world.plain(1, StockWorld.tcp(target.getLocalPort()));
        world.client(1, GoproxyDouble.start(StockWorld.bare(tunnel.bridgePort()), "default", 1), 1);
        Socket visitor = world.visit(tunnel.ports().get(0));
        Socket inner = target.accept();
        byte[] greeting = random(2_000);
        inner.getOutputStream().write(greeting);
        assertThat(visitor.getInputStream().readNBytes(1)).containsExactly(greeting[0]);
        byte[] question = random(3_000_000);
        Future<?> writer = world.threads.submit(() -> {
            visitor.getOutputStream().write(question);
            visitor.shutdownOutput();
            return null;
        });
        assertThat(inner.getInputStream().readAllBytes()).isEqualTo(question);
        writer.get(10, TimeUnit.SECONDS);
        assertThat(visitor.getInputStream().readAllBytes()).hasSize(greeting.length - 1);
        await().until(() -> world.status(1).visitors() == 0);
    }

    @Test
    void severalExposesLeadToTargetsOfTheirOwn() throws Exception {
        StockWorld world = world();
        ServerSocket one = world.target();
        ServerSocket two = world.target();
        OpenTunnel tunnel = world.plain(
                1,
                StockWorld.tcp(one.getLocalPort()),
                StockWorld.udp(world.udpEcho()),
                StockWorld.tcp(two.getLocalPort()));
        world.client(1, GoproxyDouble.start(StockWorld.bare(tunnel.bridgePort()), "default", 3), 3);
        world.visit(tunnel.ports().get(0)).getOutputStream().write(10);
        world.visit(tunnel.ports().get(2)).getOutputStream().write(20);
        assertThat(one.accept().getInputStream().read()).isEqualTo(10);
        assertThat(two.accept().getInputStream().read()).isEqualTo(20);
    }

    @Test
    void oneTakenPortAmongSeveralBringsNoneUp() throws Exception {
        StockWorld world = world();
        ServerSocket taken = world.target();
        int free = freePort();
        ExposeSpec good = new ExposeSpec(Protocol.TCP, free, new Target("127.0.0.1", 9));
        ExposeSpec bad = new ExposeSpec(Protocol.TCP, taken.getLocalPort(), new Target("127.0.0.1", 9));
        assertThatThrownBy(() -> world.plain(1, good, bad)).hasCauseInstanceOf(PortUnavailableException.class);
        assertFree(free);
        assertThatThrownBy(() -> world.open(1, new BridgeSpec(taken.getLocalPort(), true, false), good))
                .hasCauseInstanceOf(PortUnavailableException.class)
                .hasMessageContaining("bridge");
        assertFree(free);
        assertThat(world.gateway.status(1)).isEmpty();
        // UDP has ports of its own.
        DatagramSocket takenUdp = world.datagramSocket();
        ExposeSpec badUdp = new ExposeSpec(Protocol.UDP, takenUdp.getLocalPort(), new Target("127.0.0.1", 9));
        assertThatThrownBy(() -> world.plain(1, good, badUdp)).hasCauseInstanceOf(PortUnavailableException.class);
        assertFree(free);
        OpenTunnel tunnel = world.plain(1, good);
        assertThat(tunnel.ports()).containsExactly(free);
    }

    // ---- means
    // ----------------------------------------------------------------------------------------------------------------------

    private static int opened(MiniMux mux) {
        return (int) mux.heard().stream()
                .filter(each -> each.type() == MiniMux.WINDOW && each.flags() == MiniMux.SYN)
                .count();
    }

    private static String fate(Socket visitor) throws IOException {
        try {
            visitor.getOutputStream().write(42);
            int read = visitor.getInputStream().read();
            return read == 42 ? "served" : "read " + read;
        } catch (SocketException e) {
            return "reset";
        }
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    /** Free at this moment; the test fails, and says so, in the rare case that another takes it. */
    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static void assertFree(int port) throws IOException {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            assertThat(socket.isBound()).isTrue();
        }
    }
}
