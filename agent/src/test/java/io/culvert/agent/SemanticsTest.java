package io.culvert.agent;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.culvert.gateway.EndReason;
import io.culvert.link.agent.Farewell;
import io.culvert.link.net.Liveness;
import io.culvert.link.net.Transport;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
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
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What a visitor and a target may rely on, as if there were no tunnel between them. */
@ParameterizedClass
@EnumSource(Transport.class)
@Timeout(60)
class SemanticsTest {
    private static final int BACKLOG = 1;
    /** So many visitors have so many bytes each for an agent that does not read: less than their windows. */
    private static final int BUSY = 8;

    private static final int UNDER_WAY = 200 * 1024;
    /** Four times what the agent's kernel was told to take; how much more is read ahead differs. */
    private static final long MUST_BE_UNDER_WAY = 64 * 1024;

    @Parameter
    Transport transport;

    @TempDir
    Path directory;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private World world;
    private ServerSocket target;
    private int port;

    @BeforeEach
    void open() throws IOException {
        world = new World(directory, Liveness.DEFAULT, Duration.ofSeconds(10), transport);
        target = world.target();
        port = world.tunnel(1, target.getLocalPort());
    }

    @AfterEach
    void close() throws IOException {
        world.close();
        threads.shutdownNow();
    }

    private Socket accept() throws IOException {
        target.setSoTimeout(20_000);
        Socket socket = target.accept();
        socket.setSoTimeout(20_000);
        world.keep(socket::close);
        return socket;
    }

    @Test
    void bytesGoThereAndBack() throws Exception {
        world.agent(1);
        Socket visitor = world.visit(port);
        visitor.getOutputStream().write("ping".getBytes(US_ASCII));
        Socket inner = accept();
        assertThat(inner.getInputStream().readNBytes(4)).asString().isEqualTo("ping");
        inner.getOutputStream().write("pong".getBytes(US_ASCII));
        assertThat(visitor.getInputStream().readNBytes(4)).asString().isEqualTo("pong");
        await().untilAsserted(() -> {
            assertThat(world.gateway.status(1).orElseThrow().counts().bytesIn()).isEqualTo(4);
            assertThat(world.gateway.status(1).orElseThrow().counts().bytesOut())
                    .isEqualTo(4);
        });
    }

    @Test
    void aTargetThatSpeaksFirstIsHeard() throws Exception {
        world.agent(1);
        Socket visitor = world.visit(port);
        Socket inner = accept();
        inner.getOutputStream().write("SSH-2.0".getBytes(US_ASCII));
        assertThat(visitor.getInputStream().readNBytes(7)).asString().isEqualTo("SSH-2.0");
    }

    @Test
    void aVisitorThatHalfClosesStillReceivesItsAnswer() throws Exception {
        world.agent(1);
        Socket visitor = world.visit(port);
        visitor.getOutputStream().write("question".getBytes(US_ASCII));
        visitor.shutdownOutput();
        Socket inner = accept();
        assertThat(inner.getInputStream().readAllBytes()).asString().isEqualTo("question");
        byte[] answer = new byte[3_000_000];
        new Random(1).nextBytes(answer);
        Future<?> writer = threads.submit(writing(inner, answer, true));
        assertThat(visitor.getInputStream().readAllBytes()).isEqualTo(answer);
        writer.get();
        await().until(() -> world.gateway.status(1).orElseThrow().visitors() == 0);
    }

    @Test
    void aTargetThatHalfClosesStillReceivesTheRest() throws Exception {
        world.agent(1);
        Socket visitor = world.visit(port);
        visitor.getOutputStream().write(1);
        Socket inner = accept();
        inner.getOutputStream().write("bye".getBytes(US_ASCII));
        inner.shutdownOutput();
        assertThat(visitor.getInputStream().readAllBytes()).asString().isEqualTo("bye");
        byte[] rest = new byte[3_000_000];
        new Random(2).nextBytes(rest);
        Future<?> writer = threads.submit(writing(visitor, rest, true));
        assertThat(inner.getInputStream().read()).isEqualTo(1);
        assertThat(inner.getInputStream().readAllBytes()).isEqualTo(rest);
        writer.get();
    }

