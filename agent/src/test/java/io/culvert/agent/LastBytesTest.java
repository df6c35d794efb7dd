package io.culvert.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.culvert.gateway.engine.GatewaySettings;
import io.culvert.link.net.Liveness;
import io.culvert.link.net.Transport;
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
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Who reads nothing of a connection that has ended both ways. What the kernel takes of it is not known beforehand, so there are many
 * connections, each with a little more to be sent than the one before:
 *
 * <pre>
 *   all of it fits into the kernel      the connection is closed here, and can be read to its proper end later
 *   the rest waits here, FIN behind it  reset after the deadline
 *   the windows are full too            FIN is not here yet: the connection lives, and may rest as long as it likes
 * </pre>
 */
@ParameterizedClass
@EnumSource(Transport.class)
@Timeout(60)
class LastBytesTest {
    private static final Duration LINGER = Duration.ofMillis(500);
    private static final int RECEIVE_BUFFER = 4 * 1024;
    /** Less than a stream's window, so that at least one connection is of the middle kind. */
    private static final int STEP = 128 * 1024;

    private static final int CONNECTIONS = 48;

    /**
     * E for a proper end, R for a reset, least first. Where the middle kind begins and ends differs by a step or two from one connection to the
     * next: the kernel sizes each socket's buffers by itself.
     */
    private static final String ENDS = "E+R[ER]*E+";

    @Parameter
    Transport transport;

    @TempDir
    Path directory;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private World world;

    @BeforeEach
    void open() throws IOException {
        GatewaySettings usual = World.settings(Liveness.DEFAULT, Duration.ofSeconds(10), transport);
        world = new World(
                directory,
                new GatewaySettings(
                        usual.bridge(),
                        usual.exposeHost(),
                        usual.ports(),
                        usual.transport(),
                        usual.loops(),
                        usual.helloDeadline(),
                        usual.strangers(),
                        usual.liveness(),
                        usual.udpIdle(),
                        LINGER,
                        usual.files()));
    }

    @AfterEach
    void close() throws IOException {
        world.close();
        threads.shutdownNow();
    }

    /** A target whose connections have small receive buffers, which they must be given before they begin. */
    private ServerSocket target() throws IOException {
        ServerSocket target = new ServerSocket();
        world.keep(target::close);
        target.setReceiveBufferSize(RECEIVE_BUFFER);
        target.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), CONNECTIONS);
        target.setSoTimeout(20_000);
        return target;
    }

    private Socket visitor(int port) throws IOException {
        Socket visitor = new Socket();
        world.keep(visitor::close);
        visitor.setReceiveBufferSize(RECEIVE_BUFFER);
        visitor.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 5_000);
        visitor.setSoTimeout(20_000);
        return visitor;
    }

    private void send(Socket from, int bytes) {
        threads.submit(() -> {
            from.getOutputStream().write(new byte[bytes]);
            from.shutdownOutput();
            return null;
        });
    }

    /** Opens the connections: one side reads nothing and has ended its own direction, the other sends more and more, and then ends. */
    private List<Socket> readingNothing(boolean visitorReads) throws IOException {
        ServerSocket target = target();
        int port = world.tunnel(1, target.getLocalPort());
        world.agent(1, world.settings(1).lingering(LINGER), new CopyOnWriteArrayList<>());
        List<Socket> readers = new ArrayList<>();
        for (int i = 1; i <= CONNECTIONS; i++) {
            Socket visitor = visitor(port);
            Socket inner = target.accept();
            world.keep(inner::close);
            inner.setSoTimeout(20_000);
            Socket reader = visitorReads ? visitor : inner;
            reader.shutdownOutput();
            send(visitorReads ? inner : visitor, i * STEP);
            readers.add(reader);
        }
        return readers;
    }

    /** Waits until nothing has ended for a good while. */
    private void rest() {
        await().during(LINGER.multipliedBy(4)).atMost(Duration.ofSeconds(40)).until(new Callable<>() {
            private int last = -1;

            @Override
            public Boolean call() {
                int visitors = world.gateway.status(1).orElseThrow().visitors();
                boolean still = visitors == last && visitors < CONNECTIONS;
                last = visitors;
                return still;
            }
        });
    }

    /** Reads each to its end. E: all bytes and a proper end; R: reset; in order of size. */
    private static String outcomes(List<Socket> readers) throws IOException {
        StringBuilder outcomes = new StringBuilder();
        for (int i = 0; i < readers.size(); i++) {
            try {
                InputStream in = readers.get(i).getInputStream();
                assertThat(in.readAllBytes()).hasSize((i + 1) * STEP);
                outcomes.append('E');
            } catch (SocketException e) {
                assertThat(e).hasMessageContaining("reset");
                outcomes.append('R');
            }
        }
        return outcomes.toString();
    }

    @Test
    void aVisitorThatEndsAndThenResetsIsGoneWhileItsTargetIsSilent() throws Exception {
        endsAndResets(true);
    }

    @Test
    void aTargetThatEndsAndThenResetsIsGoneWhileItsVisitorIsSilent() throws Exception {
        endsAndResets(false);
    }

    /** A reset behind an end: the one who was reset has nothing to read and nothing to write. */
    private void endsAndResets(boolean visitorDoes) throws IOException {
        assumeTrue(transport == Transport.EPOLL, "the JDK does not tell of it");
        ServerSocket target = target();
        int port = world.tunnel(1, target.getLocalPort());
        world.agent(1, world.settings(1).lingering(LINGER), new CopyOnWriteArrayList<>());
        Socket visitor = visitor(port);
        Socket inner = target.accept();
        world.keep(inner::close);
        inner.setSoTimeout(20_000);
        Socket ending = visitorDoes ? visitor : inner;
        Socket silent = visitorDoes ? inner : visitor;
        ending.shutdownOutput();
        assertThat(silent.getInputStream().read()).as("the end is there").isEqualTo(-1);
        ending.setSoLinger(true, 0);
        ending.close();
        await().until(() -> world.gateway.status(1).orElseThrow().visitors() == 0);
    }

    @Test
    void aVisitorThatReadsNothingIsResetInTheEnd() throws Exception {
        List<Socket> visitors = readingNothing(true);
        rest();
        assertThat(outcomes(visitors)).matches(ENDS);
        await().until(() -> world.gateway.status(1).orElseThrow().visitors() == 0);
    }

    @Test
    void aTargetThatReadsNothingIsResetInTheEnd() throws Exception {
        List<Socket> targets = readingNothing(false);
        rest();
        assertThat(outcomes(targets)).matches(ENDS);
        await().until(() -> world.gateway.status(1).orElseThrow().visitors() == 0);
    }
}
