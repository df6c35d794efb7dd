package io.culvert.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.culvert.link.net.Descriptors;
import io.culvert.link.net.Liveness;
import io.culvert.link.net.Transport;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A server whose file descriptors run out, as one in a container does that is given 1,024; the test's own sockets are among them. */
@Timeout(60)
class FilesTest {
    /** An eighth is in reserve, of which agents may take half; and ports have to leave as much to visitors. */
    private static final int RESERVE = 64;
    /** For the gateway, two ports and their targets; what is left of them, and the reserve, is visitors'. */
    private static final int PORTS = 40;

    @TempDir
    Path directory;

    @Test
    void theLastAreNotVisitors() throws IOException {
        assumeThat(Transport.best()).isEqualTo(Transport.EPOLL);
        int most = open() + 2 * RESERVE + PORTS;
        assumeThat(most).as("an eighth of it").isLessThan(8 * RESERVE);
        try (World world = new World(
                directory,
                World.settings(Liveness.DEFAULT, Duration.ofSeconds(10), Transport.EPOLL)
                        .with(new Descriptors(most)))) {
            int port = world.tunnel(1, world.echo());
            world.agent(1);
            List<Socket> visitors = new ArrayList<>();
            while (served(world, port, visitors)) {
                assertThat(visitors).as("visitors").hasSizeLessThan(most);
            }
            assertThat(visitors).isNotEmpty();
            assertThat(open()).as("left for others").isLessThan(most - RESERVE / 4);
            assertThat(world.status(1).counts().refused()).isPositive();

            assertThatThrownBy(() -> world.tunnel(2, world.echo()))
                    .hasRootCauseMessage(
                            "the last of " + most + " file descriptors are kept for visitors, agents and the API");
            world.agent(1, world.settings(1), new CopyOnWriteArrayList<>());

            for (Socket visitor : visitors) {
                visitor.close();
            }
            await().until(() -> served(world, port, visitors));
        }
    }

    @Test
    void theVeryLastAreNotStrangersAtTheBridge() throws IOException {
        assumeThat(Transport.best()).isEqualTo(Transport.EPOLL);
        try (World world = new World(
                directory,
                World.settings(Liveness.DEFAULT, Duration.ofSeconds(10), Transport.EPOLL)
                        .with(new Descriptors(open())))) {
            assertThat(world.visit(world.gateway.bridgePort()).getInputStream().read())
                    .isEqualTo(-1);
        }
    }

    private static boolean served(World world, int port, List<Socket> visitors) throws IOException {
        try {
            Socket visitor = world.visit(port);
            World.assertEcho(visitor);
            visitors.add(visitor);
            return true;
        } catch (SocketException e) {
            assertThat(e).hasMessageContaining("reset");
            return false;
        }
    }

    private static int open() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
            return (int) files.count();
        }
    }
}
