package io.culvert.gateway.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.gateway.Admission;
import io.culvert.gateway.EndReason;
import io.culvert.gateway.ExposeSpec;
import io.culvert.gateway.GatewayEvents;
import io.culvert.gateway.OpenTunnel;
import io.culvert.gateway.Policy;
import io.culvert.gateway.PortRange;
import io.culvert.gateway.PortUnavailableException;
import io.culvert.gateway.Target;
import io.culvert.gateway.TunnelSpec;
import io.culvert.gateway.identity.ServerIdentity;
import io.culvert.link.net.Liveness;
import io.culvert.link.net.Transport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Ports as what they are: held or not, and told by binding. */
@Timeout(60)
class PortsTest {
    /** A loopback address that nobody else on the machine uses: its ports are free unless this test holds them. */
    private static final String HOST = "127.83.71.9";

    private static final int FIRST = 21_000;
    private static final PortRange RANGE = new PortRange(FIRST, FIRST + 3);

    @TempDir
    Path directory;

    private Gateway gateway;

    @BeforeEach
    void open() throws IOException {
        gateway = start(RANGE);
    }

    @AfterEach
    void close() {
        gateway.close();
    }

    private Gateway start(PortRange range) throws IOException {
        Gateway started = Gateway.start(
                new GatewaySettings(
                        new InetSocketAddress(HOST, 0),
                        InetAddress.getByName(HOST),
                        range,
                        Transport.best(),
                        2,
                        Duration.ofSeconds(5),
                        16,
                        Liveness.DEFAULT),
                ServerIdentity.loadOrCreate(directory, InstantSource.system(), new SecureRandom()));
        started.serve(
                (id, secret) -> CompletableFuture.completedFuture(new Admission.Admitted(id)), new GatewayEvents() {
                    @Override
                    public void agentUp(long tunnelId, String agent, int sessions) {}

                    @Override
                    public void agentReplaced(long tunnelId, String oldAgent, String newAgent) {}

                    @Override
                    public void targetFailed(long tunnelId, int expose, String why) {}

                    @Override
                    public void targetReached(long tunnelId, int expose) {}

                    @Override
                    public void policyHit(long tunnelId, Policy policy, String visitor, long times) {}

                    @Override
                    public void agentDown(long tunnelId, String agent, String why, int sessions) {}
                });
        return started;
    }

    private static TunnelSpec spec(long id, int... ports) {
        return new TunnelSpec(
                id,
                Arrays.stream(ports)
                        .mapToObj(port -> new ExposeSpec(port, new Target("127.0.0.1", 9)))
                        .toList());
    }