    @Test
    void aVisitorsResetReachesTheTarget() throws Exception {
        world.agent(1);
        Socket visitor = world.visit(port);
        visitor.getOutputStream().write(1);
        Socket inner = accept();
        assertThat(inner.getInputStream().read()).isEqualTo(1);
        reset(visitor);
        assertReset(inner);
        await().until(() -> world.gateway.status(1).orElseThrow().visitors() == 0);
    }

    @Test
    void aTargetsResetReachesTheVisitor() throws Exception {
        world.agent(1);
        Socket visitor = world.visit(port);
        visitor.getOutputStream().write(1);
        Socket inner = accept();
        assertThat(inner.getInputStream().read()).isEqualTo(1);
        reset(inner);
        assertReset(visitor);
    }

    /** CVE-2026-42577: half-close and then RST made Netty's epoll spin or leak up to 4.2.12. */
    @Test
    void netty_a_visitor_that_half_closes_and_then_resets_is_gone_on_both_sides() throws Exception {
        world.agent(1);
        Socket visitor = world.visit(port);
        visitor.getOutputStream().write(1);
        visitor.shutdownOutput();
        Socket inner = accept();
        assertThat(inner.getInputStream().readAllBytes()).hasSize(1);
        reset(visitor);
        await().until(() -> {
            // Only a write tells a half-closed connection that its peer is gone.
            try {
                inner.getOutputStream().write(new byte[1024]);
                return false;
            } catch (SocketException reset) {
                return true;
            }
        });
        await().until(() -> world.gateway.status(1).orElseThrow().visitors() == 0);
    }

    @Test
    void aVisitorThatResetsWhileItIsNotBeingReadIsNoticed() throws Exception {
        assumeTrue(
                transport == Transport.EPOLL,
                "the JDK's selector tells nothing of a socket that is not being read: there it is noticed when reading goes on");
        world.agent(1);
        Socket visitor = world.visit(port);
        Socket inner = accept();
        // The target reads nothing: the way fills up until the visitor is not read any more.
        fill(visitor);
        reset(visitor);
        await().until(() -> world.gateway.status(1).orElseThrow().visitors() == 0);
        assertThatThrownBy(() -> inner.getInputStream().readAllBytes()).isInstanceOf(SocketException.class);
    }

    @Test
    void aTargetThatRefusesIsSeenAsAReset() throws Exception {
        world.agent(1);
        target.close();
        // The reset may be there before connect() has looked.
        assertThatThrownBy(() -> world.visit(port).getInputStream().read())
                .isInstanceOf(SocketException.class)
                .hasMessageContaining("reset");
    }

    @Test
    void aVisitorWithoutAnyAgentIsReset() throws Exception {
        assertThatThrownBy(() -> world.visit(port).getInputStream().read())
                .isInstanceOf(SocketException.class)
                .hasMessageContaining("reset");
    }

    @Test
    void smux_a_slow_reader_slows_only_itself() throws Exception {
        world.agent(1);
        for (int i = 0; i < 8; i++) {
            world.visit(port);
            Socket inner = accept();
            // Endless data for a visitor that reads nothing.
            threads.submit(writing(inner, new byte[64 << 20], false));
        }
        await().until(() -> world.gateway.status(1).orElseThrow().counts().bytesOut() > 8 * 200_000);
        Socket visitor = world.visit(port);
        Socket inner = accept();
        byte[] data = new byte[20 << 20];
        new Random(3).nextBytes(data);
        threads.submit(writing(inner, data, true));
        assertThat(visitor.getInputStream().readAllBytes()).isEqualTo(data);
        // What the stalled ones hold is bounded by windows and kernel buffers, far below what was offered.
        assertThat(world.gateway.status(1).orElseThrow().counts().bytesOut()).isLessThan(data.length + 8L * (16 << 20));
    }

