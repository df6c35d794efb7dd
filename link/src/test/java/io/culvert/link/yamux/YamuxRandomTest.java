package io.culvert.link.yamux;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two machines, a wire that cuts and delays as it likes, and everything that can be done, at random; a seed names a run. */
class YamuxRandomTest {
    private static final int STEPS = 4_000;
    private static final YamuxLimits TIGHT = new YamuxLimits(24, 16, 3, 1 << 20, 1 << 20, 600_000, 10_000);
    private static final YamuxLimits ROOMY = new YamuxLimits(64, 64, 16, 2 << 20, 8 << 20, 64 << 20, 64 << 10);

    /** One direction of a stream: what was put in, and whom it comes out of. */
    private record Way(int id, boolean fromClient) {}

    /** One end of a stream with what was asked of it. */
    private static final class End {
        final Ear ear;
        final boolean client;
        int written;
        boolean finished;
        boolean reset;

        End(Ear ear, boolean client) {
            this.ear = ear;
            this.client = client;
            ear.reads = false;
        }

        Way out() {
            return new Way(ear.stream.id(), client);
        }

        Way in() {
            return new Way(ear.stream.id(), !client);
        }

        boolean usable() {
            return !reset && !ear.reset;
        }
    }

    private final Map<Way, End> sources = new HashMap<>();
    private final List<End> ends = new ArrayList<>();
    private Pair pair = new Pair();
    private Random random = new Random(0);
    private ByteBuf toServer = Unpooled.EMPTY_BUFFER;
    private ByteBuf toClient = Unpooled.EMPTY_BUFFER;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void bytesArriveWholeAndInOrderAndNothingIsLeftBehind(long seed) {
        start(seed, seed % 2 == 0 ? TIGHT : ROOMY);
        for (int step = 0; step < STEPS; step++) {
            pair.now += random.nextInt(3_000_000);
            act();
            if (step % 50 == 0) {
                checkBooks();
            }
        }
        long arrived = ends.stream().mapToLong(end -> end.ear.heard.size()).sum();
        assertThat(arrived).as("bytes that arrived in this run").isGreaterThan(500_000);
        assertThat(ends.size()).isGreaterThan(40);
        settle();
        for (End end : ends) {
            checkBytes(end);
        }
        stop();
    }

    @Test
    void aSessionCutAnywhereLeavesNothingBehind() {
        for (int seed = 100; seed < 140; seed++) {
            start(seed, TIGHT);
            int steps = random.nextInt(600);
            for (int step = 0; step < steps; step++) {
                act();
            }
            stop();
        }
    }

    private void start(long seed, YamuxLimits limits) {
        random = new Random(seed);
        pair = new Pair(limits, limits);
        sources.clear();
        ends.clear();
        toServer = pair.alloc.directBuffer();
        toClient = pair.alloc.directBuffer();
        pair.client.onOpened = ear -> begin(new End(ear, true));
        pair.server.onOpened = ear -> begin(new End(ear, false));
        pair.client.yamux.roundTrip(5_000_000);
        pair.server.yamux.roundTrip(5_000_000);
    }

    private void stop() {
        toServer.release();
        toClient.release();
        pair.close();
    }

    private void begin(End end) {
        ends.add(end);
        sources.put(end.out(), end);
    }

    private void act() {
        Side side = random.nextBoolean() ? pair.client : pair.server;
        switch (random.nextInt(16)) {
            case 0 -> open(side);
            case 1, 2, 3 -> write(any());
            case 4 -> {
                if (random.nextInt(4) == 0) {
                    finish(any());
                }
            }
            case 5 -> {
                if (random.nextInt(12) == 0) {
                    reset(any());
                }
            }
            case 6, 7, 8 -> consume(any());
            case 9 -> side.yamux.ping(random.nextInt());
            case 10, 11 -> {
                side.yamux.pump(1 + random.nextInt(100_000));
                post(side);
            }
            default -> deliver(side);
        }
    }

    private @Nullable End any() {
        // The younger ones mostly: the old are often over.
        int n = ends.size();
        return n == 0
                ? null
                : ends.get(random.nextBoolean() ? random.nextInt(n) : n - 1 - random.nextInt(Math.min(n, 8)));
    }

    private void open(Side side) {
        YamuxStream stream = side.yamux.open(pair.now);
        if (stream != null) {
            begin(new End(new Ear(side, stream), side == pair.client));
        }
    }