    private List<Integer> opened(long id, int... ports) throws Exception {
        return gateway.open(spec(id, ports))
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS)
                .ports();
    }

    private void closed(long id) throws Exception {
        gateway.close(id, EndReason.REMOVED).toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    private Throwable refusal(long id, int... ports) {
        try {
            return new AssertionError("opened " + opened(id, ports));
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            return cause == null ? e : cause;
        } catch (Exception e) {
            return e;
        }
    }

    private static ServerSocket hold(int port) throws IOException {
        return new ServerSocket(port, 50, InetAddress.getByName(HOST));
    }

    // ---- who gets which
    // --------------------------------------------------------------------------------------------------------

    @Test
    void aTakenPortIsRefusedByName() throws Exception {
        try (ServerSocket taken = hold(0)) {
            int port = taken.getLocalPort();
            assertThat(refusal(1, port))
                    .isInstanceOfSatisfying(
                            PortUnavailableException.class,
                            refused -> assertThat(refused.port()).isEqualTo(port))
                    .hasMessageStartingWith("expose: " + port + " cannot be bound: ");
        }
        assertThat(gateway.status(1)).isEmpty();
    }

    @Test
    void severalExposesComeUpTogetherOrNotAtAll() throws Exception {
        try (ServerSocket taken = hold(0)) {
            assertThat(refusal(1, FIRST, 0, taken.getLocalPort())).isInstanceOf(PortUnavailableException.class);
            // At once: the refusal is told when the others are free again, and they are given back in the books too.
            hold(FIRST).close();
            assertThat(opened(2, FIRST, 0, 0, 0)).hasSize(4);
        }
    }

    @Test
    void anEmptyRangeIsSaidToBeEmptyUntilSomethingIsGivenBack() throws Exception {
        for (int id = 1; id <= 4; id++) {
            opened(id, 0);
        }
        assertThat(refusal(5, 0))
                .isInstanceOf(PortUnavailableException.class)
                .hasMessage("expose: no free port left (the server picks from 21000-21003)");
        closed(3);
        assertThat(opened(6, 0)).containsExactly(FIRST + 2);
    }

    @Test
    void aPortThatWasGivenBackRestsTheLongest() throws Exception {
        List<Integer> given = new ArrayList<>();
        for (int id = 1; id <= 5; id++) {
            given.addAll(opened(id, 0));
            closed(id);
        }
        assertThat(given).containsExactly(FIRST, FIRST + 1, FIRST + 2, FIRST + 3, FIRST);
    }

    @Test
    void aPortOfTheRangeThatSomebodyElseHoldsIsPassedOver() throws Exception {
        try (ServerSocket foreign = hold(FIRST + 1)) {
            assertThat(foreign.isBound()).isTrue();
            assertThat(opened(1, 0, 0, 0)).containsExactly(FIRST, FIRST + 2, FIRST + 3);
            assertThat(refusal(2, 0)).hasMessageContaining("no free port left");
        }
    }

    @Test
    void whoIsRefusedAHeldPortDoesNotGiveItBack() {
        Ports ports = new Ports();
        assertThat(ports.hold(FIRST)).isTrue();
        assertThat(ports.hold(FIRST)).isFalse();
        assertThat(ports.hold(0)).as("what the system picks").isFalse();
        assertThat(ports.hold(80)).as("none of the range").isTrue();
        assertThat(ports.tries(RANGE)).isEqualTo(3);
        assertThat(ports.candidate(RANGE)).isEqualTo(FIRST + 1);
    }

    @Test
    void rangesThatOverlapKnowOfEachOthersPorts() {
        Ports ports = new Ports();
        PortRange wide = new PortRange(FIRST - 1, FIRST + 1);
        assertThat(ports.tries(RANGE)).isEqualTo(4);
        assertThat(ports.hold(FIRST)).isTrue();
        assertThat(ports.tries(RANGE)).isEqualTo(3);
        assertThat(ports.tries(wide)).as("asked for after the hold").isEqualTo(2);
        assertThat(ports.candidate(wide)).isEqualTo(FIRST - 1);
        assertThat(ports.candidate(wide)).isEqualTo(FIRST + 1);
        ports.giveBack(FIRST);
        assertThat(ports.tries(RANGE)).isEqualTo(4);
        assertThat(ports.tries(wide)).isEqualTo(3);
    }

    @Test
    void manyAtOnceGetWhatThereIs() throws Exception {
        List<CompletableFuture<OpenTunnel>> all = new ArrayList<>();
        for (int id = 1; id <= 20; id++) {
            all.add(gateway.open(spec(id, 0)).toCompletableFuture());
        }
        List<Integer> given = new ArrayList<>();
        for (CompletableFuture<OpenTunnel> each : all) {
            try {
                given.addAll(each.get(10, TimeUnit.SECONDS).ports());
            } catch (ExecutionException e) {
                assertThat(e).hasCauseInstanceOf(PortUnavailableException.class);
            }
        }
        assertThat(given).containsExactlyInAnyOrder(FIRST, FIRST + 1, FIRST + 2, FIRST + 3);
    }

    @Test
    void withoutARangeTheSystemPicks() throws Exception {
        gateway.close();
        gateway = start(PortRange.ANY);
        List<Integer> ports = opened(1, 0, 0, FIRST);
        assertThat(ports).doesNotHaveDuplicates().hasSize(3).contains(FIRST).allMatch(port -> port > 0);
    }

    // ---- opening and closing
    // ------------------------------------------------------------------------------------------------

    @Test
    void whatWasClosedCanBeOpenedAgainAndWhatIsOpenCannot() throws Exception {
        for (int i = 0; i < 20; i++) {
            assertThat(opened(1, FIRST, FIRST + 1)).containsExactly(FIRST, FIRST + 1);
            assertThat(refusal(1, FIRST + 2))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("tunnel 1: open already");
            closed(1);
        }
        closed(1);
    }

    /** The control plane closes what it gave up waiting for: whenever that comes, nothing may stay behind. */
    @Test
    void closingWhileOpeningLeavesNothing() throws Exception {
        int cut = 0;
        for (int i = 0; i < 300; i++) {
            CompletableFuture<OpenTunnel> opening =
                    gateway.open(spec(1, FIRST, 0, 0, 0)).toCompletableFuture();
            // Other work of the loops moves the moment of the close about.
            for (int j = 0; j < i % 7; j++) {
                gateway.open(spec(2, 1))
                        .toCompletableFuture()
                        .exceptionally(refused -> nothing())
                        .join();
            }
            closed(1);
            assertThat(gateway.status(1)).isEmpty();
            @Nullable
            Throwable failure = opening.handle((opened, thrown) -> thrown).get(10, TimeUnit.SECONDS);
            if (failure != null) {
                cut++;
                assertThat(failure instanceof CompletionException ? failure.getCause() : failure)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessage("tunnel 1: closed while it was opening");
            }
            for (int port = RANGE.from(); port <= RANGE.to(); port++) {
                hold(port).close();
            }
        }
        assertThat(cut).as("how often it was cut in the middle").isPositive();
    }

    private static OpenTunnel nothing() {
        return new OpenTunnel(2, List.of(), 0);
    }

    @Test
    void severalClosersWaitForTheSameEnd() throws Exception {
        opened(1, FIRST);
        CompletableFuture<?>[] closers = new CompletableFuture<?>[10];
        for (int i = 0; i < closers.length; i++) {
            closers[i] = gateway.close(1, EndReason.EXPIRED)
                    .thenRun(() -> {
                        try {
                            hold(FIRST).close();
                        } catch (IOException e) {
                            throw new IllegalStateException("completed before the port was free", e);
                        }
                    })
                    .toCompletableFuture();
            closers[i].get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void aClosedDataPlaneOpensNothing() {
        gateway.close();
        assertThat(refusal(1, 0)).isInstanceOf(IllegalStateException.class).hasMessageContaining("closed");
        assertThat(gateway.status(1)).isEmpty();
        gateway.close();
    }

    @Test
    void visitorsThatComeWhileATunnelClosesDoNotHang() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            for (int i = 0; i < 20; i++) {
                opened(1, FIRST);
                List<Future<?>> visitors = new ArrayList<>();
                for (int j = 0; j < 4; j++) {
                    visitors.add(threads.submit(PortsTest::visitUntilRefused));
                }
                closed(1);
                for (Future<?> visitor : visitors) {
                    visitor.get(10, TimeUnit.SECONDS);
                }
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private static Void visitUntilRefused() throws IOException {
        while (true) {
            try (Socket socket = new Socket()) {
                try {
                    socket.connect(new InetSocketAddress(HOST, FIRST), 5_000);
                } catch (SocketException e) {
                    return null;
                }
                socket.setSoTimeout(5_000);
                assertThatThrownBy(() -> {
                            // While a listener closes the kernel may forget a handshake
                            // on its side: who says nothing never hears of it.
                            socket.getOutputStream().write(1);
                            int unused = socket.getInputStream().read();
                        })
                        .isInstanceOf(SocketException.class);
            }
        }
    }
}
