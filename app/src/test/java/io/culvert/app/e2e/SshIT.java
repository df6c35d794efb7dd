package io.culvert.app.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.culvert.client.seed.CreatedTunnel;
import io.culvert.client.seed.NewTunnel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A real OpenSSH server behind a tunnel. */
class SshIT {
    private static final long BIG = 200L << 20;
    private static final Path NOTHING = Path.of("/dev/null");

    @RegisterExtension
    final World world = new World();

    @Test
    void commandsRunAndTheEndOfInputTravels() throws Exception {
        Sshd sshd = Sshd.start(world);
        RunningServer server = world.server();
        CreatedTunnel tunnel = server.client().create(NewTunnel.to(sshd.port(), Duration.ofMinutes(10)));
        // The agent may dial this target and no other.
        world.agent(server, tunnel, "--allow=127.0.0.1:" + sshd.port());
        int port = RunningServer.port(tunnel);
        awaitSession(server, tunnel);

        assertThat(sshd.ssh(port, NOTHING, "echo it is $((6 * 7))").out()).isEqualTo("it is 42\n");

        // wc tells its count only after the end of its input, which is the client's half of the connection.
        Path file = TestFile.write(world.directory().resolve("input"), 3_000_000, 7);
        assertThat(sshd.ssh(port, file, "wc -c").out().strip()).isEqualTo("3000000");
        assertThat(sshd.ssh(port, file, "sha256sum").out()).startsWith(TestFile.sha256(file));
        await("all visitors are gone")
                .atMost(Duration.ofSeconds(10))
                .until(() -> server.client().query(tunnel.tunnel().id()).visitors() == 0);
    }

    @Test
    void twoHundredMegabytesThereAndBack() throws Exception {
        Sshd sshd = Sshd.start(world);
        RunningServer server = world.server();
        CreatedTunnel tunnel = server.client().create(NewTunnel.to(sshd.port(), Duration.ofMinutes(10)));
        world.agent(server, tunnel);
        int port = RunningServer.port(tunnel);
        awaitSession(server, tunnel);

        Path file = TestFile.write(world.directory().resolve("big"), BIG, 1);
        String checksum = TestFile.sha256(file);
        Path there = world.directory().resolve("there");
        sshd.copyTo(port, file, there);
        assertThat(there).hasSize(BIG);
        assertThat(TestFile.sha256(there)).isEqualTo(checksum);
        Files.delete(file);

        Path back = world.directory().resolve("back");
        sshd.copyFrom(port, there, back);
        assertThat(back).hasSize(BIG);
        assertThat(TestFile.sha256(back)).isEqualTo(checksum);
        // Not around the tunnel: it has counted them.
        assertThat(server.client().query(tunnel.tunnel().id())).satisfies(after -> {
            assertThat(after.bytesIn()).isGreaterThan(BIG);
            assertThat(after.bytesOut()).isGreaterThan(BIG);
        });
    }

    private static void awaitSession(RunningServer server, CreatedTunnel tunnel) {
        await("the agent is connected")
                .atMost(Duration.ofSeconds(30))
                .until(() -> server.client().query(tunnel.tunnel().id()).sessions() == 1);
    }
}