    @Test
    void muchDataArrivesIntactBothWaysAtOnce() throws Exception {
        world.agent(1);
        Socket visitor = world.visit(port);
        Socket inner = accept();
        int total = 64 << 20;
        Future<byte[]> toTarget = threads.submit(sending(visitor, total, 11));
        Future<byte[]> toVisitor = threads.submit(sending(inner, total, 12));
        Future<byte[]> atTarget = threads.submit(receiving(inner));
        Future<byte[]> atVisitor = threads.submit(receiving(visitor));
        assertThat(atTarget.get()).isEqualTo(toTarget.get());
        assertThat(atVisitor.get()).isEqualTo(toVisitor.get());
        assertThat(world.gateway.status(1).orElseThrow().counts().bytesIn()).isEqualTo(total);
        assertThat(world.gateway.status(1).orElseThrow().counts().bytesOut()).isEqualTo(total);
    }

    /** Credit for what left the visitor's socket late must not wait for the session's next ping, 15 s away. */
    @Test
    void aVisitorThatPausedIsServedOnAtOnce() throws Exception {
        world.agent(1);
        Socket visitor = world.visit(port);
        visitor.setSoTimeout(7_000);
        Socket inner = accept();
        byte[] data = new byte[40 << 20];
        new Random(5).nextBytes(data);
        threads.submit(writing(inner, data, true));
        awaitStill(() -> world.gateway.status(1).orElseThrow().counts().bytesOut());
        assertThat(visitor.getInputStream().readAllBytes()).isEqualTo(data);
    }

    /** The target is dialled while the visitor's bytes come in: their credit is paid although nobody was joined yet. */
    @Test
    void muchThatIsSentAheadOfTheDialArrives() throws Exception {
        ServerSocket busy = neverAccepting();
        int inTheWay = fillQueue(busy);
        int exposed = world.tunnel(2, busy.getLocalPort());
        world.agent(2);
        byte[] data = new byte[4 << 20];
        new Random(6).nextBytes(data);
        Socket visitor = world.visit(exposed);
        threads.submit(writing(visitor, data, true));
        awaitStill(() -> world.gateway.status(2).orElseThrow().counts().bytesIn());
        assertThat(world.gateway.status(2).orElseThrow().counts().bytesIn())
                .as("a window is full, and not all of it is here")
                .isBetween(256L * 1024, data.length - 1L);
        for (int i = 0; i < inTheWay; i++) {
            world.keep(busy.accept()::close);
        }
        Socket inner = busy.accept();
        world.keep(inner::close);
        inner.setSoTimeout(10_000);
        assertThat(inner.getInputStream().readAllBytes()).isEqualTo(data);
    }

    @Test
    void anAgentThatIsClosedWhileItDialsGivesTheDialUp() throws Exception {
        ServerSocket busy = neverAccepting();
        int unused = fillQueue(busy);
        int exposed = world.tunnel(2, busy.getLocalPort());
        Agent agent = world.agent(2);
        Socket visitor = world.visit(exposed);
        visitor.getOutputStream().write(new byte[100_000]);
        await().until(() -> dials(busy.getLocalPort()) == 1);
        agent.close();
        // Long before the dial's own time is over.
        await().atMost(Duration.ofSeconds(5)).until(() -> dials(busy.getLocalPort()) == 0);
    }

    /** A dial has ten seconds here, and nobody waits for it any more. */
    @Test
    void visitorsWhoBreakOffTakeTheirDialsAlong() throws Exception {
        ServerSocket busy = neverAccepting();
        int unused = fillQueue(busy);
        int exposed = world.tunnel(2, busy.getLocalPort());
        List<String> heard = new CopyOnWriteArrayList<>();
        world.agent(2, world.settings(2), heard);
        List<Socket> visitors = new ArrayList<>();
        for (int i = 0; i < BUSY; i++) {
            visitors.add(world.visit(exposed));
        }
        await().until(() -> dials(busy.getLocalPort()) == BUSY);
        for (Socket visitor : visitors) {
            breakOff(visitor);
        }
        await().atMost(Duration.ofSeconds(5)).until(() -> dials(busy.getLocalPort()) == 0);
        // Some of these are gone before their dial has begun.
        for (int i = 0; i < 100; i++) {
            breakOff(world.visit(exposed));
        }
        await().atMost(Duration.ofSeconds(5))
                .until(() -> world.status(2).visitors() == 0 && dials(busy.getLocalPort()) == 0);
        assertThat(heard).as("what the agent told of its session").hasSize(1);
    }

