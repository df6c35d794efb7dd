package io.culvert.app.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.culvert.app.config.Address;
import io.culvert.app.measure.BenchPath;
import io.culvert.app.measure.BenchTarget;
import io.culvert.client.seed.CreatedTunnel;
import io.culvert.client.seed.NewTunnel;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.OperatingSystemMXBean;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The relay, as it is shipped and started, has not become twice as slow, nor twice as dear: each way of using a tunnel is held against the same without
 * the tunnel, in one run and round by round, so that a slow machine slows both. Speed shows what waits; processor time shows what works, also
 * where other programs take half of the machine. The best round of each counts: what else runs can only make it worse.
 */
class RelayRatiosIT {
    private static final int ROUNDS = 5;
    /** A neighbour's burst may last for all rounds; a relay that is slow is so in these, too. */
    private static final int MOST_ROUNDS = 20;

    private static final Duration TIME = Duration.ofMillis(400);
    /** Before what counts: the relay is still being compiled. */
    private static final Duration WARM = Duration.ofSeconds(2);

    /** By how much bounds are wider where more than twice as many threads want to run as there are cores. */
    private static final double BUSY = 1.4;

    /**
     * A way of using a tunnel, what share of the speed without it is the least, and how many times its processor time is the most: a little more
     * than half, and 1.7 times, of what a quiet machine showed (bench/RATIONALE.md).
     */
    private enum Use {
        UP(1, 0.155, 4.8),
        DOWN(1, 0.2, 4.2),
        KEPT_ALIVE(8, 0.15, 2.6),
        NEW_CONNECTIONS(4, 0.28, 1.4);

        private final int streams;
        private final double leastSpeed;
        private final double mostCost;

        Use(int streams, double leastSpeed, double mostCost) {
            this.streams = streams;
            this.leastSpeed = leastSpeed;
            this.mostCost = mostCost;
        }

        /** @param slack by how much bounds are wider, at least 1 */
        boolean isFine(double speed, double cost, double slack) {
            return speed > leastSpeed / slack && cost < mostCost * slack;
        }

        /** Bits, requests or connections a second. */
        double speed(Address to, Duration time) throws Exception {
            BenchPath path = new BenchPath(to, time, streams);
            return switch (this) {
                case UP -> path.up();
                case DOWN -> path.down();
                case KEPT_ALIVE -> requests(to, time, streams);
                case NEW_CONNECTIONS -> path.connections();
            };
        }
    }

    /** One measurement: how many a second, and the processor seconds of the given processes for each. */
    private record Run(double speed, double cost) {
        static Run of(Use use, Address to, List<ProcessHandle> payers) throws Exception {
            Duration before = cpu(payers);
            long begin = System.nanoTime();
            double speed = use.speed(to, TIME);
            double amount = speed * (System.nanoTime() - begin) / 1e9;
            return new Run(speed, cpu(payers).minus(before).toMillis() / 1e3 / amount);
        }

        private static Duration cpu(List<ProcessHandle> processes) {
            return processes.stream()
                    .map(process -> process.info().totalCpuDuration().orElseThrow())
                    .reduce(Duration.ZERO, Duration::plus);
        }
    }

    @RegisterExtension
    final World world = new World();

    @Test
    void isNotTwiceAsSlowAsItWas() throws Exception {
        OperatingSystemMXBean machine = ManagementFactory.getOperatingSystemMXBean();
        double slack = machine.getSystemLoadAverage() > 2.0 * machine.getAvailableProcessors() ? BUSY : 1;
        Program program = world.asShipped(
                "server", world.serverWords("--http=127.0.0.1:0").toArray(String[]::new));
        RunningServer server = RunningServer.of(
                program, world.directory().resolve("data"), program.awaitLine(RunningServer::isReadyLine));
        try (BenchTarget target = BenchTarget.start(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
            int inside = target.address().getPort();
            CreatedTunnel created = server.client().create(NewTunnel.to(inside, Duration.ofMinutes(5)));
            Program agent = world.asShipped(
                    "agent",
                    "agent",
                    "--server=" + server.bridge(),
                    "--token-file=" + world.secret("token", created.join()));
            List<ProcessHandle> both = List.of(handle(server.program().pid()), handle(agent.pid()));
            Address tunnel = new Address("127.0.0.1", RunningServer.port(created));
            Address direct = new Address("127.0.0.1", inside);
            SoftAssertions all = new SoftAssertions();
            for (Use use : Use.values()) {
                await("the tunnel serves")
                        .ignoreExceptions()
                        .atMost(Duration.ofMinutes(1))
                        .until(() -> use.speed(tunnel, WARM) > 0);
                List<Run> without = new ArrayList<>();
                List<Run> with = new ArrayList<>();
                double speed = 0;
                double cost = Double.MAX_VALUE;
                for (int i = 0; i < MOST_ROUNDS && (i < ROUNDS || !use.isFine(speed, cost, slack)); i++) {
                    without.add(Run.of(use, direct, List.of(ProcessHandle.current())));
                    with.add(Run.of(use, tunnel, both));
                    speed = fastest(with) / fastest(without);
                    cost = cheapest(with) / cheapest(without);
                }
                String seen = String.format(
                        Locale.ROOT, "%s: %.3f of the speed, %.1f times the processor time", use, speed, cost);
                System.out.println(seen);
                all.assertThat(use.isFine(speed, cost, slack)).as(seen).isTrue();
            }
            all.assertAll();
        }
    }

    /** Requests of one byte a second, each answered before the next, on connections that stay. */
    private static double requests(Address to, Duration time, int connections) throws Exception {
        long begin = System.nanoTime();
        ExecutorService visitors = Executors.newFixedThreadPool(connections);
        try {
            List<Future<Long>> all = new ArrayList<>();
            for (int i = 0; i < connections; i++) {
                all.add(visitors.submit(() -> requestsOfOne(to, begin + time.toNanos())));
            }
            long sum = 0;
            for (Future<Long> each : all) {
                sum += each.get();
            }
            return sum * 1e9 / (System.nanoTime() - begin);
        } finally {
            visitors.shutdownNow();
        }
    }

    private static long requestsOfOne(Address to, long end) throws IOException {
        try (Socket socket = new Socket(to.host(), to.port())) {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(10_000);
            // What makes the target an echo.
            socket.getOutputStream().write('E');
            long made = 0;
            while (System.nanoTime() - end < 0) {
                socket.getOutputStream().write('.');
                assertThat(socket.getInputStream().read()).isEqualTo('.');
                made++;
            }
            return made;
        }
    }

    private static ProcessHandle handle(long pid) {
        return ProcessHandle.of(pid).orElseThrow();
    }

    private static double fastest(List<Run> runs) {
        return runs.stream().mapToDouble(Run::speed).max().orElseThrow();
    }

    private static double cheapest(List<Run> runs) {
        return runs.stream().mapToDouble(Run::cost).min().orElseThrow();
    }
}
