package io.culvert.app.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.culvert.client.CulvertClient;
import io.culvert.client.Tunnels;
import io.culvert.client.seed.SeedClient;
import io.culvert.client.seed.Tunnel;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** {@code culvert expose}, from the address that it prints to the tunnel that is gone after Ctrl-C. */
class ExposeIT {
    private static final Duration TTL = Duration.ofSeconds(3);

    @RegisterExtension
    final World world = new World();

    @Test
    void servesPastItsLeaseAndARestartUntilCtrlC() throws Exception {
        RunningServer server = world.lastingServer();
        EchoService service = world.closing(EchoService.start());
        Program expose = expose(server, service.port());

        String address = expose.awaitLine(line -> line.endsWith(" leads to 127.0.0.1:" + service.port()))
                .replaceAll(" .*", "");
        assertThat(address).startsWith("127.0.0.1:");
        int port = Integer.parseInt(address.replaceAll(".*:", ""));
        Visitor.awaitServed(port);

        try (Visitor visitor = Visitor.of(port)) {
            visitor.says("hello");
            Tunnel atFirst = only(server.client());
            assertThat(atFirst.ttl()).isEqualTo(TTL);
            await("older than its lease")
                    .pollDelay(TTL)
                    .atMost(TTL.multipliedBy(2))
                    .untilAsserted(() -> assertThat(only(server.client()).lastHeartbeat())
                            .isAfter(atFirst.lastHeartbeat().plus(TTL)));
            visitor.says("still there");
        }

        long id = only(server.client()).id();
        server.program().terminate();
        server.program().exit(Duration.ofSeconds(10));
        RunningServer again = world.again(server);
        Visitor.awaitServed(port);
        assertThat(only(again.client()).id()).isEqualTo(id);

        // Renewals go on, too: the restored lease would be over by then.
        Tunnel restored = only(again.client());
        await("renewed after the restart")
                .atMost(TTL.multipliedBy(3))
                .untilAsserted(() -> assertThat(only(again.client()).lastHeartbeat())
                        .isAfter(restored.lastHeartbeat().plus(TTL)));

        expose.interrupt();
        assertThat(expose.exit(Duration.ofSeconds(10))).isEqualTo(130);
        assertThat(again.client().list()).isEmpty();
        assertThat(expose.err()).contains("tunnel " + id + " is removed").doesNotContain("Exception");
        assertThat(expose.out().lines()).hasSize(1);
    }

    @Test
    void endsWhenSomebodyRemovesItsTunnel() throws Exception {
        RunningServer server = world.server();
        EchoService service = world.closing(EchoService.start());
        // As if the API were reached by ssh -L: visitors go to the host that agents go to.
        Program expose =
                expose(server, service.port(), "--bridge=" + server.bridge().replace("127.0.0.1", "localhost"));
        expose.awaitLine(line -> line.startsWith("localhost:") && line.contains(" leads to "));
        server.client().remove(only(server.client()).id());
        assertThat(expose.exit(Duration.ofSeconds(10))).isEqualTo(3);
        assertThat(expose.err()).contains("the tunnel has ended: the tunnel was removed");
    }

    @Test
    void tellsWhatOthersDoToItsTunnel() throws Exception {
        RunningServer server = world.server();
        EchoService service = world.closing(EchoService.start());
        Program expose = expose(server, service.port());
        String leads = " leads to 127.0.0.1:" + service.port();
        String before = expose.awaitLine(line -> line.endsWith(leads));

        Tunnels tunnels = CulvertClient.to(URI.create(server.url()))
                .key(server.key())
                .build()
                .tunnels();
        long id = only(server.client()).id();
        int port = tunnels.movePort(id, 0, 0).exposes().get(0).port();
        assertThat(before).isNotEqualTo("127.0.0.1:" + port + leads);
        expose.awaitLine(("127.0.0.1:" + port + leads)::equals);

        tunnels.pause(id);
        expose.awaitLine("the tunnel is paused: paused by admin-key"::equals);
        tunnels.resume(id);
        expose.awaitLine("the tunnel is up again"::equals);
        assertThat(expose.err().lines()).containsOnlyOnce("the tunnel is paused: paused by admin-key");
    }

    @Test
    void aTunnelWhoseOwnerWasKilledEndsByItself() throws Exception {
        RunningServer server = world.server();
        EchoService service = world.closing(EchoService.start());
        Program expose = expose(server, service.port());
        expose.awaitLine(line -> line.contains(" leads to "));
        expose.kill();
        assertThat(server.client().list()).hasSize(1);
        await("the lease ends")
                .atMost(TTL.plusSeconds(1))
                .until(() -> server.client().list().isEmpty());
    }

    private Program expose(RunningServer server, int target, String... more) {
        List<String> words = new ArrayList<>(List.of(
                "expose",
                String.valueOf(target),
                "--ttl",
                "3s",
                "--server=" + server.url(),
                "--key-file=" + server.data().resolve("admin.key")));
        words.addAll(List.of(more));
        return world.culvert("expose", Map.of(), words.toArray(String[]::new));
    }

    private static Tunnel only(SeedClient client) throws Exception {
        List<Tunnel> all = client.list();
        assertThat(all).hasSize(1);
        return all.get(0);
    }
}
