package io.culvert.control;

import static io.culvert.control.World.MINUTE;
import static io.culvert.control.World.TESTER;
import static io.culvert.control.World.get;
import static io.culvert.control.World.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.culvert.gateway.Admission;
import io.culvert.gateway.AgentDoor;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TunnelServiceTest {
    @TempDir
    Path data;

    private World world;

    @BeforeEach
    void open() {
        world = new World(data);
    }

    @AfterEach
    void close() {
        world.close();
    }

    @Test
    void aCreatedTunnelIsThereWithItsPortsBound() {
        CreatedTunnel created = world.create(MINUTE, 0, 0);
        Tunnel tunnel = created.tunnel();
        assertThat(tunnel.id()).isEqualTo(1);
        assertThat(tunnel.comment()).isEqualTo("a comment");
        assertThat(tunnel.bridgePort()).isEqualTo(7_000);
        assertThat(tunnel.createdAt()).isEqualTo(HandClock.START);
        assertThat(tunnel.lease()).isEqualTo(new Lease(MINUTE, HandClock.START));
        assertThat(tunnel.exposes()).hasSize(2).allSatisfy(expose -> {
            assertThat(expose.targetHost()).isEqualTo("127.0.0.1");
            assertThat(expose.targetPort()).isEqualTo(22);
            assertThat(world.plane.listens(expose.port())).isTrue();
        });
        assertThat(world.service.list(World.TESTER)).containsExactly(tunnel);
        assertThat(world.service.find(World.TESTER, 1)).contains(tunnel);
        assertThat(world.service.find(World.TESTER, 2)).isEmpty();
        assertThat(world.traffic(1)).isEqualTo(new Traffic(1, 2, 3, 4, 0, 0, 5));
        assertThat(world.traffic(2)).isEqualTo(Traffic.NONE);
        assertThat(world.service.now()).isEqualTo(HandClock.START);
        assertThat(created.toString()).doesNotContain(created.join());
    }

    @Test
    void theListIsOrderedByNumberAndStandsStill() {
        List<Tunnel> before = world.service.list(World.TESTER);
        for (int i = 0; i < 12; i++) {
            world.create(MINUTE, 0);
        }
        assertThat(before).isEmpty();
        assertThat(world.service.list(World.TESTER))
                .extracting(Tunnel::id)
                .containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L, 11L, 12L);
    }

    @Test
    void aRemovedTunnelIsGoneAndItsPortFree() {
        int port = world.create(MINUTE, 0).tunnel().exposes().get(0).port();
        get(world.service.remove(TESTER, 1));
        assertThat(world.plane.listens(port)).isFalse();
        assertThat(world.plane.ended).containsExactly("1 REMOVED");
        assertThat(world.service.list(World.TESTER)).isEmpty();
        assertThat(world.refused(world.service.remove(TESTER, 1)))
                .isInstanceOf(NoSuchTunnelException.class)
                .hasMessage("id: 1 (expected: the number of a living tunnel)");
        assertThat(world.refused(world.service.heartbeat(TESTER, 1))).isInstanceOf(NoSuchTunnelException.class);
        assertThat(world.create(MINUTE, port).tunnel().id()).isEqualTo(2);
        world.pass(MINUTE);
        assertThat(world.service.list(World.TESTER)).isEmpty();
    }

    @Test
    void aPortOfAnotherTunnelIsNamedSo() {
        int port = world.create(MINUTE, 0).tunnel().exposes().get(0).port();
        assertThat(world.refused(world.service.create(TESTER, request(MINUTE, port))))
                .isInstanceOf(PortTakenException.class)
                .hasMessage("expose: " + port + " is held by tunnel 1");
        assertThat(world.refused(world.service.create(TESTER, request(MINUTE, 0, port))))
                .isInstanceOf(PortTakenException.class)
                .hasMessage("exposes: " + port + " is held by tunnel 1");
        assertThat(world.service.list(World.TESTER)).hasSize(1);
        assertThat(world.plane.openTunnels()).isOne();
    }

    @Test
    void allPortsOrNone() throws IOException {
        try (ServerSocket stranger = new ServerSocket(0, 1, world.plane.address)) {
            assertThat(world.refused(world.service.create(TESTER, request(MINUTE, 0, stranger.getLocalPort()))))
                    .isInstanceOf(PortTakenException.class)
                    .hasMessageStartingWith("exposes: " + stranger.getLocalPort() + " cannot be bound");
        }
        assertThat(world.plane.openTunnels()).isZero();
        assertThat(world.service.list(World.TESTER)).isEmpty();
        assertThat(world.store.load()).isEmpty();
    }

    @Test
    void aDryRunRefusesWhatACreateRefusesAndHoldsNothing() throws IOException {
        int port;
        try (ServerSocket stranger = new ServerSocket(0, 1, world.plane.address)) {
            port = stranger.getLocalPort();
            Throwable refusal = world.refused(world.service.create(TESTER, request(MINUTE, port)));
            assertThat(world.refused(world.service.check(TESTER, request(MINUTE, port))))
                    .isInstanceOf(PortTakenException.class)
                    .hasMessage(refusal.getMessage());
            assertThat(world.refused(world.service.check(TESTER, request(MINUTE, 0, 0, port))))
                    .isInstanceOf(PortTakenException.class);
        }
        for (int i = 0; i < 3; i++) {
            assertThat(get(world.service.check(TESTER, request(MINUTE, port, 0))))
                    .isEqualTo("default");
            assertThat(world.plane.openTunnels()).isZero();
        }
        // Whoever wants the port has it at once: it does not even rest.
        new ServerSocket(port, 1, world.plane.address).close();
        assertThat(get(world.service.ports(TESTER))).isEmpty();
        assertThat(world.store.load()).isEmpty();
        assertThat(world.service.list(World.TESTER)).isEmpty();
        long id = world.create(MINUTE, port).tunnel().id();
        assertThat(world.refused(world.service.check(TESTER, request(MINUTE, port))))
                .isInstanceOf(PortTakenException.class)
                .hasMessage("expose: " + port + " is held by tunnel " + id);
    }

    @Test
    void aFaultyRequestChangesNothing() {
        assertThat(world.refused(world.service.create(TESTER, request(MINUTE, 70_000))))
                .isInstanceOf(InvalidRequestException.class)
                .hasMessage("exposes.0.port: '70000' (expected: 0 to 65535)");
        assertThat(world.plane.openTunnels()).isZero();
        assertThat(world.create(MINUTE, 0).tunnel().id()).isEqualTo(1);
    }

    @Test
    void thereIsABoundOnLivingTunnels(@TempDir Path other) {
        try (World small = new World(
                other,
                new HandClock(),
                SocketDataPlane.freshAddress(),
                ControlSettings.defaults().withMaxTunnels(2))) {
            small.service.start();
            small.create(MINUTE, 0);
            small.create(MINUTE, 0);
            assertThat(small.refused(small.service.create(TESTER, request(MINUTE, 0))))
                    .isInstanceOf(QuotaException.class)
                    .hasMessage("server: 3 living tunnels (expected: at most 2)");
            small.pass(MINUTE);
            small.create(MINUTE, 0);
        }
    }

    @Test
    void nothingIsTakenBeforeTheStartNorAfterTheEnd(@TempDir Path other) {
        World early = new World(other, new HandClock(), SocketDataPlane.freshAddress(), ControlSettings.defaults());
        try (early) {
            assertThat(early.refused(early.service.create(TESTER, request(MINUTE, 0))))
                    .isInstanceOf(StoreUnavailableException.class)
                    .hasMessageContaining("starting");
            early.service.start();
            assertThatThrownBy(early.service::start).isInstanceOf(IllegalStateException.class);
            assertThat(early.service.ended().toCompletableFuture()).isNotDone();
        }
        assertThat(early.refused(early.service.create(TESTER, request(MINUTE, 0))))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessageContaining("stopping");
        get(early.service.ended());
        early.service.close();
    }

    @Test
    void moreThanMayWaitIsRefused(@TempDir Path other) {
        ControlSettings defaults = ControlSettings.defaults();
        ControlSettings narrow = new ControlSettings(
                100, 3, defaults.openRetry(), defaults.openTimeout(), defaults.storeTimeout(), defaults.writeBehind());
        try (World busy = new World(other, new HandClock(), SocketDataPlane.freshAddress(), narrow)) {
            busy.service.start();
            busy.plane.gate = new CompletableFuture<>();
            List<CompletionStage<CreatedTunnel>> creates = new ArrayList<>();
            // One that is being made, three that wait, and one too many. The first leaves the queue when it likes.
            creates.add(busy.service.create(TESTER, request(MINUTE, 0)));
            await().until(() -> busy.plane.gate.getNumberOfDependents() == 1);
            for (int i = 0; i < 3; i++) {
                creates.add(busy.service.create(TESTER, request(MINUTE, 0)));
            }
            assertThat(busy.refused(busy.service.create(TESTER, request(MINUTE, 0))))
                    .isInstanceOf(StoreUnavailableException.class)
                    .hasMessage("the server is busy: 3 requests are waiting already; nothing was changed, try again");
            busy.plane.gate.complete(null);
            creates.forEach(World::get);
            assertThat(busy.service.list(World.TESTER)).hasSize(4);
        }
    }

    @Test
    void aDataPlaneThatDoesNotAnswerDelaysNoLeaseAndLeavesNothingBehind() {
        world.create(Duration.ofSeconds(5), 0);
        CreatedTunnel renewed = world.create(Duration.ofSeconds(5), 0);
        CompletableFuture<Void> gate = new CompletableFuture<>();
        world.plane.gate = gate;
        CompletionStage<CreatedTunnel> stuck = world.service.create(TESTER, request(MINUTE, 0));
        await().until(() -> gate.getNumberOfDependents() == 1);

        world.clock.move(Duration.ofSeconds(3));
        get(world.service.heartbeat(TESTER, 2));
        world.clock.move(Duration.ofSeconds(2));
        assertThat(world.refused(world.service.heartbeat(TESTER, 99))).isInstanceOf(NoSuchTunnelException.class);
        assertThat(admit(world, 2, SocketDataPlane.secretOf(renewed.join()))).isEqualTo(new Admission.Admitted(2));
        await().untilAsserted(() -> assertThat(world.plane.ended).containsExactly("1 EXPIRED"));
        assertThat(world.service.list(World.TESTER)).extracting(Tunnel::id).containsExactly(2L);

        get(world.service.heartbeat(TESTER, 2));
        world.clock.move(Duration.ofSeconds(4));
        get(world.service.heartbeat(TESTER, 2));
        world.clock.move(Duration.ofSeconds(1));
        get(world.service.heartbeat(TESTER, 2));
        assertThat(world.refused(stuck))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessageContaining("data plane does not answer");
        gate.complete(null);
        await().until(() -> world.plane.ended.contains("3 REMOVED"));
        assertThat(world.plane.openTunnels()).isOne();
        assertThat(world.storedIds()).contains(2L).doesNotContain(3L);
    }

    @Test
    void onlyTheTokenOfALivingTunnelOpensItsDoor() {
        byte[] first = SocketDataPlane.secretOf(world.create(MINUTE, 0).join());
        byte[] second = SocketDataPlane.secretOf(world.create(MINUTE, 0).join());
        assertThat(first).hasSize(32).isNotEqualTo(second);
        Admission refused = new Admission.Refused(false, "no living tunnel takes this token");
        assertThat(admit(world, 1, first)).isEqualTo(new Admission.Admitted(1));
        assertThat(admit(world, 2, first)).isEqualTo(refused);
        assertThat(admit(world, 3, first)).isEqualTo(refused);
        assertThat(admit(world, 1, new byte[32])).isEqualTo(refused);
        assertThat(admit(world, 1, new byte[] {1})).isEqualTo(refused);
        get(world.service.remove(TESTER, 1));
        assertThat(admit(world, 1, first)).isEqualTo(refused);
        world.service.close();
        assertThat(admit(world, 2, second))
                .isEqualTo(new Admission.Refused(true, "the server cannot answer at the moment; try again"));
    }

    @Test
    void importingTheSameAgainChangesNothing() throws IOException {
        int held = world.create(MINUTE, 0).tunnel().exposes().get(0).port();
        int free;
        try (ServerSocket finder = new ServerSocket(0, 1, world.plane.address)) {
            free = finder.getLocalPort();
        }
        List<CreateTunnel> wanted = List.of(
                request(Duration.ofSeconds(-1), free),
                request(MINUTE, held),
                new CreateTunnel(List.of(new Expose("127.0.0.1", 23, held)), "another target", MINUTE),
                request(MINUTE, 99_999),
                request(Duration.ofSeconds(-1), 0),
                request(Duration.ofSeconds(-1), 0));
        ImportResult first = get(world.service.importTunnels(TESTER, wanted));
        assertThat(first.created()).isEqualTo(3);
        assertThat(first.present()).isEqualTo(1);
        assertThat(first.failed())
                .containsExactly(
                        "entry 3 of 6: expose: " + held + " is held by tunnel 1",
                        "entry 4 of 6: exposes.0.port: '99999' (expected: 0 to 65535)");
        List<Tunnel> after = world.service.list(World.TESTER);
        ImportResult again = get(world.service.importTunnels(TESTER, wanted));
        assertThat(again).isEqualTo(new ImportResult(0, 4, first.failed()));
        assertThat(world.service.list(World.TESTER)).isEqualTo(after);
    }

    private static Admission admit(World world, long id, byte[] secret) {
        AgentDoor door = Objects.requireNonNull(world.plane.door);
        return get(door.admit(id, secret));
    }
}
