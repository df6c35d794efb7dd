package io.culvert.control;

import static io.culvert.control.World.MINUTE;
import static io.culvert.control.World.TESTER;
import static io.culvert.control.World.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pools, quarantine, reservations and moves, on real sockets. */
class PortBookTest {
    private static final Caller OTHER = Caller.trusted("other");
    private static final int FROM = 21_000;

    @TempDir
    Path data;

    private World world;

    @BeforeEach
    void open() {
        world = new World(data, new HandClock(), SocketDataPlane.freshAddress(), resting(MINUTE));
        world.service.start();
    }

    private static ControlSettings resting(Duration quarantine) {
        return ControlSettings.defaults()
                .withPorts(
                        List.of(new PortPool("default", FROM, FROM + 3), new PortPool("web", FROM + 10, FROM + 11)),
                        quarantine);
    }

    @AfterEach
    void close() {
        world.close();
    }

    @Test
    void freePortsComeFromThePoolAndStrangersAreSteppedOver() throws IOException {
        try (ServerSocket stranger = new ServerSocket(FROM + 1, 1, world.plane.address)) {
            assertThat(stranger.isBound()).isTrue();
            assertThat(port(create(TESTER, "", 0, "default"))).isEqualTo(FROM);
            assertThat(port(create(TESTER, "", 0, "default"))).isEqualTo(FROM + 2);
            assertThat(port(create(TESTER, "", 0, "web"))).isEqualTo(FROM + 10);
            assertThat(port(create(TESTER, "", 0, "default"))).isEqualTo(FROM + 3);
            assertThat(world.refused(world.service.create(TESTER, request("", 0, "default"))))
                    .isInstanceOf(PortTakenException.class)
                    .hasMessage("expose: no port of pool default (21000-21003) is free");
            assertThat(world.refused(world.service.create(TESTER, request("", 0, "none"))))
                    .isInstanceOf(InvalidRequestException.class)
                    .hasMessage("exposes.0.pool: 'none' (expected: one of default, web)");
        }
        assertThat(world.plane.openTunnels()).isEqualTo(4);
        assertThat(port(create(TESTER, "", 0, "default"))).isEqualTo(FROM + 1);
        assertThat(get(world.service.pools(World.TESTER)))
                .containsExactly(
                        new Pool("default", FROM, FROM + 3, 4, 0, 0), new Pool("web", FROM + 10, FROM + 11, 1, 0, 0));
    }

    @Test
    void noOtherPortTakesThePlaceOfOneThatIsReserved() throws IOException {
        get(world.service.reserve(TESTER, Optional.empty(), Protocol.TCP, FROM + 2, Optional.empty(), "lab"));
        try (ServerSocket stranger = new ServerSocket(FROM + 2, 1, world.plane.address)) {
            assertThat(stranger.isBound()).isTrue();
            assertThat(world.refused(world.service.create(TESTER, request("lab", 0, "default"))))
                    .isInstanceOf(PortTakenException.class)
                    .hasMessageStartingWith("expose: 21002 cannot be bound: ")
                    .hasMessageEndingWith("; it is reserved for 'lab', so no other takes its place");
        }
        assertThat(world.plane.openTunnels()).isZero();
        assertThat(port(create(TESTER, "lab", 0, "default"))).isEqualTo(FROM + 2);
    }

    @Test
    void aPortRestsAfterItsTunnelAndItsOwnerHasItBack() {
        create(TESTER, "lab", FROM, "default");
        assertThat(world.refused(world.service.create(OTHER, request("", FROM, "default"))))
                .hasMessage("expose: 21000 is held by tunnel 1 (lab)");
        get(world.service.remove(TESTER, 1));
        assertThat(world.refused(world.service.create(OTHER, request("", FROM, "default"))))
                .isInstanceOf(PortTakenException.class)
                .hasMessage("expose: 21000 rests until 05:07:07Z after tunnel 1");
        assertThat(get(world.service.ports(World.TESTER)))
                .containsExactly(new PortHolding(
                        FROM,
                        Protocol.TCP,
                        PortHolding.Use.QUARANTINE,
                        Projects.DEFAULT,
                        OptionalLong.of(1),
                        Optional.empty(),
                        Optional.of(HandClock.START.plus(MINUTE))));
        assertThat(port(create(TESTER, "lab", 0, "default")))
                .as("the same name has it back without asking for it")
                .isEqualTo(FROM);
        get(world.service.remove(TESTER, 2));
        assertThat(port(create(TESTER, "", FROM, "default")))
                .as("the same owner has it back by its number")
                .isEqualTo(FROM);
        get(world.service.remove(TESTER, 3));
        world = world.next();
        world.service.start();
        assertThat(world.refused(world.service.create(OTHER, request("", FROM, "default"))))
                .as("also after a restart")
                .hasMessageContaining("rests until");
        world.pass(MINUTE);
        assertThat(port(create(OTHER, "", FROM, "default"))).isEqualTo(FROM);
    }

