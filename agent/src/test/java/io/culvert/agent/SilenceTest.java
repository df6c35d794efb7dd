package io.culvert.agent;

import static io.culvert.agent.World.assertEcho;
import static io.culvert.agent.World.assertReset;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.culvert.link.net.Liveness;
import io.culvert.link.net.Transport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Silence has a deadline, before the hello and after it; slowness has none. */
@Timeout(60)
class SilenceTest {
    private static final Duration HELLO = Duration.ofSeconds(2);
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final Liveness SHORT = new Liveness(Duration.ofMillis(300), Duration.ofMillis(700));

    @TempDir
    Path directory;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<String> heard = new CopyOnWriteArrayList<>();

    @SuppressWarnings("NullAway.Init") // each test begins with begin(): they need different worlds
    private World world;

    private World begin(World fresh) {
        world = fresh;
        return fresh;
    }

    @AfterEach
    void close() throws IOException {
        world.close();
        threads.shutdownNow();
    }

    // ---- before the hello
    // ----------------------------------------------------------------------------------------------------------

    @ParameterizedTest
    @EnumSource(Transport.class)
    void rathole_whoever_says_no_hello_keeps_nobody_waiting(Transport transport) throws Exception {
        begin(new World(directory, Liveness.DEFAULT, HELLO, transport));
        int port = world.tunnel(1, world.echo());
        byte[] hello = RawAgent.hello(1, World.SECRET);

        long began = System.nanoTime();
        Socket mute = bridge();
        Socket halfHandshake = bridge();
        halfHandshake.getOutputStream().write(new byte[] {0x16, 3, 1, 1, 0, 1, 0});
        RawAgent noHello = raw();
        noHello.socket.startHandshake();
        RawAgent halfHello = raw().send(Arrays.copyOf(hello, hello.length / 2));
        world.agent(1, world.hasty(1), heard);
        Duration admitted = since(began);
        assertEcho(world.visit(port));

        List<Future<Duration>> ends = List.of(
                threads.submit(() -> untilOver(mute, began)),
                threads.submit(() -> untilOver(halfHandshake, began)),
                threads.submit(() -> untilOver(noHello.socket, began)),
                threads.submit(() -> untilOver(halfHello.socket, began)));
        for (Future<Duration> end : ends) {
            assertThat(end.get()).isBetween(HELLO.minusMillis(50), HELLO.plusSeconds(2));
        }
        assertThat(admitted).isLessThan(HELLO);
    }

    /** The deadline is for the whole hello: a byte now and then does not move it. */
    @Test
    void aDrippingHelloIsClosedAtTheDeadlineToo() throws Exception {
        begin(new World(directory, Liveness.DEFAULT, HELLO, Transport.best()));
        world.tunnel(1, world.echo());
        Wire slow = new Wire(world.gateway.bridgePort(), 600);
        world.keep(slow::close);
        long began = System.nanoTime();
        RawAgent raw = new RawAgent(RawAgent.dial(slow.port(), "TLSv1.3", "culvert/1"));
        world.keep(raw::close);
        assertThat(untilOver(raw.socket, began)).isLessThan(HELLO.plusSeconds(5));
        assertThat(world.asked).hasValue(0);
    }

    @Test
    void thereIsRoomForSoManyStrangersAndTheRoomIsGivenBack() throws Exception {
        begin(new World(directory, World.strangers(4, World.settings(Liveness.DEFAULT, LONG, Transport.best()))));
        int port = world.tunnel(1, world.echo());
        Socket[] strangers = {bridge(), bridge(), bridge(), bridge()};
        // The four count once the server has accepted them, in the order in which they came.
        assertOver(bridge());
        assertOver(bridge());
        Agent agent = Agent.start(world.hasty(1), World.listener(heard));
        world.keep(agent::close);
        await().until(() -> heard.size() > 1);
        assertThat(heard).allMatch(line -> line.startsWith("disconnected"));

        strangers[2].close();

        await().until(() -> world.sessions(1) == 1);
        assertEcho(world.visit(port));
        // A welcomed agent is no stranger: its place is free again, and only that one.
        Socket next = bridge();
        assertOver(bridge());
        next.setSoTimeout(1);
        assertThat(next.isClosed()).isFalse();
    }

    // ---- in a session
    // --------------------------------------------------------------------------------------------------------------

    @Test
    void tentacle_a_frozen_path_ends_the_session_on_both_sides() throws Exception {
        begin(new World(directory, SHORT, LONG, Transport.best()));
        int port = world.tunnel(1, world.echo());
        Wire wire = wire(Integer.MAX_VALUE);
        world.agent(1, world.hasty(1, wire.port()), heard);
        Socket visitor = world.visit(port);
        assertEcho(visitor);

        wire.freeze();

        assertReset(visitor);
        await().until(() -> world.sessions(1) == 0);
        assertThat(world.log).anyMatch(line -> line.startsWith("down 1 0: the peer is silent"));
        await().untilAsserted(() ->
                assertThat(heard).anyMatch(line -> line.startsWith("disconnected 0: the peer is silent")));

        wire.thaw();
        await().until(() -> world.sessions(1) == 1);
        assertEcho(world.visit(port));
    }

