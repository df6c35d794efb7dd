package io.culvert.agent;

import static io.culvert.agent.World.assertEcho;
import static io.culvert.agent.World.only;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.culvert.gateway.ExposeSpec;
import io.culvert.gateway.Protocol;
import io.culvert.gateway.Target;
import io.culvert.gateway.TunnelSpec;
import java.io.IOException;
import java.net.BindException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Which targets an agent dials, and what a visitor sees of those that it does not reach. */
@Timeout(60)
class AllowListTest {
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

    private void agent(String... allowed) {
        world.agent(1, world.hasty(1).allowing(only(allowed)), new CopyOnWriteArrayList<>());
    }

    @Test
    void chisel_what_is_not_allowed_is_reset_at_each_stream() throws Exception {
        int allowed = world.echo();
        ServerSocket forbidden = world.target();
        List<Integer> ports =
                world.tunnel(1, new Target("127.0.0.1", allowed), new Target("127.0.0.1", forbidden.getLocalPort()));
        agent("127.0.0.1:" + allowed);
        for (int i = 0; i < 3; i++) {
            assertEcho(world.visit(ports.get(0)));
            world.assertTurnedAway(ports.get(1));
        }
        forbidden.setSoTimeout(1);
        assertThatThrownBy(forbidden::accept).isInstanceOf(SocketTimeoutException.class);
    }

    /** A hostile server may ask for anything: a target by UDP is judged as one by TCP is, and so is one that is only to be tried. */
    @Test
    void datagramsAndProbesAreHeldToItToo() throws Exception {
        try (DatagramSocket allowed = new DatagramSocket(0, InetAddress.getLoopbackAddress());
                DatagramSocket forbidden = new DatagramSocket(0, InetAddress.getLoopbackAddress());
                DatagramSocket visitor = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            List<Integer> ports = World.got(world.gateway.open(new TunnelSpec(
                            1,
                            List.of(
                                    new ExposeSpec(Protocol.UDP, 0, new Target("127.0.0.1", allowed.getLocalPort())),
                                    new ExposeSpec(
                                            Protocol.UDP, 0, new Target("127.0.0.1", forbidden.getLocalPort()))))))
                    .ports();
            agent("127.0.0.1:" + allowed.getLocalPort());
            allowed.setSoTimeout(10_000);
            forbidden.setSoTimeout(300);
            for (int port : List.of(ports.get(1), ports.get(0))) {
                visitor.send(new DatagramPacket(new byte[3], 3, InetAddress.getLoopbackAddress(), port));
            }
            allowed.receive(new DatagramPacket(new byte[10], 10));
            assertThatThrownBy(() -> forbidden.receive(new DatagramPacket(new byte[10], 10)))
                    .isInstanceOf(SocketTimeoutException.class);
            assertThat(World.got(world.gateway.probe(1, 1)).get(2).text()).startsWith("not allowed");
            assertThat(World.got(world.gateway.probe(1, 0)).get(2).text()).isEqualTo("ok");
        }
    }

    /** The list is of what the server says, not of where that leads: a name is not allowed because its address is. */
    @Test
    void anotherSpellingOfAnAllowedTargetIsAnotherTarget() throws Exception {
        int target = world.echo();
        List<Integer> ports = world.tunnel(
                1,
                new Target("localhost", target),
                new Target("LocalHost", target),
                new Target("127.0.0.1", target),
                new Target("127.1", target),
                new Target("::ffff:127.0.0.1", target));
        agent("localhost:" + target);
        assertEcho(world.visit(ports.get(0)));
        assertEcho(world.visit(ports.get(1)));
        world.assertTurnedAway(ports.get(2));
        world.assertTurnedAway(ports.get(3));
        world.assertTurnedAway(ports.get(4));
    }

    @Test
    void namesAreLookedUpOffTheLoop() throws Exception {
        int port = world.tunnel(1, new Target("localhost", world.echo())).get(0);
        agent();
        assertEcho(world.visit(port));
        assertThat(Thread.getAllStackTraces().keySet())
                .anyMatch(thread -> thread.getName().startsWith("culvert-agent-lookup"));
    }

    @Test
    void aNameThatLeadsNowhereIsSeenAsAReset() throws Exception {
        int target = world.echo();
        List<Integer> ports = world.tunnel(1, new Target("no-such-host.invalid", 80), new Target("127.0.0.1", target));
        agent();
        CompletableFuture<Void> lost = CompletableFuture.runAsync(() -> world.assertTurnedAway(ports.get(0)));
        // Whoever looks a name up keeps nobody else waiting.
        assertEcho(world.visit(ports.get(1)));
        lost.join();
    }

    @Test
    void reachesAnAddressOfVersion6() throws Exception {
        ServerSocket six = new ServerSocket();
        world.keep(six::close);
        try {
            six.bind(new InetSocketAddress(
                    InetAddress.getByAddress(new byte[] {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}), 0));
        } catch (BindException e) {
            assumeTrue(false, "this machine has no IPv6 on loopback");
        }
        int port = world.tunnel(1, new Target("::1", six.getLocalPort())).get(0);
        agent("[::1]:" + six.getLocalPort());
        Socket visitor = world.visit(port);
        try (Socket inner = six.accept()) {
            inner.getOutputStream().write(6);
            assertThat(visitor.getInputStream().read()).isEqualTo(6);
        }
    }

    /** Its queue is full, so that the kernel drops further handshakes: the nearest that loopback comes to a host that is off. */
    @Test
    void aTargetThatDoesNotAnswerIsSeenAsAResetAfterTheDialTimeout() throws Exception {
        ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        world.keep(full::close);
        fill(full);
        int port = world.tunnel(1, full.getLocalPort());
        agent();
        long began = System.nanoTime();
        world.assertTurnedAway(port);
        assertThat(Duration.ofNanos(System.nanoTime() - began))
                .isBetween(Duration.ofMillis(900), Duration.ofSeconds(5));
    }

    private void fill(ServerSocket server) throws IOException {
        for (int i = 0; i < 100; i++) {
            Socket socket = new Socket();
            world.keep(socket::close);
            try {
                socket.connect(server.getLocalSocketAddress(), 300);
            } catch (SocketTimeoutException e) {
                return;
            }
        }
        throw new IllegalStateException("a queue of 1 took 100 connections");
    }
}
