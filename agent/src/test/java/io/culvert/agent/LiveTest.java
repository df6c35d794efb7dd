package io.culvert.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.culvert.gateway.Admission;
import io.culvert.gateway.Counts;
import io.culvert.gateway.EndReason;
import io.culvert.gateway.ExposeSpec;
import io.culvert.gateway.LiveConnection;
import io.culvert.gateway.LiveSession;
import io.culvert.gateway.OpenTunnel;
import io.culvert.gateway.Policies;
import io.culvert.gateway.PortRange;
import io.culvert.gateway.PortUnavailableException;
import io.culvert.gateway.Protocol;
import io.culvert.gateway.Target;
import io.culvert.gateway.TunnelSpec;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What can be seen of an open tunnel, and done to it, while visitors are there. */
@Timeout(60)
class LiveTest {
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

    // ---- counts
    // ------------------------------------------------------------------------------------------------------------

    @Test
    void countsAreExactAndGoOnFromWhatWasCountedBefore() throws Exception {
        ServerSocket target = world.target();
        int port = world.tunnel(1, target.getLocalPort(), Policies.NONE, new Counts(1000, 2000, 3, 4, 5));
        world.agent(1);
        // Ends properly, one direction before the other.
        Socket first = world.visit(port);
        first.getOutputStream().write(new byte[300_000]);
        first.shutdownOutput();
        Socket inner = target.accept();
        world.keep(inner::close);
        assertThat(inner.getInputStream().readAllBytes()).hasSize(300_000);
        inner.getOutputStream().write(new byte[70_001]);
        inner.close();
        assertThat(first.getInputStream().readAllBytes()).hasSize(70_001);
        // Is reset by the visitor.
        Socket second = world.visit(port);
        second.getOutputStream().write(new byte[17]);
        Socket other = target.accept();
        world.keep(other::close);
        assertThat(other.getInputStream().readNBytes(17)).hasSize(17);
        second.setSoLinger(true, 0);
        second.close();
        await().untilAsserted(() -> assertThat(world.status(1).visitors()).isZero());
        assertThat(world.status(1).counts()).isEqualTo(new Counts(301_017, 72_001, 5, 4, 5));
    }

    @Test
    void whoFindsNoAgentIsCountedAsRefused() throws Exception {
        int port = world.tunnel(1, 9);
        world.assertTurnedAway(port);
        world.assertTurnedAway(port);
        assertThat(world.status(1).counts()).isEqualTo(new Counts(0, 0, 0, 2, 0));
    }

    // ---- connections and sessions
    // ------------------------------------------------------------------------------------------

    @Test
    void connectionsShowWhoIsThereAndOneCanBeCut() throws Exception {
        int port = world.tunnel(1, world.echo());
        world.agent(1);
        Socket stays = world.visit(port);
        World.assertEcho(stays);
        Socket goes = world.visit(port);
        World.assertEcho(goes);
        World.assertEcho(goes);
        List<LiveConnection> there = World.got(world.gateway.connections(1));
        assertThat(there).hasSize(2);
        LiveConnection second = there.get(1);
        assertThat(second.visitor()).isEqualTo("127.0.0.1:" + goes.getLocalPort());
        assertThat(second.protocol()).isEqualTo(Protocol.TCP);
        assertThat(second.expose()).isZero();
        assertThat(second.bytesIn()).isEqualTo(2);
        assertThat(second.bytesOut()).isEqualTo(2);
        assertThat(second.age()).isBetween(second.quiet(), Duration.ofSeconds(30));
        assertThat(second.id()).isNotEqualTo(there.get(0).id());
        assertThat(second.session())
                .isEqualTo(World.got(world.gateway.sessions(1)).get(0).id());

        assertThat(World.got(world.gateway.cut(1, second.id()))).isTrue();
        World.assertReset(goes);
        World.assertEcho(stays);
        await().until(() -> World.got(world.gateway.connections(1)).size() == 1);
        assertThat(World.got(world.gateway.cut(1, second.id()))).isFalse();
        assertThat(World.got(world.gateway.connections(99))).isEmpty();
    }

