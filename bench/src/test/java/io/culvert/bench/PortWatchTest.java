package io.culvert.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.bench.PortWatch.Closing;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.BitSet;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Real sockets, and the kernel's own answers; which of the questions a socket is closed before is the test's choice. */
@EnabledOnOs(OS.LINUX)
class PortWatchTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final ListeningPorts kernel = new ListeningPorts();
    private int questions;

    @Test
    void theTruthLiesBetweenSeenAndMissed() throws Exception {
        try (ServerSocket first = listening("127.0.0.1");
                ServerSocket second = listening("127.0.0.1")) {
            long[] around = new long[4];
            PortWatch watch = new PortWatch(() -> {
                questions++;
                if (questions == 4) {
                    around[0] = PortWatch.wallNanos();
                    close(first);
                    around[1] = PortWatch.wallNanos();
                }
                if (questions == 8) {
                    around[2] = PortWatch.wallNanos();
                    close(second);
                    around[3] = PortWatch.wallNanos();
                }
                return kernel.read();
            });

            Map<Integer, Closing> closings = watch.untilClosed(ports(first, second), PATIENCE);

            Closing one = closing(closings, first);
            assertThat(one.seen()).isLessThanOrEqualTo(around[0]);
            assertThat(one.missed()).isBetween(around[1], around[2]);
            Closing other = closing(closings, second);
            assertThat(other.seen()).isBetween(around[1], around[2]);
            assertThat(other.missed()).isGreaterThanOrEqualTo(around[3]);
        }
    }

    @Test
    void aPortThatOneAnswerLeavesOutIsNotTakenForClosed() throws Exception {
        try (ServerSocket socket = listening("127.0.0.1")) {
            long[] closed = new long[1];
            PortWatch watch = new PortWatch(() -> {
                questions++;
                if (questions == 3) {
                    return new BitSet();
                }
                if (questions == 6) {
                    closed[0] = PortWatch.wallNanos();
                    close(socket);
                }
                return kernel.read();
            });

            Map<Integer, Closing> closings = watch.untilClosed(ports(socket), PATIENCE);

            assertThat(closing(closings, socket).missed()).isGreaterThanOrEqualTo(closed[0]);
        }
    }

    @Test
    void saysWhichPortIsStillOpen() throws Exception {
        try (ServerSocket socket = listening("127.0.0.1")) {
            assertThatThrownBy(() -> new PortWatch().untilClosed(ports(socket), Duration.ofMillis(30)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("{" + socket.getLocalPort() + "}");
        }
    }

    @Test
    void refusesToWatchWhatIsNotThere() throws Exception {
        ServerSocket socket = listening("127.0.0.1");
        BitSet ports = ports(socket);
        socket.close();

        assertThatThrownBy(() -> new PortWatch().untilClosed(ports, PATIENCE))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("not listened on: {" + socket.getLocalPort() + "}");
    }

    private static void close(ServerSocket socket) throws IOException {
        socket.close();
    }

    private static Closing closing(Map<Integer, Closing> closings, ServerSocket socket) {
        return Objects.requireNonNull(closings.get(socket.getLocalPort()));
    }

    private static BitSet ports(ServerSocket... sockets) {
        BitSet ports = new BitSet();
        for (ServerSocket socket : sockets) {
            ports.set(socket.getLocalPort());
        }
        return ports;
    }

    private static ServerSocket listening(String host) throws IOException {
        return new ServerSocket(0, 1, InetAddress.getByName(host));
    }
}
