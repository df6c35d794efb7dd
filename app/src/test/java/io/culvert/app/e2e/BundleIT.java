package io.culvert.app.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.client.seed.Bundle;
import io.culvert.client.seed.CreatedTunnel;
import io.culvert.client.seed.Expose;
import io.culvert.client.seed.NewTunnel;
import io.culvert.client.seed.Protocol;
import io.culvert.client.seed.Tunnel;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the API gives to stock clients, tried with OpenSSL's own TLS; and datagrams through the real programs. */
class BundleIT {
    @RegisterExtension
    final World world = new World();

    @Test
    void aBundleOpensItsTunnelsPortAndSurvivesARestart() throws Exception {
        RunningServer server = world.lastingServer();
        CreatedTunnel created = server.client().create(NewTunnel.to(22, Duration.ZERO));
        Tunnel tunnel = created.tunnel();
        assertThat(tunnel.bridgePort()).isNotEqualTo(tunnel.agentPort());
        Bundle bundle = server.client().bundle(tunnel.id());
        assertThat(handshake(tunnel.bridgePort(), bundle)).contains("Verify return code: 0 (ok)");
        assertThat(handshake(tunnel.agentPort(), bundle)).contains("Verify return code: 0 (ok)");
        server.program().kill();
        RunningServer again = world.again(server);
        assertThat(again.client().query(tunnel.id()).bridgePort()).isEqualTo(tunnel.bridgePort());
        assertThat(again.client().bundle(tunnel.id())).isEqualTo(bundle);
        assertThat(handshake(tunnel.bridgePort(), bundle)).contains("Verify return code: 0 (ok)");
        assertThat(again.client().reissueBundle(tunnel.id())).isNotEqualTo(bundle);
        Program cert = world.culvert("cert", Map.of(), "cert", "--data=" + server.data());
        assertThat(cert.exit(Duration.ofSeconds(20))).isZero();
        assertThat(cert.out())
                .contains("pin: " + created.join().replaceAll(".*\\.", ""))
                .contains("BEGIN CERTIFICATE")
                .doesNotContain("PRIVATE KEY");
    }

    @Test
    void datagramsGoThereAndBack() throws Exception {
        RunningServer server = world.server();
        try (DatagramSocket service = new DatagramSocket(0, InetAddress.getLoopbackAddress());
                DatagramSocket visitor = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            Program expose = world.culvert(
                    "expose",
                    Map.of(),
                    "expose",
                    String.valueOf(service.getLocalPort()),
                    "--udp",
                    "--server=" + server.url(),
                    "--key-file=" + server.data().resolve("admin.key"));
            String line = expose.awaitLine(each -> each.contains(" leads to "));
            assertThat(line).startsWith("udp://127.0.0.1:");
            Tunnel tunnel = server.client().list().get(0);
            assertThat(tunnel.exposes()).extracting(Expose::protocol).containsExactly(Protocol.UDP);
            byte[] sent = "a datagram".getBytes(StandardCharsets.UTF_8);
            visitor.send(new DatagramPacket(
                    sent,
                    sent.length,
                    InetAddress.getLoopbackAddress(),
                    tunnel.exposes().get(0).port()));
            DatagramPacket asked = receive(service);
            assertThat(text(asked)).isEqualTo("a datagram");
            service.send(new DatagramPacket(sent, 1, asked.getSocketAddress()));
            assertThat(text(receive(visitor))).isEqualTo("a");
        }
    }

    private static DatagramPacket receive(DatagramSocket socket) throws IOException {
        socket.setSoTimeout(10_000);
        DatagramPacket packet = new DatagramPacket(new byte[2_000], 2_000);
        socket.receive(packet);
        return packet;
    }

    private static String text(DatagramPacket packet) {
        return new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8);
    }

    /** What OpenSSL says of a handshake in which each side checks the other by the bundle alone. */
    private String handshake(int port, Bundle bundle) throws Exception {
        Path certificates = Files.writeString(world.directory().resolve("proxy.crt"), bundle.certificates());
        Path key = Files.writeString(world.directory().resolve("proxy.key"), bundle.key());
        Process openssl = new ProcessBuilder(List.of(
                        "openssl",
                        "s_client",
                        "-connect",
                        "127.0.0.1:" + port,
                        "-cert",
                        certificates.toString(),
                        "-key",
                        key.toString(),
                        "-CAfile",
                        certificates.toString(),
                        "-verify_return_error"))
                .redirectErrorStream(true)
                .start();
        openssl.getOutputStream().close();
        String said = new String(openssl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(openssl.waitFor(20, TimeUnit.SECONDS)).isTrue();
        return said;
    }
}