    @Test
    void aSessionThatIsKickedComesBack() throws Exception {
        int port = world.tunnel(1, world.echo());
        List<String> heard = new CopyOnWriteArrayList<>();
        world.agent(1, world.hasty(1), heard);
        Socket visitor = world.visit(port);
        World.assertEcho(visitor);
        await().until(() ->
                World.got(world.gateway.sessions(1)).get(0).roundTrip().isPresent());
        LiveSession session = World.got(world.gateway.sessions(1)).get(0);
        assertThat(session.kind()).isEqualTo(LiveSession.Kind.OWN);
        assertThat(session.agent()).startsWith("culvert-agent/");
        assertThat(session.address()).matches("127\\.0\\.0\\.1:[0-9]+");
        assertThat(session.streams()).isEqualTo(1);

        assertThat(World.got(world.gateway.kick(1, session.id()))).isTrue();
        World.assertReset(visitor);
        await().until(() -> {
            List<LiveSession> now = World.got(world.gateway.sessions(1));
            return now.size() == 1
                    && now.get(0).id() != session.id()
                    && now.get(0).epoch() > session.epoch();
        });
        World.assertEcho(world.visit(port));
        assertThat(World.got(world.gateway.kick(1, session.id()))).isFalse();
    }

    @Test
    void whoseTokenIsRevokedIsCutAndJudgedAnewAtTheDoor() throws Exception {
        int port = world.tunnel(1, world.echo());
        world.agent(1, world.hasty(1), new CopyOnWriteArrayList<>());
        Socket visitor = world.visit(port);
        World.assertEcho(visitor);
        int asked = world.asked.get();
        world.gateway.revoke(1, Set.of("another"));
        World.assertEcho(visitor);
        world.gateway.revoke(1, Set.of(Admission.OWN_TOKEN));
        World.assertReset(visitor);
        await().until(() -> world.asked.get() > asked && world.sessions(1) == 1);
    }

    @Test
    void anotherAgentsComingIsReportedAsAReplacement() throws Exception {
        int port = world.tunnel(1, world.echo());
        Agent first = world.agent(1, world.hasty(1), new CopyOnWriteArrayList<>());
        assertThat(world.log).doesNotContain("replaced 1");
        world.agent(1, world.hasty(1), new CopyOnWriteArrayList<>());
        await().untilAsserted(() -> assertThat(world.log).containsSubsequence("up 1 1", "replaced 1", "up 1 1"));
        World.assertEcho(world.visit(port));
        // The first one would be back in the second one's place.
        first.close();
        // The same agent's return is none.
        World.got(world.gateway.kick(
                1, World.got(world.gateway.sessions(1)).get(0).id()));
        await().untilAsserted(
                        () -> assertThat(world.log).filteredOn("up 1 1"::equals).hasSize(3));
        assertThat(world.log).containsOnlyOnce("replaced 1");
    }

    // ---- pause
    // -------------------------------------------------------------------------------------------------------------

    @Test
    void aPauseLetsNobodyInAndEndsWhenTheLastHasLeft() throws Exception {
        int port = world.tunnel(1, world.echo());
        world.agent(1);
        Socket stays = world.visit(port);
        World.assertEcho(stays);
        CompletableFuture<Void> empty = world.gateway.pause(1, false).toCompletableFuture();
        // A question behind the order, on the same loop: a visitor who came before the order would be let in, and stay.
        assertThat(World.got(world.gateway.connections(1))).hasSize(1);
        world.assertTurnedAway(port);
        World.assertEcho(stays);
        assertThat(empty).isNotDone();
        assertThat(world.status(1).counts().refused()).isPositive();
        stays.close();
        World.got(empty);

        World.got(world.gateway.resume(1));
        Socket cut = world.visit(port);
        World.assertEcho(cut);
        World.got(world.gateway.pause(1, true));
        World.assertReset(cut);
        assertThat(world.status(1).visitors()).isZero();
    }

    @Test
    void aPauseThatIsEndedIsOver() throws Exception {
        int port = world.tunnel(1, world.echo());
        world.agent(1);
        Socket stays = world.visit(port);
        World.assertEcho(stays);
        CompletableFuture<Void> resumed = world.gateway.pause(1, false).toCompletableFuture();
        World.got(world.gateway.resume(1));
        World.got(resumed);
        World.assertEcho(world.visit(port));
        CompletableFuture<Void> ended = world.gateway.pause(1, false).toCompletableFuture();
        World.got(world.gateway.close(1, EndReason.REMOVED));
        World.got(ended);
        World.got(world.gateway.pause(1, true));
    }