    private static void breakOff(Socket visitor) throws IOException {
        visitor.setSoLinger(true, 0);
        visitor.close();
    }

    /** Once its queue is full the kernel leaves those who dial it without an answer. */
    private ServerSocket neverAccepting() throws IOException {
        ServerSocket busy = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
        world.keep(busy::close);
        busy.setSoTimeout(20_000);
        return busy;
    }

    /** How many connections to this port wait for an answer, by the kernel's tables: {@code 02} is SYN_SENT. */
    private static long dials(int port) throws IOException {
        Pattern dial = Pattern.compile(String.format("^ *\\d+: \\S+ \\S+:%04X 02 .*", port));
        long dials = 0;
        for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
            dials += Files.readAllLines(Path.of(table)).stream()
                    .filter(dial.asMatchPredicate())
                    .count();
        }
        return dials;
    }

    /**
     * Connects until a connection is not answered any more; answers how many were. Linux lets one more wait than the backlog says: those
     * are given time to send a lost SYN again, or a busy machine's loss would pass for a full queue.
     */
    private int fillQueue(ServerSocket listening) throws IOException {
        for (int connected = 0; ; connected++) {
            Socket socket = new Socket();
            world.keep(socket::close);
            try {
                socket.connect(listening.getLocalSocketAddress(), connected <= BACKLOG ? 10_000 : 500);
            } catch (SocketTimeoutException full) {
                return connected;
            }
        }
    }

    /** Waits until a count has begun and then has not moved for a while. */
    private static void awaitStill(LongSupplier count) {
        await().during(Duration.ofMillis(500)).atMost(Duration.ofSeconds(30)).until(new Callable<>() {
            private long last = -1;

            @Override
            public Boolean call() {
                long now = count.getAsLong();
                boolean still = now > 0 && now == last;
                last = now;
                return still;
            }
        });
    }

    @Test
    void aThousandVisitorsAtOnceAreAllServed() throws Exception {
        world.agent(1);
        AtomicInteger served = new AtomicInteger();
        Future<?> service = threads.submit(() -> {
            for (int i = 0; i < 1000; i++) {
                Socket inner = target.accept();
                threads.submit(() -> {
                    try (inner) {
                        int id = inner.getInputStream().read();
                        inner.getOutputStream().write(id);
                        return served.incrementAndGet();
                    }
                });
            }
            return null;
        });
        List<Socket> visitors = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            visitors.add(world.visit(port));
        }
        for (int i = 0; i < 1000; i++) {
            visitors.get(i).getOutputStream().write(i & 0x7F);
        }
        for (int i = 0; i < 1000; i++) {
            assertThat(visitors.get(i).getInputStream().read()).isEqualTo(i & 0x7F);
            assertThat(visitors.get(i).getInputStream().read()).isEqualTo(-1);
            visitors.get(i).close();
        }
        service.get(20, TimeUnit.SECONDS);
        await().until(() -> world.gateway.status(1).orElseThrow().visitors() == 0);
        assertThat(served).hasValue(1000);
    }

    @Test
    void whenTheTunnelEndsItsVisitorsAreCutAndItsPortIsFree() throws Exception {
        List<String> heard = new CopyOnWriteArrayList<>();
        world.agent(1, world.settings(1), heard);
        Socket visitor = world.visit(port);
        visitor.getOutputStream().write(1);
        Socket inner = accept();
        assertThat(inner.getInputStream().read()).isEqualTo(1);

        world.gateway.close(1, EndReason.EXPIRED).toCompletableFuture().get(5, TimeUnit.SECONDS);

        assertReset(visitor);
        assertReset(inner);
        await().untilAsserted(() -> assertThat(heard).contains("ended EXPIRED: the tunnel's lease ran out"));
        try (ServerSocket again = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            assertThat(again.isBound()).isTrue();
        }
    }

    @Test
    void whenTheTunnelEndsAVisitorThatReadsNothingIsCutToo() throws Exception {
        world.agent(1);
        Socket visitor = world.visit(port);
        visitor.shutdownOutput();
        Socket inner = accept();
        assertThat(inner.getInputStream().read()).isEqualTo(-1);
        // More than windows and kernel buffers take: the visitor is being sent to when the end comes.
        threads.submit(writing(inner, new byte[64 << 20], true));
        await().until(() -> world.gateway.status(1).orElseThrow().counts().bytesOut() > 256 * 1024);
        world.gateway.close(1, EndReason.REMOVED).toCompletableFuture().get(5, TimeUnit.SECONDS);
        assertThatThrownBy(() -> {
                    while (visitor.getInputStream().read(new byte[65536]) >= 0) {}
                    throw new IOException("a proper end");
                })
                .isInstanceOf(SocketException.class);
    }

    /** What is under way to an agent, and what it says meanwhile, do not cost it the reason. */
    @Test
    void whenTheTunnelEndsABusyAgentHearsWhy() throws Exception {
        try (RawAgent slow = new RawAgent(world.gateway.bridgePort())) {
            slow.send(RawAgent.hello(1, World.SECRET)).welcomed();
            await().until(() -> world.gateway.status(1).orElseThrow().sessions() == 1);
            List<Socket> visitors = new ArrayList<>();
            for (int i = 0; i < BUSY; i++) {
                Socket visitor = world.visit(port);
                visitors.add(visitor);
                visitor.getOutputStream().write(new byte[UNDER_WAY]);
            }
            await().until(() -> world.gateway.status(1).orElseThrow().counts().bytesIn() >= MUST_BE_UNDER_WAY);
            world.gateway.close(1, EndReason.EXPIRED).toCompletableFuture().get(5, TimeUnit.SECONDS);
            slow.send(RawAgent.frame(RawAgent.PING, RawAgent.SYN, 0, 1));
            assertThat(slow.await(RawAgent.GO_AWAY, 0).length()).isEqualTo(Farewell.EXPIRED.code());
            slow.send(RawAgent.frame(RawAgent.PING, RawAgent.SYN, 0, 2));
            visitors.forEach(SemanticsTest::assertReset);
            slow.assertOver();
        }
    }

    // ---- means
    // ----------------------------------------------------------------------------------------------------------------------

    private static void reset(Socket socket) throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    private static void assertReset(Socket socket) {
        assertThatThrownBy(() -> {
                    int read = socket.getInputStream().read();
                    throw new IOException("read " + read);
                })
                .isInstanceOf(SocketException.class)
                .hasMessageContaining("reset");
    }

    private static Callable<Void> writing(Socket socket, byte[] data, boolean end) {
        return () -> {
            socket.getOutputStream().write(data);
            if (end) {
                socket.shutdownOutput();
            }
            return null;
        };
    }

    /** Writes until nothing has moved for a while. */
    private void fill(Socket socket) {
        AtomicInteger written = new AtomicInteger();
        threads.submit(() -> {
            OutputStream out = socket.getOutputStream();
            while (true) {
                out.write(new byte[16_384]);
                written.addAndGet(16_384);
            }
        });
        await().during(Duration.ofMillis(500)).atMost(Duration.ofSeconds(30)).until(new Callable<>() {
            private int last = -1;

            @Override
            public Boolean call() {
                int now = written.get();
                boolean still = now > 0 && now == last;
                last = now;
                return still;
            }
        });
    }

    private static Callable<byte[]> sending(Socket socket, int total, int seed) {
        return () -> {
            Random random = new Random(seed);
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] block = new byte[100_003];
            for (int left = total; left > 0; left -= block.length) {
                random.nextBytes(block);
                int n = Math.min(left, block.length);
                digest.update(block, 0, n);
                socket.getOutputStream().write(block, 0, n);
            }
            socket.shutdownOutput();
            return digest.digest();
        };
    }

    private static Callable<byte[]> receiving(Socket socket) {
        return () -> {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            InputStream in = socket.getInputStream();
            byte[] block = new byte[65_536];
            for (int n = in.read(block); n >= 0; n = in.read(block)) {
                digest.update(block, 0, n);
            }
            return digest.digest();
        };
    }
}
