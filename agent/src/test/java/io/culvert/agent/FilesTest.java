package io.culvert.agent;

import static org.assertj.core.api.Assertions.assertThat;
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
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A server whose file descriptors run out, as one in a container does that is given 1,024; the test's own sockets are among them. */
@Timeout(60)
class FilesTest {
    /** Less than 512 have 64 in reserve, of which agents may take half. */
    private static final int RESERVE = 64;
    /** Each visitor takes four here: its own, the server's, the agent's and the target's. */
    private static final int ROOM = 60;

    @TempDir
    Path directory;

    @Test
    void theLastAreNotVisitors() throws IOException {
        assumeThat(Transport.best()).isEqualTo(Transport.EPOLL);
        int most = open() + ROOM + RESERVE;
        assumeThat(most).isLessThan(512);
        try (World world = new World(
                directory,
                World.settings(Liveness.DEFAULT, Duration.ofSeconds(10), Transport.EPOLL)
                        .with(new Descriptors(most)))) {
            int port = world.tunnel(1, world.echo());
            world.agent(1);
            List<Socket> visitors = new ArrayList<>();
            while (served(world, port, visitors)) {
                assertThat(visitors).as("visitors").hasSizeLessThan(ROOM);
            }
            assertThat(visitors).isNotEmpty();
            assertThat(open()).as("left for others").isLessThan(most - RESERVE / 4);
            assertThat(world.status(1).counts().refused()).isPositive();

            int other = world.tunnel(2, world.echo());
            world.agent(2);
            assertThat(world.sessions(2)).isEqualTo(1);

            for (Socket visitor : visitors) {
                visitor.close();
            }
            await().until(() -> served(world, other, visitors));
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
