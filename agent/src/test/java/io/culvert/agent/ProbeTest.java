package io.culvert.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.culvert.gateway.ExposeSpec;
import io.culvert.gateway.ProbeStep;
import io.culvert.gateway.ProbeStep.Outcome;
import io.culvert.gateway.ProbeStep.Place;
import io.culvert.gateway.Protocol;
import io.culvert.gateway.Target;
import io.culvert.gateway.TunnelSpec;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NoRouteToHostException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Why is it down? What a probe says of each step. */
@Timeout(60)
class ProbeTest {
    @TempDir
    Path directory;

    private World world;

    @BeforeEach
    void open() throws IOException {
        world = new World(directory);
    }

    @AfterEach
    void close() throws IOException {
        world.close();
    }

    private List<ProbeStep> probe(int expose) {
        List<ProbeStep> steps = World.got(world.gateway.probe(1, expose));
        assertThat(steps).extracting(ProbeStep::place).containsExactly(Place.LISTENER, Place.SESSION, Place.TARGET);
        return steps;
    }

    private static void assertOutcomes(List<ProbeStep> steps, Outcome... outcomes) {
        assertThat(steps).extracting(ProbeStep::outcome).containsExactly(outcomes);
    }

    private static int nobodysPort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @Test
    void allIsWellAndTheTargetSeesOneConnectionThatEnds() throws Exception {
        ServerSocket target = world.target();
        world.tunnel(1, target.getLocalPort());
        world.agent(1);
        List<ProbeStep> steps = probe(0);
        assertOutcomes(steps, Outcome.OK, Outcome.OK, Outcome.OK);
        assertThat(steps.get(0).text()).isEqualTo("ok");
        assertThat(steps.get(1).text()).matches("own agent culvert-agent/\\S+ at 127\\.0\\.0\\.1:[0-9]+");
        assertThat(steps.get(2).text()).isEqualTo("ok");
        assertThat(steps.get(2).took()).isBetween(Duration.ofNanos(1), Duration.ofSeconds(5));
        try (Socket inner = target.accept()) {
            inner.setSoTimeout(10_000);
            assertThat(inner.getInputStream().read()).isEqualTo(-1);
        }
        // Nobody was counted, and nothing is left.
        assertThat(world.status(1).counts().connections()).isZero();
        assertThat(world.status(1).visitors()).isZero();
        assertThat(World.got(world.gateway.sessions(1)).get(0).streams()).isZero();
    }

    @Test
    void aTargetThatRefusesAndOneThatTheAgentDoesNotAllow() throws Exception {
        int refused = nobodysPort();
        world.tunnel(1, new Target("127.0.0.1", refused), new Target("127.0.0.1", 1));
        world.agent(1, world.settings(1).allowing(World.only("127.0.0.1:" + refused)), new CopyOnWriteArrayList<>());
        List<ProbeStep> steps = probe(0);
        assertOutcomes(steps, Outcome.OK, Outcome.OK, Outcome.FAILED);
        assertThat(steps.get(2).text()).isEqualTo("refused 127.0.0.1:" + refused);
        assertThat(probe(1).get(2).text()).startsWith("not allowed 127.0.0.1:1");
    }

    /** Its first label is longer than a name's may be, so no name server is needed to say so. */
    @Test
    void aTargetWhoseNameHasNoAddress() {
        String name = "x".repeat(64) + ".example";
        world.tunnel(1, new Target(name, 80));
        world.agent(1);
        ProbeStep step = probe(0).get(2);
        assertThat(step.outcome()).isEqualTo(Outcome.FAILED);
        assertThat(step.text()).isEqualTo("no such host " + name);
    }

    /** Without a name server: what the resolver says when it has one. */
    @Test
    void failuresOfADialAreSaidInFewWords() {
        Address target = new Address("db.internal", 5432);
        assertThat(TargetProbe.text(
                        target,
                        new CompletionException(
                                new IOException("no address for 'db.internal'", new UnknownHostException()))))
                .isEqualTo("no such host db.internal");
        assertThat(TargetProbe.text(target, new IOException("cannot be reached", new NoRouteToHostException("x"))))
                .isEqualTo("no route to db.internal:5432");
        assertThat(TargetProbe.text(target, new IOException("something else")))
                .isEqualTo("failed db.internal:5432: something else");
    }