    @Test
    void aPickedPortRestsUnlessNothingElseIsLeft() {
        create(TESTER, "", FROM, "default");
        get(world.service.remove(TESTER, 1));
        for (int i = 1; i <= 3; i++) {
            assertThat(port(create(OTHER, "", 0, "default"))).isEqualTo(FROM + i);
        }
        assertThat(port(create(OTHER, "", 0, "default"))).isEqualTo(FROM);
    }

    @Test
    void ofPortsThatRestTheOneWhoseRestEndsNextIsPicked() {
        for (int i = 0; i < 4; i++) {
            create(TESTER, "", FROM + i, "default");
        }
        for (int id : new int[] {3, 1, 4, 2}) {
            get(world.service.remove(TESTER, id));
            world.pass(Duration.ofSeconds(1));
        }
        assertThat(port(create(OTHER, "", 0, "default"))).isEqualTo(FROM + 2);
        assertThat(port(create(OTHER, "", 0, "default"))).isEqualTo(FROM);
        get(world.service.remove(OTHER, 5));
        world.pass(Duration.ofSeconds(1));
        world = world.next();
        world.service.start();
        assertThat(port(create(OTHER, "", 0, "default")))
                .as("the same order after a restart")
                .isEqualTo(FROM + 3);
        assertThat(port(create(OTHER, "", 0, "default"))).isEqualTo(FROM + 1);
        assertThat(port(create(OTHER, "", 0, "default")))
                .as("its rest began anew")
                .isEqualTo(FROM + 2);
        assertThat(world.refused(world.service.create(OTHER, request("", 0, "default"))))
                .hasMessage("expose: no port of pool default (21000-21003) is free");
    }

    @Test
    void aNumberRestsForEachProtocolByItself() {
        get(world.service.create(TESTER, request("", expose(Protocol.TCP, FROM), expose(Protocol.UDP, FROM))));
        get(world.service.remove(TESTER, 1));
        assertThat(get(world.service.pools(World.TESTER))).contains(new Pool("default", FROM, FROM + 3, 0, 0, 2));
        for (int i = 1; i <= 3; i++) {
            create(OTHER, "", FROM + i, "default");
        }
        assertThat(get(world.service.create(OTHER, request("", expose(Protocol.UDP, 0))))
                        .tunnel()
                        .exposes()
                        .get(0)
                        .port())
                .as("what TCP holds is free for UDP")
                .isEqualTo(FROM + 1);
        world.pass(MINUTE);
        assertThat(get(world.service.pools(World.TESTER))).contains(new Pool("default", FROM, FROM + 3, 4, 0, 0));
        assertThat(port(create(OTHER, "", 0, "default"))).isEqualTo(FROM);
    }

    @Test
    void aRestFromBeforeARestartMayBeLongerThanThoseOfToday() {
        create(TESTER, "", FROM, "default");
        create(TESTER, "", FROM + 3, "default");
        world.close();
        world = new World(data, world.clock, world.plane.address, resting(Duration.ofHours(1)));
        world.service.start();
        get(world.service.remove(TESTER, 1));
        world.close();
        world = new World(data, world.clock, world.plane.address, resting(MINUTE));
        world.service.start();
        get(world.service.remove(TESTER, 2));
        create(TESTER, "", FROM + 1, "default");
        create(TESTER, "", FROM + 2, "default");
        world.pass(MINUTE);
        assertThat(get(world.service.pools(World.TESTER))).contains(new Pool("default", FROM, FROM + 3, 2, 0, 1));
        assertThat(port(create(OTHER, "", 0, "default"))).isEqualTo(FROM + 3);
    }

