package io.culvert.agent.goproxy;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.culvert.gateway.BridgeSpec;
import io.culvert.gateway.OpenTunnel;
import java.io.IOException;
import java.io.InputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** TCP through a stock client that runs with {@code -c}. */
@Timeout(60)
class StockSnappyTest {
    @TempDir
    Path directory;

    private StockWorld world;
    private ServerSocket target;
    private OpenTunnel tunnel;

    @BeforeEach
    void open() throws IOException {
        world = new StockWorld(directory);
        target = world.target();
        tunnel = world.open(1, new BridgeSpec(0, false, true), StockWorld.tcp(target.getLocalPort()));
    }

    @AfterEach
    void close() throws IOException {
        world.close();
    }

    private GoproxyDouble client() {
        return world.client(
                1,
                GoproxyDouble.start(
                        StockWorld.bare(tunnel.bridgePort()), "default", 1, true, GoproxyDouble.STOCK_REDIAL),
                1);
    }

    private static byte[] text(int length, int seed) {
        Random random = new Random(seed);
        StringBuilder text = new StringBuilder(length + 16);
        while (text.length() < length) {
            text.append("word").append(random.nextInt(5_000)).append(random.nextInt(40) == 0 ? '\n' : ' ');
        }
        return text.substring(0, length).getBytes(US_ASCII);
    }

    @Test
    void twentyMegabytesOfTextEachWay() throws Exception {
        client();
        Socket visitor = world.visit(tunnel.ports().get(0));
        Socket inner = target.accept();
        byte[] question = text(20 << 20, 1);
        byte[] answer = text(20 << 20, 2);
        Future<?> asking = world.threads.submit(() -> {
            visitor.getOutputStream().write(question);
            return null;
        });
        Future<?> answering = world.threads.submit(() -> {
            inner.getOutputStream().write(answer);
            return null;
        });
        Future<byte[]> heard = world.threads.submit(() -> inner.getInputStream().readNBytes(question.length));
        assertThat(Arrays.mismatch(visitor.getInputStream().readNBytes(answer.length), answer))
                .isEqualTo(-1);
        assertThat(Arrays.mismatch(heard.get(), question)).isEqualTo(-1);
        asking.get();
        answering.get();
        inner.close();
        assertThat(visitor.getInputStream().read()).isEqualTo(-1);
    }

    /** Bytes that pack a thousand to forty-seven, for a visitor that is slow: they wait packed, and arrive in the end. */
    @Test
    void whatPacksWellWaitsPackedForASlowVisitor() throws Exception {
        client();
        Socket visitor = world.visit(tunnel.ports().get(0));
        Socket inner = target.accept();
        int total = 60_000_000;
        Future<?> writer = world.threads.submit(() -> {
            inner.getOutputStream().write(new byte[total]);
            inner.close();
            return null;
        });
        // Without a bound some 5 MB, a whole window unpacked, would be read ahead; what the kernel holds comes on top.
        await().during(Duration.ofMillis(500))
                .until(() -> world.status(1).counts().bytesOut() > 100_000);
        InputStream in = visitor.getInputStream();
        byte[] buffer = new byte[65_536];
        int heard = 0;
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
            assertThat(Arrays.mismatch(buffer, 0, n, new byte[n], 0, n)).isEqualTo(-1);
            heard += n;
        }
        assertThat(heard).isEqualTo(total);
        writer.get();
        assertThat(world.status(1).counts().bytesOut()).isEqualTo(total);
    }

    @Test
    void eachSmallWriteArrivesWithoutWaitingForMore() throws Exception {
        client();
        Socket visitor = world.visit(tunnel.ports().get(0));
        Socket inner = target.accept();
        for (int i = 0; i < 100; i++) {
            visitor.getOutputStream().write(i);
            assertThat(inner.getInputStream().read()).isEqualTo(i);
            inner.getOutputStream().write(i + 100);
            assertThat(visitor.getInputStream().read()).isEqualTo(i + 100);
        }
    }

    @Test
    void whatIsNotSnappyResetsItsVisitorOnly() throws Exception {
        byte[] identifier = {(byte) 0xff, 6, 0, 0, 's', 'N', 'a', 'P', 'p', 'Y'};
        byte[][] broken = {
            "SSH-2.0-plain".getBytes(US_ASCII),
            // A wrong sum.
            Prefaces.joined(identifier, new byte[] {1, 5, 0, 0, 1, 2, 3, 4, 'x'}),
            // A chunk of 16 MB.
            Prefaces.joined(identifier, new byte[] {0, (byte) 0xff, (byte) 0xff, (byte) 0xff, 1, 2, 3}),
            // A chunk of a kind that may not be skipped.
            Prefaces.joined(identifier, new byte[] {2, 4, 0, 0, 1, 2, 3, 4}),
            // Packed bytes that point before their own beginning.
            Prefaces.joined(identifier, new byte[] {0, 9, 0, 0, 1, 2, 3, 4, 10, 9, 9, 9, 9})
        };
        AtomicReference<Optional<byte[]>> bad = new AtomicReference<>(Optional.empty());
        MiniMux session = new MiniMux(
                StockWorld.bare(tunnel.bridgePort()).connect(),
                Prefaces.client("odd-1"),
                world.threads,
                stream -> answer(stream, Objects.requireNonNull(bad.get())));
        world.keep(session::close);
        world.awaitSessions(1, 1);
        for (int i = 0; i < broken.length; i++) {
            bad.set(Optional.of(broken[i]));
            assertThat(fate()).as("number %d", i).isEqualTo("reset");
        }
        bad.set(Optional.empty());
        assertThat(fate()).isEqualTo("hi and an end");
        assertThat(world.status(1).sessions()).isEqualTo(1);
        assertThat(session.over()).isNotDone();
    }

    /** An end within a chunk: something is missing, and the visitor must not take it for the whole. */
    @Test
    void anEndWithinAChunkIsAReset() throws Exception {
        byte[] whole;
        try (Snappy packer = Snappy.packer()) {
            whole = packer.pack("hello".getBytes(US_ASCII));
        }
        MiniMux session = new MiniMux(
                StockWorld.bare(tunnel.bridgePort()).connect(), Prefaces.client("odd-1"), world.threads, stream -> {
                    try {
                        stream.write(Arrays.copyOf(whole, whole.length - 1));
                        stream.finish();
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                });
        world.keep(session::close);
        world.awaitSessions(1, 1);
        assertThat(fate()).isEqualTo("reset");
    }

    /** A good answer, or a bad one: visitors hear it, and so does the server, which looks after a target that has broken a visitor off. */
    private static void answer(MiniStream stream, Optional<byte[]> bad) {
        try (Snappy packer = Snappy.packer()) {
            stream.write(bad.isPresent() ? bad.get() : packer.pack("hi".getBytes(US_ASCII)));
            if (bad.isEmpty()) {
                stream.finish();
            }
        } catch (IOException e) {
            // Reset while it was written to.
        }
    }

    /** What a visitor meets; its reset may be faster than the handshake that it follows. */
    private String fate() throws IOException {
        try {
            return new String(
                            world.visit(tunnel.ports().get(0)).getInputStream().readAllBytes(), US_ASCII)
                    + " and an end";
        } catch (SocketException e) {
            return "reset";
        }
    }
}