    @Test
    void aTunnelMayOpenPaused() throws Exception {
        int port = World.got(world.gateway.open(new TunnelSpec(
                        1,
                        List.of(new ExposeSpec(0, new Target("127.0.0.1", world.echo()))),
                        Optional.empty(),
                        Policies.NONE,
                        Counts.ZERO,
                        true)))
                .ports()
                .get(0);
        world.agent(1);
        world.assertTurnedAway(port);
        World.got(world.gateway.resume(1));
        World.assertEcho(world.visit(port));
    }

    // ---- moves, hosts, ranges
    // ----------------------------------------------------------------------------------------------

    @Test
    void anExposeMovesAndItsVisitorsStay() throws Exception {
        int port = world.tunnel(1, world.echo());
        world.agent(1);
        Socket stays = world.visit(port);
        World.assertEcho(stays);
        int moved = World.got(world.gateway.move(1, 0, 0));
        assertThat(moved).isNotEqualTo(port);
        World.assertEcho(stays);
        World.assertEcho(world.visit(moved));
        assertThatThrownBy(() -> world.visit(port)).isInstanceOf(ConnectException.class);
        assertThat(World.got(world.gateway.move(1, 0, moved))).isEqualTo(moved);
        assertThat(World.got(world.gateway.move(1, 0, port))).isEqualTo(port);
        World.assertEcho(world.visit(port));

        World.got(world.gateway.close(1, EndReason.REMOVED));
        World.assertReset(stays);
        assertThatThrownBy(() -> world.visit(port)).isInstanceOf(ConnectException.class);
    }

    @Test
    void anExposeThatCannotBeMovedStaysWhereItIs() throws Exception {
        int port = world.tunnel(1, world.echo());
        world.agent(1);
        int taken = world.target().getLocalPort();
        assertThatThrownBy(() ->
                        world.gateway.move(1, 0, taken).toCompletableFuture().get())
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOf(PortUnavailableException.class)
                .hasMessageStartingWith("expose: " + taken + " cannot be bound");
        assertThatThrownBy(
                        () -> world.gateway.move(1, 1, 0).toCompletableFuture().get())
                .cause()
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expose: 1 (expected: 0 to 0)");
        assertThatThrownBy(
                        () -> world.gateway.move(7, 0, 0).toCompletableFuture().get())
                .cause()
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("tunnel 7: not open");
        World.assertEcho(world.visit(port));
    }

    @Test
    void anExposeMayHaveAnAddressAndARangeOfItsOwn() throws Exception {
        Target echo = new Target("127.0.0.1", world.echo());
        PortRange range = new PortRange(23_450, 23_459);
        ExposeSpec expose = new ExposeSpec(Protocol.TCP, 0, echo, Optional.of("127.0.0.2"), Optional.of(range));
        OpenTunnel tunnel = World.got(world.gateway.open(new TunnelSpec(1, List.of(expose, expose))));
        assertThat(tunnel.ports()).doesNotHaveDuplicates().allMatch(port -> port >= 23_450 && port <= 23_459);
        world.agent(1);
        try (Socket visitor = new Socket()) {
            visitor.connect(new InetSocketAddress(
                    InetAddress.getByName("127.0.0.2"), tunnel.ports().get(0)));
            visitor.setSoTimeout(10_000);
            World.assertEcho(visitor);
        }
        int port = tunnel.ports().get(0);
        assertThatThrownBy(() -> world.visit(port)).isInstanceOf(ConnectException.class);

        ExposeSpec named = new ExposeSpec(Protocol.TCP, 0, echo, Optional.of("localhost"), Optional.empty());
        assertThatThrownBy(() -> World.got(world.gateway.open(new TunnelSpec(2, List.of(named)))))
                .hasMessageContaining("expose host: 'localhost' (expected: a numeric address)");
    }

    @Test
    void aHundredVisitorsComeAndGoAndNothingIsLeft() throws Exception {
        int port = world.tunnel(1, world.echo());
        world.agent(1);
        for (int i = 0; i < 100; i++) {
            try (Socket visitor = world.visit(port)) {
                World.assertEcho(visitor);
                visitor.shutdownOutput();
                InputStream in = visitor.getInputStream();
                assertThat(in.read()).isEqualTo(-1);
            }
        }
        await().untilAsserted(() -> assertThat(world.status(1).visitors()).isZero());
        assertThat(World.got(world.gateway.sessions(1)).get(0).streams()).isZero();
        assertThat(world.status(1).counts()).isEqualTo(new Counts(100, 100, 100, 0, 0));
    }
}