    @Test
    void aReservedPortIsForItsName() {
        PortHolding reserved =
                get(world.service.reserve(TESTER, Optional.empty(), Protocol.TCP, FROM, Optional.empty(), "lab"));
        assertThat(reserved.use()).isEqualTo(PortHolding.Use.RESERVED);
        assertThat(get(world.service.reserve(TESTER, Optional.empty(), Protocol.TCP, FROM, Optional.empty(), "lab")))
                .isEqualTo(reserved);
        assertThat(world.refused(
                        world.service.reserve(TESTER, Optional.empty(), Protocol.TCP, FROM, Optional.empty(), "other")))
                .isInstanceOf(ConflictException.class)
                .hasMessage("port: 21000 is reserved for 'lab'");
        world = world.next();
        world.service.start();
        assertThat(port(create(OTHER, "", 0, "default"))).isEqualTo(FROM + 1);
        assertThat(world.refused(world.service.create(OTHER, request("", FROM, "default"))))
                .hasMessage("expose: 21000 is reserved for 'lab'");
        assertThat(port(create(OTHER, "lab", 0, "default"))).isEqualTo(FROM);
        assertThat(get(world.service.ports(World.TESTER)))
                .filteredOn(one -> one.port() == FROM)
                .extracting(PortHolding::reservation)
                .containsExactly(Optional.of("lab"));
        assertThat(get(world.service.release(TESTER, Protocol.TCP, FROM))).isTrue();
        assertThat(get(world.service.release(TESTER, Protocol.TCP, FROM))).isFalse();
        assertThat(world.store.loadPorts().reserved()).isEmpty();
        int free = get(world.service.reserve(TESTER, Optional.empty(), Protocol.UDP, 0, Optional.of("web"), "dns"))
                .port();
        assertThat(free).isEqualTo(FROM + 10);
    }

    /** Its name could have it at once, and with it the last tunnel's visitors. */
    @Test
    void aPortThatRestsIsReservedOnlyByWhomItWouldBeGivenTo() {
        create(TESTER, "lab", FROM, "default");
        get(world.service.remove(TESTER, 1));
        assertThat(world.refused(reserve(OTHER, FROM, "mine")))
                .isInstanceOf(ConflictException.class)
                .hasMessage("port: 21000 rests until 05:07:07Z after tunnel 1");
        assertThat(world.store.loadPorts().reserved()).isEmpty();
        assertThat(get(reserve(OTHER, FROM, "lab")).reservation()).contains("lab");
        get(world.service.release(TESTER, Protocol.TCP, FROM));
        create(TESTER, "", FROM, "default");
        get(world.service.remove(TESTER, 2));
        assertThat(get(reserve(TESTER, FROM, "any")).reservation()).contains("any");
    }

    private CompletionStage<PortHolding> reserve(Caller caller, int port, String name) {
        return world.service.reserve(caller, Optional.empty(), Protocol.TCP, port, Optional.empty(), name);
    }

    @Test
    void aQuarantineCanBeEnded() {
        create(TESTER, "", FROM, "default");
        get(world.service.remove(TESTER, 1));
        assertThat(get(world.service.release(TESTER, Protocol.TCP, FROM))).isTrue();
        assertThat(port(create(OTHER, "", FROM, "default"))).isEqualTo(FROM);
    }

    @Test
    void aMovedExposeKeepsItsTunnelAndLeavesItsOldPortToRest() throws IOException {
        create(TESTER, "lab", FROM, "default");
        try (ServerSocket stranger = new ServerSocket(FROM + 1, 1, world.plane.address)) {
            assertThat(world.refused(world.service.movePort(TESTER, 1, 0, FROM + 1)))
                    .isInstanceOf(PortTakenException.class)
                    .hasMessageStartingWith("port: 21001 cannot be bound");
            assertThat(stranger.isBound()).isTrue();
            Tunnel moved = get(world.service.movePort(TESTER, 1, 0, 0));
            assertThat(moved.exposes().get(0).port()).isEqualTo(FROM + 2);
            assertThat(moved.version()).isEqualTo(2);
        }
        assertThat(world.plane.listens(FROM + 2)).isTrue();
        assertThat(world.plane.listens(FROM)).isFalse();
        assertThat(world.refused(world.service.create(OTHER, request("", FROM, "default"))))
                .hasMessageContaining("rests until");
        assertThat(port(create(OTHER, "", FROM + 1, "default"))).isEqualTo(FROM + 1);
        assertThat(world.refused(world.service.movePort(TESTER, 1, 1, 0))).hasMessage("expose: '1' (expected: 0 to 0)");
        world = world.next();
        world.service.start();
        assertThat(world.plane.listens(FROM + 2)).isTrue();
        get(world.service.movePort(TESTER, 1, 0, FROM));
    }