    @Test
    void yamux_a_frozen_path_is_noticed_while_data_flows() throws Exception {
        begin(new World(directory, SHORT, LONG, Transport.best()));
        ServerSocket target = world.target();
        int port = world.tunnel(1, target.getLocalPort());
        Wire wire = wire(Integer.MAX_VALUE);
        world.agent(1, world.hasty(1, wire.port()), heard);
        Socket visitor = world.visit(port);
        Socket inner = target.accept();
        world.keep(inner::close);
        AtomicLong arrived = new AtomicLong();
        Future<?> down = threads.submit(() -> flood(inner));
        Future<?> up = threads.submit(() -> flood(visitor));
        Future<?> atVisitor = threads.submit(() -> drain(visitor, arrived));
        threads.submit(() -> drain(inner, new AtomicLong()));
        await().until(() -> arrived.get() > 4_000_000);

        wire.freeze();

        await().atMost(Duration.ofSeconds(10)).until(() -> down.isDone() && up.isDone() && atVisitor.isDone());
        await().until(() -> world.sessions(1) == 0);
        assertThat(world.log).anyMatch(line -> line.startsWith("down 1 0: the peer is silent"));
        wire.thaw();
        await().until(() -> world.sessions(1) == 1);
    }

    /** Each way is full in its turn, so that a ping waits long behind the data; the session lives all the same. */
    @Test
    void aSlowPathIsNotAFrozenOne() throws Exception {
        begin(new World(
                directory, new Liveness(Duration.ofSeconds(2), Duration.ofMillis(700)), LONG, Transport.best()));
        ServerSocket uploads = world.target();
        ServerSocket downloads = world.target();
        Socket uploader = slowly(1, uploads);
        Socket downloader = slowly(2, downloads);
        Socket uploaded = uploads.accept();
        Socket downloading = downloads.accept();
        world.keep(uploaded::close);
        world.keep(downloading::close);
        AtomicLong up = new AtomicLong();
        AtomicLong down = new AtomicLong();
        threads.submit(() -> flood(uploader));
        threads.submit(() -> drain(uploaded, up));
        threads.submit(() -> flood(downloading));
        threads.submit(() -> drain(downloader, down));

        await().atMost(Duration.ofSeconds(30)).until(() -> up.get() > 100_000 && down.get() > 100_000);

        assertThat(world.log).filteredOn(line -> line.startsWith("down")).isEmpty();
        assertThat(heard).allMatch(line -> line.startsWith("connected"));
    }

    private Socket slowly(long tunnel, ServerSocket target) throws IOException {
        int port = world.tunnel(tunnel, target.getLocalPort());
        world.agent(tunnel, world.hasty(tunnel, wire(20_000).port()), heard);
        return world.visit(port);
    }

    // ---- means
    // ----------------------------------------------------------------------------------------------------------------------

    private Wire wire(int bytesPerSecond) throws IOException {
        Wire wire = new Wire(world.gateway.bridgePort(), bytesPerSecond);
        world.keep(wire::close);
        return wire;
    }

    private Socket bridge() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), world.gateway.bridgePort());
        socket.setSoTimeout(15_000);
        world.keep(socket::close);
        return socket;
    }

    private RawAgent raw() throws IOException {
        RawAgent raw = new RawAgent(world.gateway.bridgePort());
        world.keep(raw::close);
        return raw;
    }

    private static void assertOver(Socket socket) throws IOException {
        assertThat(untilOver(socket, System.nanoTime())).isLessThan(Duration.ofSeconds(5));
    }

    private static Duration untilOver(Socket socket, long began) throws IOException {
        try {
            while (socket.getInputStream().read() >= 0) {}
        } catch (SocketTimeoutException e) {
            throw e;
        } catch (IOException e) {
            // Over by a reset, or before TLS stood.
        }
        return since(began);
    }

    private static Duration since(long began) {
        return Duration.ofNanos(System.nanoTime() - began);
    }

    private static Void flood(Socket socket) throws IOException {
        byte[] block = new byte[16_384];
        try {
            while (true) {
                socket.getOutputStream().write(block);
            }
        } catch (SocketException e) {
            return null;
        }
    }

    private static Void drain(Socket socket, AtomicLong count) throws IOException {
        byte[] block = new byte[16_384];
        try {
            for (int n = socket.getInputStream().read(block);
                    n >= 0;
                    n = socket.getInputStream().read(block)) {
                count.addAndGet(n);
            }
            throw new IOException("a proper end");
        } catch (SocketException e) {
            return null;
        }
    }
}