    private void write(@Nullable End end) {
        if (end != null && end.usable() && !end.finished && end.ear.stream.writable()) {
            int n = 1 + (random.nextInt(4) == 0 ? random.nextInt(90_000) : random.nextInt(300));
            end.ear.stream.write(end.ear.side.buffer(bytes(end.out(), end.written, n)));
            end.written += n;
        }
    }

    private static void finish(@Nullable End end) {
        if (end != null && end.usable()) {
            end.finished = true;
            end.ear.stream.finish();
        }
    }

    private static void reset(@Nullable End end) {
        if (end != null && end.usable()) {
            end.reset = true;
            end.ear.stream.reset();
        }
    }

    private void consume(@Nullable End end) {
        if (end != null && end.usable() && end.ear.held > 0) {
            end.ear.consume(random.nextInt(3) == 0 ? 1 + random.nextInt(end.ear.held) : end.ear.held);
        }
    }

    private void post(Side side) {
        ByteBuf wire = side == pair.client ? toServer : toClient;
        for (ByteBuf bytes = side.out.poll(); bytes != null; bytes = side.out.poll()) {
            wire.writeBytes(bytes);
            bytes.release();
        }
    }

    private void deliver(Side side) {
        ByteBuf wire = side == pair.client ? toClient : toServer;
        if (wire.isReadable()) {
            int n = Math.min(wire.readableBytes(), 1 + random.nextInt(random.nextBoolean() ? 20 : 100_000));
            side.receive(wire.readBytes(n));
            wire.discardReadBytes();
        }
    }

    /** Ends every stream, lets everything arrive and be consumed. */
    private void settle() {
        for (End end : List.copyOf(ends)) {
            finish(end);
        }
        boolean busy = true;
        while (busy) {
            busy = false;
            for (Side side : List.of(pair.client, pair.server)) {
                side.yamux.pump(Integer.MAX_VALUE);
                // Also a SYN that a stream has made room for by its end, and that is the last thing to happen.
                busy |= !side.out.isEmpty();
                post(side);
                while ((side == pair.client ? toClient : toServer).isReadable()) {
                    deliver(side);
                    busy = true;
                }
            }
            for (End end : List.copyOf(ends)) {
                finish(end);
                if (end.usable() && end.ear.held > 0) {
                    end.ear.consume(end.ear.held);
                    busy = true;
                }
            }
        }
        checkBooks();
        for (Side side : List.of(pair.client, pair.server)) {
            assertThat(side.yamux.streams()).isZero();
            assertThat(side.yamux.books()).isEqualTo("opened 0, unacknowledged 0, queued 0, cost 0, growth 0");
        }
    }

    private void checkBytes(End end) {
        byte[] heard = end.ear.heard.toByteArray();
        assertThat(Arrays.equals(heard, bytes(end.in(), 0, heard.length)))
                .as("bytes of %s as they were written", end.in())
                .isTrue();
        End source = sources.get(end.in());
        int written = source == null ? 0 : source.written;
        assertThat(heard.length).isLessThanOrEqualTo(written);
        if (end.ear.ended) {
            assertThat(heard.length).as("bytes before the end of %s", end.in()).isEqualTo(written);
        } else {
            assertThat(end.reset || end.ear.reset)
                    .as("%s without an end was reset", end.in())
                    .isTrue();
        }
    }

    /** The sums that limits are held against are those of the streams. */
    private void checkBooks() {
        for (boolean client : new boolean[] {true, false}) {
            List<YamuxStream> streams = ends.stream()
                    .filter(end -> end.client == client)
                    .map(end -> end.ear.stream)
                    .toList();
            long opened = streams.stream().filter(s -> s.own() && !s.forgotten).count();
            long unacknowledged = streams.stream()
                    .filter(s -> s.own() && !s.gone && !s.acknowledged && !s.waiting)
                    .count();
            long queued = streams.stream().mapToLong(s -> s.queued).sum();
            long cost = streams.stream().mapToLong(s -> s.cost).sum();
            long growth = streams.stream()
                    .filter(s -> !s.forgotten)
                    .mapToLong(s -> s.window - Yamux.INITIAL_WINDOW)
                    .sum();
            assertThat((client ? pair.client : pair.server).yamux.books())
                    .isEqualTo("opened " + opened + ", unacknowledged " + unacknowledged + ", queued " + queued
                            + ", cost " + cost + ", growth " + growth);
        }
    }

    private static byte[] bytes(Way way, int from, int n) {
        byte[] bytes = new byte[n];
        int salt = way.id() * 7 + (way.fromClient() ? 1 : 0);
        for (int i = 0; i < n; i++) {
            int at = from + i;
            bytes[i] = (byte) (salt + at * 13 + at / 257);
        }
        return bytes;
    }
}