    @Test
    void aMoveThatCannotBeStoredGoesBack() {
        create(TESTER, "", FROM, "default");
        world.store.close();
        assertThat(world.refused(world.service.movePort(TESTER, 1, 0, FROM + 3)))
                .isInstanceOf(StoreUnavailableException.class);
        assertThat(world.plane.listens(FROM)).isTrue();
        assertThat(world.plane.listens(FROM + 3)).isFalse();
        assertThat(world.service
                        .find(World.TESTER, 1)
                        .orElseThrow()
                        .exposes()
                        .get(0)
                        .port())
                .isEqualTo(FROM);
    }

    @Test
    void aMoveThatIsAnsweredTooLateIsTakenBack() {
        create(TESTER, "", FROM, "default");
        CompletableFuture<Void> gate = new CompletableFuture<>();
        world.plane.moveGate = gate;
        CompletionStage<Tunnel> moved = world.service.movePort(TESTER, 1, 0, FROM + 1);
        await().until(() -> gate.getNumberOfDependents() > 0);
        world.clock.move(ControlSettings.defaults().openTimeout());
        get(world.service.heartbeat(TESTER, 1));
        assertThat(world.refused(moved)).isInstanceOf(StoreUnavailableException.class);
        CompletionStage<CreatedTunnel> taken = world.service.create(OTHER, request("", FROM + 1, "default"));
        CompletionStage<Tunnel> again = world.service.movePort(TESTER, 1, 0, FROM + 2);
        try {
            assertThat(world.refused(taken)).hasMessage("expose: 21001 is held by tunnel 1");
            assertThat(world.refused(again))
                    .as("where it listens is not known")
                    .isInstanceOf(StoreUnavailableException.class);
        } finally {
            gate.complete(null);
        }
        await().untilAsserted(() ->
                assertThat(port(create(OTHER, "", FROM + 1, "default"))).isEqualTo(FROM + 1));
        assertThat(world.plane.listens(FROM)).isTrue();
        assertThat(port(get(world.service.movePort(TESTER, 1, 0, FROM + 2)))).isEqualTo(FROM + 2);
    }

    /** The data plane knows only ports that are bound. */
    @Test
    void aMoveToWhereTheSystemPicksTakesNothingThatIsKeptForOthers() throws IOException {
        world.close();
        world = new World(
                data,
                world.clock,
                world.plane.address,
                ControlSettings.defaults().withPorts(List.of(PortPool.SYSTEM), MINUTE));
        world.service.start();
        int kept;
        try (ServerSocket free = new ServerSocket(0, 1, world.plane.address)) {
            kept = free.getLocalPort();
        }
        get(reserve(OTHER, kept, "lab"));
        get(world.service.create(TESTER, World.request(MINUTE, 0)));
        world.plane.picks.add(kept);
        int moved = port(get(world.service.movePort(TESTER, 1, 0, 0)));
        assertThat(moved).isNotEqualTo(kept);
        assertThat(world.plane.listens(moved)).isTrue();
        assertThat(world.plane.listens(kept)).isFalse();
        world.plane.picks.addAll(Collections.nCopies(8, kept));
        assertThat(world.refused(world.service.movePort(TESTER, 1, 0, 0)))
                .isInstanceOf(PortTakenException.class)
                .hasMessageEndingWith("such as " + kept + "; try again");
        assertThat(world.plane.listens(moved)).isTrue();
        assertThat(world.plane.listens(kept)).isFalse();
    }

    private Tunnel create(Caller caller, String name, int port, String pool) {
        return get(world.service.create(caller, request(name, port, pool))).tunnel();
    }

    private static int port(Tunnel tunnel) {
        return tunnel.exposes().get(0).port();
    }

    private static Expose expose(Protocol protocol, int port) {
        return new Expose(protocol, "127.0.0.1", 22, port, Optional.of("default"), Optional.empty());
    }

    private static CreateTunnel request(String name, int port, String pool) {
        return request(name, new Expose(Protocol.TCP, "127.0.0.1", 22, port, Optional.of(pool), Optional.empty()));
    }

    private static CreateTunnel request(String name, Expose... exposes) {
        return new CreateTunnel(
                name.isEmpty() ? Optional.empty() : Optional.of(name),
                Map.of(),
                List.of(exposes),
                Optional.empty(),
                "",
                LeaseTerms.of(Duration.ofHours(1)),
                Policies.NONE);
    }
}
