package io.culvert.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import io.culvert.gateway.Counts;
import io.culvert.gateway.ExposeSpec;
import io.culvert.gateway.LiveConnection;
import io.culvert.gateway.Policies;
import io.culvert.gateway.Policy;
import io.culvert.gateway.Protocol;
import io.culvert.gateway.ProxyHeader;
import io.culvert.gateway.Rates;
import io.culvert.gateway.Target;
import io.culvert.gateway.TunnelSpec;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Policies and counts of flows of datagrams. */
@Timeout(60)
class UdpPolicyTest {
    @TempDir
    Path directory;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private World world;
    private DatagramSocket target;
    private int port;

    @BeforeEach
    void open() throws IOException {
        world = new World(directory);
        target = socket();
        port = World.got(world.gateway.open(new TunnelSpec(
                        1, List.of(new ExposeSpec(Protocol.UDP, 0, new Target("127.0.0.1", target.getLocalPort()))))))
                .ports()
                .get(0);
        world.agent(1);
    }

    @AfterEach
    void close() throws IOException {
        world.close();
        threads.shutdownNow();
    }

    private DatagramSocket socket() throws IOException {
        DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        world.keep(socket::close);
        socket.setSoTimeout(10_000);
        return socket;
    }

    private void say(DatagramSocket visitor, int size) throws IOException {
        visitor.send(new DatagramPacket(new byte[size], size, InetAddress.getLoopbackAddress(), port));
    }

