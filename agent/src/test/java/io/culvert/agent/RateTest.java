package io.culvert.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import io.culvert.gateway.Policies;
import io.culvert.gateway.Rates;
import java.io.IOException;
import java.io.InputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Bytes a second, asked and got, measured by who receives them over three seconds. */
@Timeout(60)
class RateTest {
    private static final Duration MEASURED = Duration.ofSeconds(3);

    @TempDir
    Path directory;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private World world;
    private ServerSocket target;
    private int port;

    @BeforeEach
    void open() throws IOException {
        world = new World(directory);
        target = world.target();
        target.setSoTimeout(20_000);
        port = world.tunnel(1, target.getLocalPort());
        world.agent(1, world.settings(1).withSessions(2), new CopyOnWriteArrayList<>());
        await().until(() -> world.sessions(1) == 2);
    }

    @AfterEach
    void close() throws IOException {
        world.close();
        threads.shutdownNow();
    }

    /** A connection that both sides fill as fast as they can; what arrives is counted. */
    private final class Poured {
        private final AtomicLong atTarget = new AtomicLong();
        private final AtomicLong atVisitor = new AtomicLong();

        Poured() throws IOException {
            Socket visitor = world.visit(port);
            Socket inner = target.accept();
            world.keep(inner::close);
            threads.submit(() -> pour(visitor));
            threads.submit(() -> pour(inner));
            threads.submit(() -> drink(inner, atTarget));
            threads.submit(() -> drink(visitor, atVisitor));
        }
    }

    private static Void pour(Socket socket) throws IOException {
        byte[] block = new byte[16_384];
        while (true) {
            socket.getOutputStream().write(block);
        }
    }

    private static Void drink(Socket socket, AtomicLong count) throws IOException {
        InputStream in = socket.getInputStream();
        byte[] block = new byte[65_536];
        for (int n = in.read(block); n >= 0; n = in.read(block)) {
            count.addAndGet(n);
        }
        return null;
    }

    private interface Reading {
        void check(double seconds, List<Long> in, List<Long> out);
    }

    /** Waits until what was on its way has arrived, then reads the counters twice. */
    private static void measure(List<Poured> all, Reading reading) {
        await().pollDelay(Duration.ofMillis(1200)).until(() -> true);
        List<Long> in = new ArrayList<>();
        List<Long> out = new ArrayList<>();
        long began = System.nanoTime();
        for (Poured each : all) {
            in.add(each.atTarget.get());
            out.add(each.atVisitor.get());
        }
        await().pollDelay(MEASURED).until(() -> true);
        long ended = System.nanoTime();
        for (int i = 0; i < all.size(); i++) {
            in.set(i, all.get(i).atTarget.get() - in.get(i));
            out.set(i, all.get(i).atVisitor.get() - out.get(i));
        }
        reading.check((ended - began) * 1e-9, in, out);
    }

    private static double sum(List<Long> each) {
        return each.stream().mapToLong(Long::longValue).sum();
    }

    private static void near(double got, double asked) {
        assertThat(got / asked)
                .as("got %,.0f where %,.0f was asked", got, asked)
                .isCloseTo(1, within(0.05));
    }

    @Test
    void aConnectionHasTheRateThatWasAskedEachWay() throws Exception {
        world.police(1, Rule.rates(Rates.UNBOUNDED, new Rates(300_000, 2_000_000)));
        List<Poured> all = List.of(new Poured(), new Poured());
        measure(all, (seconds, in, out) -> {
            for (int i = 0; i < 2; i++) {
                near(in.get(i) / seconds, 300_000);
                near(out.get(i) / seconds, 2_000_000);
            }
        });
    }

    @Test
    void aTunnelHasTheRateThatWasAskedAndItsVisitorsShareItFairlyOnAnyLoop() throws Exception {
        world.police(1, Rule.rates(new Rates(1_000_000, 20_000_000), Rates.UNBOUNDED));
        List<Poured> all = List.of(new Poured(), new Poured(), new Poured());
        assertThat(World.got(world.gateway.sessions(1)))
                .as("both sessions, each on its loop, carry some")
                .allMatch(session -> session.streams() > 0);
        measure(all, (seconds, in, out) -> {
            near(sum(in) / seconds, 1_000_000);
            near(sum(out) / seconds, 20_000_000);
            for (int i = 0; i < 3; i++) {
                assertThat(in.get(i) / (sum(in) / 3)).as("share of one").isCloseTo(1, within(0.15));
                assertThat(out.get(i) / (sum(out) / 3)).as("share of one").isCloseTo(1, within(0.15));
            }
        });
    }

    @Test
    void aRateChangesOnLivingConnections() throws Exception {
        List<Poured> all = List.of(new Poured(), new Poured());
        // At full speed first: what waits on the way then is much more than a second's worth.
        await().until(() -> all.get(0).atTarget.get() > 20_000_000);
        world.police(1, Rule.rates(new Rates(500_000, 500_000), Rates.UNBOUNDED));
        long counted = world.status(1).counts().bytesIn();
        long began = System.nanoTime();
        await().pollDelay(MEASURED).until(() -> true);
        near((world.status(1).counts().bytesIn() - counted) / ((System.nanoTime() - began) * 1e-9), 500_000);

        world.police(1, Rule.rates(new Rates(4_000_000, 4_000_000), Rates.UNBOUNDED));
        measure(all, (seconds, in, out) -> {
            near(sum(in) / seconds, 4_000_000);
            near(sum(out) / seconds, 4_000_000);
        });
        long slow = all.get(0).atTarget.get();
        world.police(1, Policies.NONE);
        await().atMost(Duration.ofSeconds(5)).until(() -> all.get(0).atTarget.get() - slow > 40_000_000);
    }

    @Test
    void whatARateHoldsBackStillComesWhereBothSidesHaveEnded() throws Exception {
        world.police(1, Rule.rates(Rates.UNBOUNDED, new Rates(400_000, 0)));
        Socket visitor = world.visit(port);
        Socket inner = target.accept();
        world.keep(inner::close);
        inner.shutdownOutput();
        assertThat(visitor.getInputStream().read()).isEqualTo(-1);
        visitor.getOutputStream().write(new byte[1_000_000]);
        visitor.close();
        assertThat(inner.getInputStream().readNBytes(400_000)).hasSize(400_000);
        assertThat(world.status(1).visitors()).isEqualTo(1);
        assertThat(inner.getInputStream().readAllBytes()).hasSize(600_000);
        await().until(() -> world.status(1).visitors() == 0);
    }

    @Test
    void whoSaysLittleIsNotKeptWaitingLongByWhoPours() throws Exception {
        world.police(1, Rule.rates(new Rates(1_000_000, 1_000_000), Rates.UNBOUNDED));
        new Poured();
        new Poured();
        Socket visitor = world.visit(port);
        Socket inner = target.accept();
        world.keep(inner::close);
        for (int i = 0; i < 20; i++) {
            long asked = System.nanoTime();
            visitor.getOutputStream().write(i);
            assertThat(inner.getInputStream().read()).isEqualTo(i);
            inner.getOutputStream().write(i);
            assertThat(visitor.getInputStream().read()).isEqualTo(i);
            assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - asked)).isLessThan(500);
        }
    }
}
