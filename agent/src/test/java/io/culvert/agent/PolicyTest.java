package io.culvert.agent;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.culvert.gateway.Counts;
import io.culvert.gateway.Policies;
import io.culvert.gateway.Policy;
import io.culvert.gateway.ProxyHeader;
import io.culvert.gateway.Rates;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who may come, for how long, and how much in all; each also put into force while visitors are there. */
@Timeout(60)
class PolicyTest {
    private static final Duration A_SECOND = Duration.ofSeconds(1);

    @TempDir
    Path directory;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private World world;
    private ServerSocket target;

    @BeforeEach
    void open() throws IOException {
        world = new World(directory);
        target = world.target();
        target.setSoTimeout(20_000);
    }

    @AfterEach
    void close() throws IOException {
        world.close();
        threads.shutdownNow();
    }

    private Socket accept() throws IOException {
        Socket inner = target.accept();
        inner.setSoTimeout(20_000);
        world.keep(inner::close);
        return inner;
    }

    // ---- addresses and numbers
    // ---------------------------------------------------------------------------------------------

    @Test
    void whoIsNotWelcomeAnyMoreIsCutWithinASecond() throws Exception {
        int port = world.tunnel(1, world.echo());
        world.agent(1);
        Socket visitor = world.visit(port);
        World.assertEcho(visitor);
        world.police(1, Rule.allow("127.0.0.0/8", "10.0.0.0/8"));
        World.assertEcho(visitor);
        World.assertEcho(world.visit(port));

        long asked = System.nanoTime();
        world.police(1, Rule.allow("10.0.0.0/8"));
        World.assertReset(visitor);
        assertThat(Duration.ofNanos(System.nanoTime() - asked)).isLessThan(A_SECOND);
        world.assertTurnedAway(port);
        await().untilAsserted(() -> assertThat(world.hits(Policy.ADDRESS)).isEqualTo(3));
        assertThat(world.hits).allMatch(hit -> hit.visitor().startsWith("127.0.0.1:"));

        world.police(1, Rule.deny("10.0.0.0/8"));
        Socket again = world.visit(port);
        World.assertEcho(again);
        world.police(1, Rule.deny("127.0.0.1/32"));
        World.assertReset(again);
        world.assertTurnedAway(port);
        world.police(1, Policies.NONE);
        World.assertEcho(world.visit(port));
    }

    @Test
    void noMoreConnectionsThanAllowed() throws Exception {
        int port = world.tunnel(1, world.echo());
        world.agent(1);
        world.police(1, Rule.connections(2, 0, 0));
        Socket first = world.visit(port);
        World.assertEcho(first);
        World.assertEcho(world.visit(port));
        world.assertTurnedAway(port);
        await().untilAsserted(() -> assertThat(world.hits(Policy.CONNECTIONS)).isEqualTo(1));
        first.close();
        await().untilAsserted(() -> assertThat(world.status(1).visitors()).isEqualTo(1));
        Socket third = world.visit(port);
        World.assertEcho(third);
        // A smaller bound cuts nobody.
        world.police(1, Rule.connections(1, 0, 0));
        World.assertEcho(third);
        world.assertTurnedAway(port);
        assertThat(world.status(1).counts().refused()).isEqualTo(2);
        assertThat(world.status(1).counts().connections()).isEqualTo(3);
    }

    @Test
    void noMoreConnectionsOfOneAddressThanAllowed() throws Exception {
        int port = world.tunnel(1, world.echo());
        world.agent(1);
        Socket there = world.visit(port);
        World.assertEcho(there);
        // Who was there before the policy counts too.
        world.police(1, Rule.connections(0, 1, 0));
        world.assertTurnedAway(port);
        await().untilAsserted(() ->
                assertThat(world.hits(Policy.CONNECTIONS_PER_ADDRESS)).isEqualTo(1));
        try (Socket other = new Socket()) {
            other.bind(new InetSocketAddress("127.0.0.5", 0));
            other.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            other.setSoTimeout(10_000);
            World.assertEcho(other);
        }
    }

    @Test
    void noMoreNewConnectionsASecondThanAllowed() throws Exception {
        int port = world.tunnel(1, world.echo());
        world.agent(1);
        world.police(1, Rule.connections(0, 0, 20));
        int served = 0;
        long began = System.nanoTime();
        long lasted = 0;
        while (lasted < TimeUnit.SECONDS.toNanos(2)) {
            try (Socket visitor = world.visit(port)) {
                visitor.getOutputStream().write(1);
                if (visitor.getInputStream().read() == 1) {
                    served++;
                }
            } catch (SocketException refused) {
                // One too many.
            }
            lasted = System.nanoTime() - began;
        }
        // Twenty at once, and twenty for each second that passed.
        double most = 20 + 20 * lasted * 1e-9;
        assertThat((double) served).isBetween(most - 3, most + 1);
        assertThat(world.status(1).counts().connections()).isEqualTo(served);
        assertThat(world.hits(Policy.NEW_PER_SECOND)).isPositive();
        // At once for the first, then at most once a second.
        assertThat(world.hits).hasSizeLessThanOrEqualTo(4);
        await().untilAsserted(() -> assertThat(world.hits(Policy.NEW_PER_SECOND))
                .isEqualTo(world.status(1).counts().refused()));
    }

