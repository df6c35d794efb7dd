package io.culvert.control;

import static io.culvert.control.World.MINUTE;
import static io.culvert.control.World.TESTER;
import static io.culvert.control.World.get;
import static io.culvert.control.World.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.culvert.gateway.Admission;
import io.culvert.gateway.EndReason;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RestartTest {
    @TempDir
    Path data;

    @Test
    void everyTunnelIsBackOnItsPortsWithAFreshLease() {
        World before = new World(data);
        CreatedTunnel leased = before.create(MINUTE, 0, 0);
        before.create(Duration.ofSeconds(-1), 0);
        List<Tunnel> tunnels = before.service.list(World.TESTER);
        Duration down = MINUTE.multipliedBy(60);
        try (World after = before.next()) {
            after.clock.move(down);
            assertThat(after.plane.door)
                    .as("nobody is let in before all are back")
                    .isNull();
            after.service.start();
            Instant restart = HandClock.START.plus(down);
            for (Tunnel old : tunnels) {
                Tunnel back = after.service.find(World.TESTER, old.id()).orElseThrow();
                assertThat(back)
                        .usingRecursiveComparison()
                        .ignoringFields("lease", "status", "transitions")
                        .isEqualTo(old);
                assertThat(back.lease()).isEqualTo(new Lease(old.lease().ttl(), restart));
                assertThat(back.exposes())
                        .allSatisfy(expose ->
                                assertThat(after.plane.listens(expose.port())).isTrue());
            }
            assertThat(get(Objects.requireNonNull(after.plane.door).admit(1, SocketDataPlane.secretOf(leased.join()))))
                    .isEqualTo(new Admission.Admitted(1));
            after.pass(MINUTE.minusNanos(1));
            assertThat(after.service.list(World.TESTER)).hasSize(2);
            after.pass(Duration.ofNanos(1));
            assertThat(after.service.list(World.TESTER)).extracting(Tunnel::id).containsExactly(2L);
        }
    }

    @Test
    void whatEndedStaysGoneAndNoNumberComesBack() {
        World first = new World(data);
        first.create(MINUTE, 0);
        first.create(MINUTE.multipliedBy(2), 0);
        first.create(MINUTE, 0);
        get(first.service.remove(TESTER, 3));
        first.pass(MINUTE);
        World second = first.next();
        second.service.start();
        assertThat(second.service.list(World.TESTER)).extracting(Tunnel::id).containsExactly(2L);
        get(second.service.remove(TESTER, 2));
        try (World third = second.next()) {
            third.service.start();
            assertThat(third.service.list(World.TESTER)).isEmpty();
            assertThat(third.create(MINUTE, 0).tunnel().id()).isEqualTo(4);
        }
    }

    @Test
    void heartbeatTimesAreWrittenBeforeTheEnd() {
        World before = new World(data);
        before.create(MINUTE, 0);
        before.pass(Duration.ofSeconds(20));
        get(before.service.heartbeat(TESTER, 1));
        try (World after = before.next()) {
            assertThat(after.store.load())
                    .extracting(StoredTunnel::lastHeartbeat)
                    .containsExactly(HandClock.START.plusSeconds(20));
        }
    }

    @Test
    void aTunnelWhosePortIsTakenIsKeptAndTriedAgain() throws IOException {
        World before = new World(data);
        CreatedTunnel created = before.create(MINUTE, 0);
        int port = created.tunnel().exposes().get(0).port();
        World after = before.next();
        try (after) {
            byte[] secret = SocketDataPlane.secretOf(created.join());
            try (ServerSocket stranger = new ServerSocket(port, 1, after.plane.address)) {
                assertThat(stranger.isBound()).isTrue();
                after.service.start();
                assertThat(after.service.list(World.TESTER))
                        .extracting(Tunnel::id)
                        .containsExactly(1L);
                assertThat(after.traffic(1)).isEqualTo(Traffic.NONE);
                assertThat(get(Objects.requireNonNull(after.plane.door).admit(1, secret)))
                        .isEqualTo(new Admission.Refused(true, "the tunnel waits for its port, which is taken"));
                after.pass(Duration.ofSeconds(5));
                // The plane does one thing behind the other: when this is done, the second try has met the stranger.
                get(after.plane.close(Long.MAX_VALUE, EndReason.REMOVED));
                get(after.service.heartbeat(TESTER, 1));
            }
            // Free now, and still the tunnel's own.
            assertThat(after.refused(after.service.create(TESTER, request(MINUTE, port))))
                    .isInstanceOf(PortTakenException.class)
                    .hasMessage("expose: " + port + " is held by tunnel 1");
            assertThat(after.plane.listens(port)).isFalse();
            await().until(() -> {
                after.pass(Duration.ofSeconds(5));
                get(after.service.heartbeat(TESTER, 1));
                return !after.traffic(1).equals(Traffic.NONE);
            });
            assertThat(after.plane.listens(port)).isTrue();
            assertThat(get(Objects.requireNonNull(after.plane.door).admit(1, secret)))
                    .isEqualTo(new Admission.Admitted(1));
        }
    }

    @Test
    void aTunnelThatWaitsForItsPortCanEnd() throws IOException {
        World before = new World(data);
        int removed = before.create(MINUTE, 0).tunnel().exposes().get(0).port();
        int expired = before.create(MINUTE, 0).tunnel().exposes().get(0).port();
        try (World after = before.next()) {
            try (ServerSocket one = new ServerSocket(removed, 1, after.plane.address);
                    ServerSocket two = new ServerSocket(expired, 1, after.plane.address)) {
                assertThat(one.isBound() && two.isBound()).isTrue();
                after.service.start();
                get(after.service.remove(TESTER, 1));
                after.pass(MINUTE);
                assertThat(after.service.list(World.TESTER)).isEmpty();
                // A write that is on its way would see a minute pass.
                await().untilAsserted(() -> assertThat(after.storedIds()).isEmpty());
            }
            after.pass(MINUTE);
            after.nudge();
            assertThat(after.plane.openTunnels()).isZero();
            after.create(MINUTE, removed, expired);
        }
    }
}
