package io.culvert.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.culvert.gateway.Counts;
import io.culvert.gateway.EndReason;
import java.io.IOException;
import java.io.InputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a tunnel says at its end that it carried, held against what both ends of its connections have counted. */
@Timeout(60)
class LastCountsTest {
    private static final Executor THREADS = work -> {
        Thread thread = new Thread(work, "last-counts");
        thread.setDaemon(true);
        thread.start();
    };

    @TempDir
    Path directory;

    private World world;
    /** What the target has read until now. */
    private final AtomicLong reached = new AtomicLong();

    @BeforeEach
    void open() throws IOException {
        world = new World(directory);
    }

    @AfterEach
    void close() throws IOException {
        world.close();
    }

    /** A target that answers each byte with two. */
    private int doubling() throws IOException {
        ServerSocket target = world.target();
        THREADS.execute(() -> {
            while (true) {
                try {
                    Socket inner = target.accept();
                    world.keep(inner::close);
                    THREADS.execute(() -> answer(inner));
                } catch (IOException e) {
                    return; // The world ended.
                }
            }
        });
        return target.getLocalPort();
    }

    private void answer(Socket inner) {
        byte[] piece = new byte[16_384];
        try (inner) {
            InputStream in = inner.getInputStream();
            for (int n = in.read(piece); n >= 0; n = in.read(piece)) {
                reached.addAndGet(n);
                inner.getOutputStream().write(piece, 0, n);
                inner.getOutputStream().write(piece, 0, n);
            }
        } catch (IOException e) {
            // It was cut.
        }
    }

    /** An agent with sessions on both loops of the gateway. */
    private void agent() {
        Agent unused = world.agent(1, world.settings(1).withSessions(4), new CopyOnWriteArrayList<>());
    }

    /** Every byte has arrived when the tunnel is ended with all of its connections open. */
    @Test
    void thoseWhoAreCutCountWithTheirLastByte() throws Exception {
        int port = world.tunnel(1, doubling());
        agent();
        Random random = new Random(5);
        long sent = 0;
        List<Socket> visitors = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            visitors.add(world.visit(port));
        }
        for (int round = 0; round < 5; round++) {
            for (Socket visitor : visitors) {
                int n = 1 + random.nextInt(20_000);
                visitor.getOutputStream().write(new byte[n]);
                assertThat(visitor.getInputStream().readNBytes(2 * n)).hasSize(2 * n);
                sent += n;
            }
        }
        Counts last = World.got(world.gateway.close(1, EndReason.REMOVED)).get(1L);
        assertThat(last).isEqualTo(new Counts(sent, 2 * sent, 40, 0, 0));
        visitors.forEach(World::assertReset);
    }

    /** They pour while the tunnel stops taking visitors, and come to their own end. */
    @Test
    void thoseWhoFinishInADrainCountToTheirLastByte() throws Exception {
        int port = world.tunnel(1, doubling());
        agent();
        long size = 3_000_000;
        List<Socket> visitors = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            visitors.add(world.visit(port));
        }
        await().until(() -> world.status(1).counts().connections() == 10);
        List<CompletableFuture<Long>> heard =
                visitors.stream().map(visitor -> pour(visitor, size)).toList();
        await().pollInterval(Duration.ofMillis(5)).until(() -> reached.get() > size);
        CompletionStage<Void> empty = world.gateway.pause(1, false);
        // A question behind the order, on the same loop: a visitor who came before the order would be let in, and stay.
        assertThat(World.got(world.gateway.connections(1))).isNotEmpty();
        assertThat(heard).as("they are at it").anyMatch(one -> !one.isDone());
        world.assertTurnedAway(port);
        World.got(empty);
        Counts last = World.got(world.gateway.close(1, EndReason.REMOVED)).get(1L);
        assertThat(heard).allSatisfy(one -> assertThat(World.got(one)).isEqualTo(2 * size));
        assertThat(last).isEqualTo(new Counts(10 * size, 20 * size, 10, 1, 0));
    }

    /** What was under way is lost, so only bounds can be told of it; but nothing is counted behind the last figure. */
    @Test
    void thoseWhoAreCutInTheMiddleCountWhatArrivedAndNoMoreThanWasSent() throws Exception {
        int port = world.tunnel(1, doubling());
        agent();
        List<Socket> visitors = new ArrayList<>();
        List<CompletableFuture<Long>> heard = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            visitors.add(world.visit(port));
            heard.add(pour(visitors.get(i), Long.MAX_VALUE));
        }
        await().until(() -> reached.get() > 20_000_000);
        Counts last = Objects.requireNonNull(
                World.got(world.gateway.close(1, EndReason.EXPIRED)).get(1L));
        long received = heard.stream().mapToLong(World::got).sum();
        assertThat(last.bytesOut()).isGreaterThanOrEqualTo(received).isLessThanOrEqualTo(2 * last.bytesIn());
        assertThat(last.bytesIn()).isGreaterThanOrEqualTo(reached.get());
        assertThat(world.gateway.status(1)).isEmpty();
    }

    /** Sends so many bytes and the end; completes with the number of those that came back, when there are no more. */
    private CompletableFuture<Long> pour(Socket visitor, long size) {
        THREADS.execute(() -> {
            byte[] piece = new byte[16_384];
            try {
                for (long left = size; left > 0; left -= Math.min(left, piece.length)) {
                    visitor.getOutputStream().write(piece, 0, (int) Math.min(left, piece.length));
                }
                visitor.shutdownOutput();
            } catch (IOException e) {
                // It was cut.
            }
        });
        return CompletableFuture.supplyAsync(
                () -> {
                    long heard = 0;
                    byte[] piece = new byte[65_536];
                    try {
                        InputStream in = visitor.getInputStream();
                        for (int n = in.read(piece); n >= 0; n = in.read(piece)) {
                            heard += n;
                        }
                    } catch (IOException e) {
                        // It was cut.
                    }
                    return heard;
                },
                THREADS);
    }
}
