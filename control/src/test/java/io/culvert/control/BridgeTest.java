package io.culvert.control;

import static io.culvert.control.World.MINUTE;
import static io.culvert.control.World.TESTER;
import static io.culvert.control.World.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.gateway.BridgeSpec;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bridge ports of tunnels' own, and exposes of both protocols. */
class BridgeTest {
    @TempDir
    Path data;

    private static CreateTunnel request(int expose, Bridge bridge) {
        return new CreateTunnel(
                List.of(new Expose("127.0.0.1", 22, expose)), Optional.of(bridge), "with a bridge", MINUTE);
    }

    private static Tunnel create(World world, CreateTunnel request) {
        return get(world.service.create(TESTER, request)).tunnel();
    }

    @Test
    void theRealPortIsAnsweredStoredAndBackAfterARestart() {
        World before = new World(data);
        Tunnel created = create(before, request(0, new Bridge(0, false, true)));
        int port = created.bridgePort();
        assertThat(created.bridge()).contains(new Bridge(port, false, true));
        assertThat(port).isBetween(1, 65_535).isNotEqualTo(7_000);
        assertThat(before.plane.listens(port)).isTrue();
        try (World after = before.next()) {
            assertThat(after.plane.listens(port)).isFalse();
            after.service.start();
            Tunnel back = after.service.find(World.TESTER, created.id()).orElseThrow();
            assertThat(back.bridge()).isEqualTo(created.bridge());
            assertThat(back.bridgePort()).isEqualTo(port);
            assertThat(after.plane.listens(port)).isTrue();
            assertThat(Objects.requireNonNull(after.plane.specs.get(created.id()))
                            .bridge())
                    .contains(new BridgeSpec(port, false, true));
            get(after.service.heartbeat(TESTER, created.id()));
            assertThat(after.service
                            .find(World.TESTER, created.id())
                            .orElseThrow()
                            .bridge())
                    .isEqualTo(created.bridge());
            get(after.service.remove(TESTER, created.id()));
            assertThat(after.plane.listens(port)).isFalse();
            assertThat(create(after, request(0, new Bridge(port, true, false))).bridgePort())
                    .isEqualTo(port);
        }
    }

    @Test
    void aTunnelWithoutOneShowsTheServers() {
        try (World world = new World(data)) {
            Tunnel tunnel = world.create(MINUTE, 0).tunnel();
            assertThat(tunnel.bridge()).isEmpty();
            assertThat(tunnel.bridgePort()).isEqualTo(7_000);
        }
    }

    @Test
    void aBridgeThatIsNotToBeHadIsCalledSo() throws IOException {
        try (World world = new World(data);
                ServerSocket stranger = new ServerSocket(0, 1, world.plane.address)) {
            Tunnel first = create(world, request(0, Bridge.ANY));
            int expose = first.exposes().get(0).port();
            assertThat(world.refused(world.service.create(
                            TESTER, request(0, first.bridge().orElseThrow()))))
                    .isInstanceOf(PortTakenException.class)
                    .hasMessage("bridge: " + first.bridgePort() + " is held by tunnel 1");
            assertThat(world.refused(world.service.create(TESTER, request(0, new Bridge(expose, true, false)))))
                    .hasMessage("bridge: " + expose + " is held by tunnel 1");
            assertThat(world.refused(world.service.create(TESTER, request(first.bridgePort(), Bridge.ANY))))
                    .hasMessage("expose: " + first.bridgePort() + " is held by tunnel 1");
            int taken = stranger.getLocalPort();
            assertThat(world.refused(world.service.create(TESTER, request(0, new Bridge(taken, true, false)))))
                    .isInstanceOf(PortTakenException.class)
                    .hasMessageStartingWith("bridge: " + taken + " cannot be bound");
            assertThat(world.refused(world.service.create(TESTER, request(30_001, new Bridge(30_001, true, false)))))
                    .isInstanceOf(InvalidRequestException.class)
                    .hasMessage("bridge.port: '30001' (expected: another port than the exposes)");
            assertThat(world.refused(world.service.create(TESTER, request(0, new Bridge(65_536, true, false)))))
                    .hasMessage("bridge.port: '65536' (expected: 0 to 65535)");
            assertThat(world.plane.openTunnels()).isOne();
            assertThat(world.service.list(World.TESTER)).containsExactly(first);
        }
    }

    @Test
    void tcpAndUdpCountTheirPortsApart() {
        World before = new World(data);
        int port = before.create(MINUTE, 0).tunnel().exposes().get(0).port();
        Expose udp = new Expose(Protocol.UDP, "127.0.0.1", 53, port);
        Tunnel created = create(before, new CreateTunnel(List.of(udp), "dns", MINUTE));
        assertThat(created.exposes()).containsExactly(udp);
        assertThat(before.refused(before.service.create(TESTER, new CreateTunnel(List.of(udp), "again", MINUTE))))
                .hasMessage("expose: " + port + " is held by tunnel 2");
        try (World after = before.next()) {
            after.service.start();
            assertThat(after.service.find(World.TESTER, 2).orElseThrow().exposes())
                    .containsExactly(udp);
            assertThat(after.plane.openTunnels()).isEqualTo(2);
        }
    }

    @Test
    void importKnowsATunnelByItsBridge() {
        try (World world = new World(data)) {
            Tunnel present = create(world, request(0, Bridge.ANY));
            int expose = present.exposes().get(0).port();
            ImportResult result = get(world.service.importTunnels(
                    TESTER,
                    List.of(
                            request(expose, new Bridge(present.bridgePort(), true, false)),
                            request(0, new Bridge(present.bridgePort(), true, false)))));
            assertThat(result.present()).isOne();
            assertThat(result.failed())
                    .containsExactly("entry 2 of 2: bridge: " + present.bridgePort() + " is held by tunnel 1");
            CreateTunnel udp = new CreateTunnel(
                    List.of(new Expose(Protocol.UDP, "127.0.0.1", 22, expose)), Optional.empty(), "", MINUTE);
            assertThat(get(world.service.importTunnels(TESTER, List.of(udp))).created())
                    .as("another protocol is another tunnel")
                    .isOne();
        }
    }
}