    // ---- time
    // --------------------------------------------------------------------------------------------------------------

    @Test
    void whoIsIdleIsCutAndWhoIsNotIsNot() throws Exception {
        int port = world.tunnel(1, world.echo());
        world.agent(1);
        Socket busy = world.visit(port);
        Socket idle = world.visit(port);
        World.assertEcho(busy);
        World.assertEcho(idle);
        long asked = System.nanoTime();
        world.police(1, Rule.times(Duration.ofMillis(1200), Duration.ZERO));
        Future<Long> cutAfter = threads.submit(() -> {
            World.assertReset(idle);
            return System.nanoTime() - asked;
        });
        await().pollInterval(Duration.ofMillis(200))
                .during(Duration.ofMillis(2500))
                .atMost(Duration.ofSeconds(10))
                .until(() -> {
                    World.assertEcho(busy);
                    return true;
                });
        assertThat(Duration.ofNanos(cutAfter.get())).isBetween(Duration.ofMillis(900), Duration.ofMillis(1900));
        assertThat(world.hits(Policy.IDLE)).isEqualTo(1);
        long rested = System.nanoTime();
        World.assertReset(busy);
        assertThat(Duration.ofNanos(System.nanoTime() - rested))
                .isBetween(Duration.ofMillis(900), Duration.ofMillis(1900));
    }

    @Test
    void noConnectionLastsLongerThanAllowed() throws Exception {
        int port = world.tunnel(1, world.echo());
        world.agent(1);
        world.police(1, Rule.times(Duration.ZERO, Duration.ofMillis(1500)));
        long began = System.nanoTime();
        Socket visitor = world.visit(port);
        Future<?> reset = threads.submit(() -> {
            while (true) {
                World.assertEcho(visitor);
            }
        });
        await().until(reset::isDone);
        assertThat(Duration.ofNanos(System.nanoTime() - began))
                .isBetween(Duration.ofMillis(1400), Duration.ofMillis(2300));
        await().untilAsserted(() -> assertThat(world.hits(Policy.LONGEST)).isEqualTo(1));
        // For who is there already: at once where the time is over.
        world.police(1, Policies.NONE);
        Socket old = world.visit(port);
        World.assertEcho(old);
        world.police(1, Rule.times(Duration.ZERO, Duration.ofMillis(1)));
        World.assertReset(old);
    }

    // ---- volume
    // ------------------------------------------------------------------------------------------------------------

    @Test
    void theVolumeStopsAtTheByteAlsoAcrossVisitorsOnTwoLoops() throws Exception {
        long before = 1_000;
        long volume = 20_000_003;
        int port = world.tunnel(1, target.getLocalPort(), Rule.volume(before + volume), new Counts(400, 600, 0, 0, 0));
        world.agent(1, world.settings(1).withSessions(2), new CopyOnWriteArrayList<>());
        await().until(() -> world.sessions(1) == 2);
        List<Future<Long>> received = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Socket visitor = world.visit(port);
            visitor.getOutputStream().write(0);
            Socket inner = accept();
            assertThat(inner.getInputStream().read()).isZero();
            threads.submit(pouring(visitor));
            threads.submit(pouring(inner));
            received.add(threads.submit(counting(visitor)));
            received.add(threads.submit(counting(inner)));
        }
        long all = 4;
        for (Future<Long> each : received) {
            all += each.get();
        }
        Counts counts = world.status(1).counts();
        assertThat(counts.bytesIn() + counts.bytesOut()).isEqualTo(before + volume);
        // What was handed on has also arrived: the last bytes are given time to leave.
        assertThat(all).isEqualTo(volume);
        world.assertTurnedAway(port);
        await().untilAsserted(() -> assertThat(world.hits(Policy.VOLUME)).isEqualTo(5));