    private static DatagramPacket hear(DatagramSocket at) throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[65_535], 65_535);
        at.receive(packet);
        return packet;
    }

    private void assertServed(DatagramSocket visitor) throws IOException {
        say(visitor, 3);
        DatagramPacket there = hear(target);
        assertThat(there.getLength()).isEqualTo(3);
        target.send(new DatagramPacket(new byte[5], 5, there.getSocketAddress()));
        assertThat(hear(visitor).getLength()).isEqualTo(5);
    }

    private long dropped() {
        return world.status(1).counts().datagramsDropped();
    }

    @Test
    void flowsAreCountedAndShown() throws Exception {
        DatagramSocket visitor = socket();
        assertServed(visitor);
        assertServed(visitor);
        assertServed(socket());
        assertThat(world.status(1).visitors()).isEqualTo(2);
        assertThat(world.status(1).counts()).isEqualTo(new Counts(9, 15, 2, 0, 0));
        LiveConnection flow = World.got(world.gateway.connections(1)).get(0);
        assertThat(flow.protocol()).isEqualTo(Protocol.UDP);
        assertThat(flow.visitor()).isEqualTo("127.0.0.1:" + visitor.getLocalPort());
        assertThat(flow.bytesIn()).isEqualTo(6);
        assertThat(flow.bytesOut()).isEqualTo(10);
        assertThat(World.got(world.gateway.cut(1, flow.id()))).isTrue();
        await().untilAsserted(() -> assertThat(world.status(1).visitors()).isEqualTo(1));
        // Its next datagram begins another.
        assertServed(visitor);
        assertThat(world.status(1).counts().connections()).isEqualTo(3);
    }

    @Test
    void whoIsNotWelcomeIsNotCarriedNorIsWhoWas() throws Exception {
        DatagramSocket visitor = socket();
        assertServed(visitor);
        world.police(1, Rule.deny("127.0.0.1"));
        await().untilAsserted(() -> assertThat(world.status(1).visitors()).isZero());
        say(visitor, 9);
        await().untilAsserted(() -> assertThat(dropped()).isEqualTo(1));
        await().untilAsserted(() -> assertThat(world.hits(Policy.ADDRESS)).isEqualTo(2));
        world.police(1, Policies.NONE);
        assertServed(visitor);
    }

    @Test
    void noMoreFlowsThanAllowed() throws Exception {
        world.police(1, Rule.connections(1, 0, 0));
        DatagramSocket first = socket();
        assertServed(first);
        say(socket(), 1);
        await().untilAsserted(() -> assertThat(dropped()).isEqualTo(1));
        assertThat(world.hits(Policy.CONNECTIONS)).isEqualTo(1);
        assertServed(first);
    }

    @Test
    void aPauseLetsNoNewFlowBegin() throws Exception {
        DatagramSocket first = socket();
        assertServed(first);
        var empty = world.gateway.pause(1, false).toCompletableFuture();
        await().until(() -> {
            say(socket(), 1);
            return dropped() > 0;
        });
        assertServed(first);
        assertThat(empty).isNotDone();
        World.got(world.gateway.pause(1, true));
        World.got(empty);
    }

    @Test
    void datagramsAboveTheRateAreDroppedAndCounted() throws Exception {
        AtomicLong heard = new AtomicLong();
        threads.submit(() -> {
            while (true) {
                heard.addAndGet(hear(target).getLength());
            }
        });
        for (boolean shared : new boolean[] {true, false}) {
            Rates rates = new Rates(400_000, 0);
            world.police(1, Rule.rates(shared ? rates : Rates.UNBOUNDED, shared ? Rates.UNBOUNDED : rates));
            DatagramSocket visitor = socket();
            long before = dropped();
            long heardBefore = heard.get();
            long began = System.nanoTime();
            // About four times of what may pass, in small portions so that nothing else overflows.
            await().pollInterval(Duration.ofMillis(5))
                    .during(Duration.ofSeconds(3))
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> {
                        for (int i = 0; i < 10; i++) {
                            say(visitor, 1000);
                        }
                        return true;
                    });
            double seconds = (System.nanoTime() - began) * 1e-9;
            assertThat((heard.get() - heardBefore) / seconds / 400_000)
                    .as("got of what was asked, shared %s", shared)
                    .isCloseTo(1, within(0.05));
            assertThat(dropped()).isGreaterThan(before + 100);
        }
    }

    @Test
    void theVolumeIsNeverPassedAndDatagramsStayWhole() throws Exception {
        world.police(1, Rule.volume(2_500));
        DatagramSocket visitor = socket();
        say(visitor, 1000);
        assertThat(hear(target).getLength()).isEqualTo(1000);
        say(visitor, 1000);
        assertThat(hear(target).getLength()).isEqualTo(1000);
        // Does not fit any more; a smaller one does.
        say(visitor, 1000);
        await().untilAsserted(() -> assertThat(dropped()).isEqualTo(1));
        say(visitor, 500);
        assertThat(hear(target).getLength()).isEqualTo(500);
        await().untilAsserted(() -> assertThat(world.status(1).visitors()).isZero());
        assertThat(world.hits(Policy.VOLUME)).isEqualTo(1);
        assertThat(world.status(1).counts().bytesIn()).isEqualTo(2_500);
        say(visitor, 1);
        await().untilAsserted(() -> assertThat(dropped()).isEqualTo(2));
        world.police(1, Rule.volume(3_000));
        assertServed(visitor);
    }

    @Test
    void noFlowLastsLongerThanAllowed() throws Exception {
        world.police(1, Rule.times(Duration.ofMillis(1), Duration.ofSeconds(1)));
        long began = System.nanoTime();
        assertServed(socket());
        await().untilAsserted(() -> assertThat(world.status(1).visitors()).isZero());
        assertThat(Duration.ofNanos(System.nanoTime() - began))
                .isBetween(Duration.ofMillis(950), Duration.ofMillis(1900));
        assertThat(world.hits(Policy.LONGEST)).isEqualTo(1);
    }

    @Test
    void theFirstDatagramSaysWhoItsVisitorIs() throws Exception {
        world.police(1, Rule.header(ProxyHeader.V1));
        DatagramSocket visitor = socket();
        // With its header it would be too long: dropped, and the next one is the first.
        say(visitor, 65_507 - 27);
        await().untilAsserted(() -> assertThat(dropped()).isEqualTo(1));
        say(visitor, 4);
        DatagramPacket first = hear(target);
        int from = visitor.getLocalPort();
        assertThat(Arrays.copyOf(first.getData(), first.getLength()))
                .containsExactly(
                        0x0D,
                        0x0A,
                        0x0D,
                        0x0A,
                        0x00,
                        0x0D,
                        0x0A,
                        0x51,
                        0x55,
                        0x49,
                        0x54,
                        0x0A,
                        0x21,
                        0x12,
                        0,
                        12,
                        127,
                        0,
                        0,
                        1,
                        127,
                        0,
                        0,
                        1,
                        from >> 8,
                        from & 0xFF,
                        port >> 8,
                        port & 0xFF,
                        0,
                        0,
                        0,
                        0);
        say(visitor, 4);
        assertThat(hear(target).getLength()).isEqualTo(4);
        assertThat(world.status(1).counts().bytesIn()).isEqualTo(8);
        DatagramSocket other = socket();
        say(other, 65_507 - 28);
        assertThat(hear(target).getLength()).isEqualTo(65_507);
    }

    @Test
    void anExposeOfDatagramsMovesToo() throws Exception {
        DatagramSocket visitor = socket();
        assertServed(visitor);
        int old = port;
        port = World.got(world.gateway.move(1, 0, 0));
        assertThat(port).isNotEqualTo(old);
        assertServed(visitor);
        port = old;
        target.setSoTimeout(300);
        say(visitor, 1);
        try {
            hear(target);
            throw new AssertionError("the old port still carries");
        } catch (SocketTimeoutException nothing) {
            assertThat(world.status(1).visitors()).isEqualTo(1);
        }
    }
}
