package io.culvert.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.culvert.gateway.ExposeSpec;
import io.culvert.gateway.Protocol;
import io.culvert.gateway.Target;
import io.culvert.gateway.TunnelSpec;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Datagrams through Culvert's own agent. Empty ones are not carried: Netty sends none. */
@Timeout(60)
class UdpTest {
    /** As many small ones as the smallest buffers that a kernel gives a target's socket hold. */
    private static final int BURST = 200;

    @TempDir
    Path directory;

    private static int expose(World world, int targetPort) {
        return world.gateway
                .open(new TunnelSpec(1, List.of(new ExposeSpec(Protocol.UDP, 0, new Target("127.0.0.1", targetPort)))))
                .toCompletableFuture()
                .join()
                .ports()
                .get(0);
    }

    private static DatagramSocket socket(World world) throws IOException {
        DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        world.keep(socket::close);
        socket.setSoTimeout(10_000);
        return socket;
    }

    private static void send(DatagramSocket from, byte[] body, int port) throws IOException {
        from.send(new DatagramPacket(body, body.length, InetAddress.getLoopbackAddress(), port));
    }

    private static DatagramPacket receive(DatagramSocket at) throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[65_535], 65_535);
        at.receive(packet);
        return packet;
    }

    private static byte[] body(DatagramPacket packet) {
        return Arrays.copyOf(packet.getData(), packet.getLength());
    }

    @Test
    void boundariesAreKeptUpToTheLargestDatagram() throws Exception {
        try (World world = new World(directory)) {
            DatagramSocket target = socket(world);
            int port = expose(world, target.getLocalPort());
            world.agent(1);
            DatagramSocket visitor = socket(world);
            for (int size : new int[] {1, 8, 1400, 2048, 9000, 65_507}) {
                byte[] sent = new byte[size];
                new Random(size).nextBytes(sent);
                send(visitor, sent, port);
                DatagramPacket there = receive(target);
                assertThat(Arrays.mismatch(body(there), sent))
                        .as("to the target, %s bytes", size)
                        .isEqualTo(-1);
                target.send(new DatagramPacket(sent, sent.length, there.getSocketAddress()));
                assertThat(Arrays.mismatch(body(receive(visitor)), sent))
                        .as("back, %s bytes", size)
                        .isEqualTo(-1);
            }
        }
    }

    @Test
    void eachVisitorHasAFlowOfItsOwn() throws Exception {
        try (World world = new World(directory)) {
            DatagramSocket target = socket(world);
            int port = expose(world, target.getLocalPort());
            world.agent(1);
            for (int i = 0; i < 20; i++) {
                DatagramSocket visitor = socket(world);
                send(visitor, new byte[] {(byte) i}, port);
                DatagramPacket there = receive(target);
                target.send(new DatagramPacket(new byte[] {(byte) (i + 100)}, 1, there.getSocketAddress()));
                assertThat(body(receive(visitor))).containsExactly(i + 100);
            }
            assertThat(world.gateway.status(1).orElseThrow().counts().bytesIn()).isEqualTo(20);
            assertThat(world.gateway.status(1).orElseThrow().counts().bytesOut())
                    .isEqualTo(20);
        }
    }

    /** More at once than a stream's queue has for a source that can rest. */
    @Test
    void aBurstIsKept() throws Exception {
        try (World world = new World(directory)) {
            DatagramSocket target = socket(world);
            int port = expose(world, target.getLocalPort());
            world.agent(1);
            DatagramSocket visitor = socket(world);
            for (int i = 0; i < BURST; i++) {
                send(visitor, new byte[] {(byte) i}, port);
            }
            for (int i = 0; i < BURST; i++) {
                assertThat(body(receive(target))).containsExactly((byte) i);
            }
            assertThat(world.gateway.status(1).orElseThrow().counts().datagramsDropped())
                    .isZero();
        }
    }

    @Test
    void withoutAnAgentDatagramsAreDroppedAndCounted() throws Exception {
        try (World world = new World(directory)) {
            int port = expose(world, 9);
            send(socket(world), new byte[10], port);
            await().until(() -> world.gateway.status(1).orElseThrow().counts().datagramsDropped() == 1);
        }
    }
}
