package io.culvert.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.culvert.gateway.EndReason;
import io.culvert.gateway.Target;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is told of targets that no visitor reaches. */
@Timeout(60)
class TargetWatchTest {
    /** More than one turn of asking. */
    private static final Duration WHILE = Duration.ofMillis(4_500);

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

    private static int nobodysPort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private List<String> told() {
        return world.log.stream()
                .filter(line -> line.startsWith("failed") || line.startsWith("reached"))
                .toList();
    }

    /** One that answers to its first byte, on a port of our choice. */
    private ServerSocket targetOn(int port) throws IOException {
        ServerSocket target = new ServerSocket();
        world.keep(target::close);
        target.setReuseAddress(true);
        target.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        return target;
    }

    @Test
    void thatWhichFailsIsToldOnceHoweverManyComeAndThatItIsBackWithoutThem() throws Exception {
        int dead = nobodysPort();
        int port = world.tunnel(1, dead);
        world.agent(1);
        for (int i = 0; i < 300; i++) {
            world.assertTurnedAway(port);
        }
        String failed = "failed 1/0: target 127.0.0.1:" + dead + ": connection refused";
        await().untilAsserted(() -> assertThat(told()).containsExactly(failed));
        await().during(WHILE).atMost(Duration.ofSeconds(20)).until(() -> told().size() == 1);
        ServerSocket back = targetOn(dead);
        await().untilAsserted(() -> assertThat(told()).containsExactly(failed, "reached 1/0"));
        back.close();
        world.assertTurnedAway(port);
        await().untilAsserted(() -> assertThat(told()).containsExactly(failed, "reached 1/0", failed));
    }

    @Test
    void ofSeveralExposesEachSpeaksForItself() throws Exception {
        int dead = nobodysPort();
        int alsoDead = nobodysPort();
        List<Integer> ports = world.tunnel(
                1,
                new Target("127.0.0.1", dead),
                new Target("127.0.0.1", world.echo()),
                new Target("127.0.0.1", alsoDead));
        world.agent(1);
        World.assertEcho(world.visit(ports.get(1)));
        world.assertTurnedAway(ports.get(2));
        await().untilAsserted(() -> assertThat(told())
                .containsExactly("failed 1/2: target 127.0.0.1:" + alsoDead + ": connection refused"));
        world.assertTurnedAway(ports.get(0));
        await().untilAsserted(() ->
                assertThat(told()).contains("failed 1/0: target 127.0.0.1:" + dead + ": connection refused"));
        ServerSocket unused = targetOn(alsoDead);
        await().untilAsserted(() -> assertThat(told()).hasSize(3).endsWith("reached 1/2"));
    }

    /** It was dialled well: that it then hangs up is its own affair. */
    @Test
    void aTargetThatHangsUpIsNotOneThatCannotBeReached() throws Exception {
        ServerSocket target = world.target();
        int port = world.tunnel(1, target.getLocalPort());
        world.agent(1);
        Socket visitor = world.visit(port);
        Socket inner = target.accept();
        inner.setSoLinger(true, 0);
        inner.close();
        World.assertReset(visitor);
        // The probe comes, is content, and no other follows.
        target.accept().close();
        target.setSoTimeout((int) WHILE.toMillis());
        assertThatThrownBy(target::accept).isInstanceOf(SocketTimeoutException.class);
        assertThat(told()).isEmpty();
    }

    @Test
    void nobodyAsksWhileItIsPausedNorBehindItsEnd() throws Exception {
        int dead = nobodysPort();
        int port = world.tunnel(1, dead);
        world.agent(1);
        world.assertTurnedAway(port);
        await().untilAsserted(() -> assertThat(told()).hasSize(1));
        World.got(world.gateway.pause(1, true));
        ServerSocket back = targetOn(dead);
        back.setSoTimeout((int) WHILE.toMillis());
        // One that had been sent before the pause may still come.
        int dialled = 0;
        try {
            while (true) {
                back.accept().close();
                dialled++;
            }
        } catch (SocketTimeoutException e) {
            assertThat(dialled).isLessThanOrEqualTo(1);
        }
        World.got(world.gateway.resume(1));
        await().untilAsserted(() -> assertThat(told()).hasSize(2).endsWith("reached 1/0"));
        back.close();
        world.assertTurnedAway(port);
        await().untilAsserted(() -> assertThat(told()).hasSize(3));
        World.got(world.gateway.close(1, EndReason.REMOVED));
        ServerSocket again = targetOn(dead);
        again.setSoTimeout((int) WHILE.toMillis());
        assertThatThrownBy(again::accept).isInstanceOf(SocketTimeoutException.class);
        assertThat(told()).hasSize(3);
    }

    @Test
    void withItsAgentGoneNothingIsKnownOfATarget() throws Exception {
        int dead = nobodysPort();
        int port = world.tunnel(1, dead);
        Agent agent = world.agent(1);
        world.assertTurnedAway(port);
        await().untilAsserted(() -> assertThat(told()).hasSize(1));
        agent.close();
        await().untilAsserted(() -> assertThat(told()).hasSize(2).endsWith("reached 1/0"));
    }
}