    @Test
    void aTargetThatDoesNotAnswerTheDialTimesOut() throws Exception {
        // A full backlog: further connections hear nothing.
        ServerSocket deaf = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        world.keep(deaf::close);
        for (int i = 0; i < 4; i++) {
            Socket filler = new Socket();
            world.keep(filler::close);
            try {
                filler.connect(deaf.getLocalSocketAddress(), 200);
            } catch (IOException full) {
                break;
            }
        }
        world.tunnel(1, deaf.getLocalPort());
        world.agent(1, world.hasty(1), new CopyOnWriteArrayList<>());
        ProbeStep step = probe(0).get(2);
        assertThat(step.outcome()).isEqualTo(Outcome.FAILED);
        assertThat(step.text()).isEqualTo("timed out 127.0.0.1:" + deaf.getLocalPort());
        assertThat(step.took()).isBetween(Duration.ofMillis(900), Duration.ofSeconds(5));
    }

    @Test
    void withoutAnAgentTheWalkEndsAtTheSession() {
        world.tunnel(1, 9);
        List<ProbeStep> steps = probe(0);
        assertOutcomes(steps, Outcome.OK, Outcome.FAILED, Outcome.SKIPPED);
        assertThat(steps.get(1).text()).isEqualTo("no agent is connected");
    }

    @Test
    void aPauseASpentVolumeAndATunnelThatIsNotOpenAreSaid() throws Exception {
        world.tunnel(1, world.echo());
        world.agent(1);
        World.got(world.gateway.pause(1, false));
        List<ProbeStep> steps = probe(0);
        assertOutcomes(steps, Outcome.FAILED, Outcome.SKIPPED, Outcome.SKIPPED);
        assertThat(steps.get(0).text()).startsWith("paused");
        World.got(world.gateway.resume(1));
        assertOutcomes(probe(0), Outcome.OK, Outcome.OK, Outcome.OK);
        assertThatThrownBy(() -> world.gateway.probe(1, 1).toCompletableFuture().get())
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expose: 1 (expected: 0 to 0)");
        List<ProbeStep> closed = World.got(world.gateway.probe(99, 0));
        assertOutcomes(closed, Outcome.FAILED, Outcome.SKIPPED, Outcome.SKIPPED);
    }

    @Test
    void ofDatagramsTheAgentSaysWhetherItWouldSendThem() throws Exception {
        World.got(world.gateway.open(new TunnelSpec(
                1,
                List.of(
                        new ExposeSpec(Protocol.UDP, 0, new Target("127.0.0.1", 9)),
                        new ExposeSpec(Protocol.UDP, 0, new Target("127.0.0.1", 10))))));
        world.agent(1, world.settings(1).allowing(World.only("127.0.0.1:9")), new CopyOnWriteArrayList<>());
        assertOutcomes(probe(0), Outcome.OK, Outcome.OK, Outcome.OK);
        ProbeStep other = probe(1).get(2);
        assertThat(other.outcome()).isEqualTo(Outcome.FAILED);
        assertThat(other.text()).startsWith("not allowed 127.0.0.1:10");
    }

    /** An agent of before probes takes one for a visitor: it must be given nothing that it could misread. */
    @Test
    void ofAnOldAgentItCanOnlyBeSeenWhetherItBreaksOff() throws Exception {
        world.tunnel(1, 9);
        try (RawAgent old = new RawAgent(world.gateway.bridgePort())) {
            old.send(RawAgent.hello(1, World.SECRET)).welcomed();
            await().until(() -> world.sessions(1) == 1);
            var quiet = world.gateway.probe(1, 0).toCompletableFuture();
            RawAgent.Frame head = old.await(RawAgent.DATA, 0);
            // u16 rest | u16+"127.0.0.1:9" | u16+"probe", and no flag behind it.
            assertThat(head.length()).isEqualTo(2 + 2 + 11 + 2 + 5);
            List<ProbeStep> steps = World.got(quiet);
            assertOutcomes(steps, Outcome.OK, Outcome.OK, Outcome.UNKNOWN);
            assertThat(steps.get(2).text()).contains("does not say");
            old.await(RawAgent.WINDOW_UPDATE, RawAgent.RST);

            var reset = world.gateway.probe(1, 0).toCompletableFuture();
            int id = old.await(RawAgent.DATA, 0).id();
            old.send(RawAgent.frame(RawAgent.WINDOW_UPDATE, RawAgent.RST, id, 0));
            assertOutcomes(World.got(reset), Outcome.OK, Outcome.OK, Outcome.FAILED);
        }
    }
}