        world.police(1, Rule.volume(before + volume + 10));
        Socket more = world.visit(port);
        more.getOutputStream().write(new byte[25]);
        assertThat(counting(accept()).call()).isEqualTo(10);
        World.assertReset(more);
        assertThat(world.status(1).counts().bytesIn() + world.status(1).counts().bytesOut())
                .isEqualTo(before + volume + 10);
        world.police(1, Policies.NONE);
        Socket free = world.visit(port);
        free.getOutputStream().write(1);
        assertThat(accept().getInputStream().read()).isEqualTo(1);
    }

    @Test
    void aVolumeThatIsLoweredBelowWhatWasCarriedCutsEvenWhoRests() throws Exception {
        int port = world.tunnel(1, world.echo());
        world.agent(1);
        Socket visitor = world.visit(port);
        World.assertEcho(visitor);
        long asked = System.nanoTime();
        world.police(1, Rule.volume(2));
        World.assertReset(visitor);
        assertThat(Duration.ofNanos(System.nanoTime() - asked)).isLessThan(A_SECOND);
    }

    private static Callable<Void> pouring(Socket socket) {
        return () -> {
            byte[] block = new byte[50_000];
            while (true) {
                socket.getOutputStream().write(block);
            }
        };
    }

    /** Reads until the connection breaks off; a reset may look like an end to the reader if a writer of the same socket met with it first. */
    private static Callable<Long> counting(Socket socket) {
        return () -> {
            long n = 0;
            byte[] block = new byte[65_536];
            try {
                InputStream in = socket.getInputStream();
                for (int read = in.read(block); read >= 0; read = in.read(block)) {
                    n += read;
                }
            } catch (SocketException reset) {
                // As expected.
            }
            return n;
        };
    }

    // ---- headers
    // -----------------------------------------------------------------------------------------------------------

    @Test
    void theTargetIsToldItsVisitorInText() throws Exception {
        int port = world.tunnel(1, target.getLocalPort());
        world.agent(1);
        world.police(1, Rule.header(ProxyHeader.V1));
        Socket visitor = world.visit(port);
        // Told before the visitor says a word.
        String header = "PROXY TCP4 127.0.0.1 127.0.0.1 " + visitor.getLocalPort() + " " + port + "\r\n";
        Socket inner = accept();
        assertThat(new String(inner.getInputStream().readNBytes(header.length()), US_ASCII))
                .isEqualTo(header);
        visitor.getOutputStream().write("hello".getBytes(US_ASCII));
        assertThat(new String(inner.getInputStream().readNBytes(5), US_ASCII)).isEqualTo("hello");
        // The header is ours, not the visitor's.
        assertThat(world.status(1).counts().bytesIn()).isEqualTo(5);
    }

    @Test
    void theTargetIsToldItsVisitorInBytes() throws Exception {
        int port = world.tunnel(1, target.getLocalPort());
        world.agent(1);
        world.police(1, Rule.header(ProxyHeader.V2));
        Socket visitor = world.visit(port);
        visitor.getOutputStream().write(77);
        byte[] heard = accept().getInputStream().readNBytes(29);
        int from = visitor.getLocalPort();
        assertThat(heard)
                .containsExactly(
                        0x0D,
                        0x0A,
                        0x0D,
                        0x0A,
                        0x00,
                        0x0D,
                        0x0A,
                        0x51,
                        0x55,
                        0x49,
                        0x54,
                        0x0A,
                        0x21,
                        0x11,
                        0,
                        12,
                        127,
                        0,
                        0,
                        1,
                        127,
                        0,
                        0,
                        1,
                        from >> 8,
                        from & 0xFF,
                        port >> 8,
                        port & 0xFF,
                        77);
    }

    @Test
    void everythingAtOnceOnALivingConnection() throws Exception {
        int port = world.tunnel(1, world.echo());
        world.agent(1);
        Socket visitor = world.visit(port);
        byte[] data = new byte[3_000_000];
        new Random(4).nextBytes(data);
        Future<byte[]> back = threads.submit(() -> visitor.getInputStream().readAllBytes());
        Future<?> sent = threads.submit(() -> {
            visitor.getOutputStream().write(data);
            visitor.shutdownOutput();
            return null;
        });
        Policies slow = new Policies(
                List.of(),
                List.of(),
                5,
                5,
                5,
                new Rates(2_000_000, 3_000_000),
                new Rates(1_500_000, 0),
                50_000_000,
                Duration.ofSeconds(20),
                Duration.ofSeconds(40),
                ProxyHeader.V1);
        // Back and forth while bytes wait: none is lost, none comes twice, and the end waits behind the last.
        for (int i = 0; i < 40; i++) {
            world.police(1, i % 2 == 0 ? slow : Policies.NONE);
        }
        world.police(1, slow);
        sent.get();
        assertThat(back.get()).isEqualTo(data);
        assertThat(world.status(1).counts()).isEqualTo(new Counts(data.length, data.length, 1, 0, 0));
        assertThat(world.hits).isEmpty();
    }
}
