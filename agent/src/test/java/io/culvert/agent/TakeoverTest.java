package io.culvert.agent;

import static io.culvert.agent.World.assertEcho;
import static io.culvert.agent.World.assertReset;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.culvert.link.net.Liveness;
import io.culvert.link.net.Transport;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who serves a tunnel when more than one agent, or more than one connection of an agent, could. */
@Timeout(60)
class TakeoverTest {
    /** The server gives a ghost 20 s: whatever happens sooner in these tests was not its doing. */
    private static final Liveness PATIENT_SERVER = new Liveness(Duration.ofMillis(300), Duration.ofSeconds(20));

    private final List<String> heard = new CopyOnWriteArrayList<>();
    private final List<String> heardByNewer = new CopyOnWriteArrayList<>();

    @TempDir
    Path directory;

    private World world;
    private Wire wire;
    private int port;

    @BeforeEach
    void open() throws IOException {
        world = new World(directory, PATIENT_SERVER, Duration.ofSeconds(10), Transport.best());
        wire = new Wire(world.gateway.bridgePort());
        world.keep(wire::close);
        port = world.tunnel(1, world.echo());
    }

    @AfterEach
    void close() throws IOException {
        world.close();
    }

    @Test
    void aNewerAgentTakesOverFromAGhostAtOnce() throws Exception {
        world.agent(1, world.hasty(1, wire.port()), heard);
        Socket early = world.visit(port);
        assertEcho(early);
        wire.freeze();

        long began = System.nanoTime();
        world.agent(1, world.hasty(1), heardByNewer);
        Socket late = world.visit(port);
        assertEcho(late);

        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(5));
        assertReset(early);
        assertThat(world.sessions(1)).isEqualTo(1);
        assertThat(world.log).contains("down 1 0: a newer session took its place");
    }

    @Test
    void theOldOnesLateBytesAndGoodbyeHarmNobody() throws Exception {
        Agent old = world.agent(1, world.hasty(1, wire.port()), heard);
        Socket early = world.visit(port);
        assertEcho(early);
        wire.freeze();
        world.agent(1, world.hasty(1), heardByNewer);
        Socket late = world.visit(port);
        assertEcho(late);
        int events = world.log.size();

        wire.thaw();
        await().untilAsserted(() -> assertThat(heard).contains("disconnected 0: another agent serves the tunnel"));
        old.close();

        assertEcho(late);
        assertEcho(world.visit(port));
        assertThat(world.log).hasSize(events);
        assertThat(heardByNewer).hasSize(1);
    }

    @Test
    void anAgentThatOnlyLostItsPathStandsByWhenAnotherServes() throws Exception {
        world.agent(1, world.hasty(1, wire.port()), heard);
        wire.freeze();
        world.agent(1, world.hasty(1), heardByNewer);
        Socket visitor = world.visit(port);
        assertEcho(visitor);

        // It never hears that it was replaced, only that its connection is gone.
        wire.lines().forEach(Wire.Line::cut);
        wire.thaw();

        await().untilAsserted(() -> assertThat(heard).contains("disconnected 0: another agent serves the tunnel"));
        assertEcho(visitor);
        assertThat(heardByNewer).hasSize(1);
    }

    @Test
    void aReplacedAgentStandsByAndTakesOverWhenTheNewerLeaves() throws Exception {
        world.agent(1, world.hasty(1), heard);
        Agent newer = world.agent(1, world.hasty(1), heardByNewer);
        await().untilAsserted(() -> assertThat(heard)
                .contains(
                        "disconnected 0: another agent took the tunnel over; standing by",
                        "disconnected 0: another agent serves the tunnel"));
        assertThat(world.sessions(1)).isEqualTo(1);

        newer.close();

        await().until(() ->
                heard.stream().filter(line -> line.startsWith("connected")).count() == 2);
        await().until(() -> world.sessions(1) == 1);
        assertEcho(world.visit(port));
        assertThat(heardByNewer.get(heardByNewer.size() - 1)).startsWith("ended CLOSED");
    }

    @Test
    void sessionsOfOneAgentShareTheVisitors() throws Exception {
        world.agent(1, world.hasty(1, wire.port()).withSessions(3), heard);
        await().until(() -> world.sessions(1) == 3);
        List<Socket> visitors = visitors(9);

        wire.lines().get(0).cut();

        assertThat(cut(visitors)).hasSize(3);
        await().until(() -> world.sessions(1) == 3);
        assertThat(visitors(9)).hasSize(9);
    }

    @Test
    void aSessionThatComesBackReplacesOnlyItsOwnPlace() throws Exception {
        world.agent(1, world.hasty(1, wire.port()).withSessions(3), heard);
        await().until(() -> world.sessions(1) == 3);
        List<Socket> visitors = visitors(9);

        wire.lines().get(1).freeze(true);

        // The agent notices first; the server, still patient, sees the place taken by the newer one.
        await().untilAsserted(() -> assertThat(world.log).contains("down 1 2: a newer session took its place"));
        await().until(() -> world.sessions(1) == 3);
        assertThat(cut(visitors)).hasSize(3);
        for (Socket visitor : visitors) {
            assertEcho(visitor);
        }
        assertThat(world.log.stream().filter(line -> line.startsWith("down"))).hasSize(1);
    }

    private List<Socket> visitors(int count) throws IOException {
        List<Socket> visitors = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Socket visitor = world.visit(port);
            assertEcho(visitor);
            visitors.add(visitor);
        }
        return visitors;
    }

    /** Takes the visitors that were cut out of the list. */
    private List<Socket> cut(List<Socket> visitors) {
        await().until(() -> world.gateway.status(1).orElseThrow().visitors() < visitors.size());
        List<Socket> cut = new ArrayList<>();
        for (Socket visitor : visitors) {
            try {
                assertEcho(visitor);
            } catch (SocketException e) {
                cut.add(visitor);
            } catch (IOException e) {
                throw new AssertionError("neither served nor reset", e);
            }
        }
        visitors.removeAll(cut);
        return cut;
    }
}
