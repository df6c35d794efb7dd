package io.culvert.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.culvert.gateway.Allowance;
import io.culvert.gateway.Counts;
import io.culvert.gateway.EndReason;
import io.culvert.gateway.ExposeSpec;
import io.culvert.gateway.Policies;
import io.culvert.gateway.Policy;
import io.culvert.gateway.ProbeStep.Outcome;
import io.culvert.gateway.Protocol;
import io.culvert.gateway.Target;
import io.culvert.gateway.TunnelSpec;
import java.io.IOException;
import java.io.InputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the tunnels of one project may have together. */
@Timeout(60)
class ProjectShareTest {
    @TempDir
    Path directory;

    private World world;
    private ServerSocket target;
    private ExecutorService threads;

    @BeforeEach
    void open() throws IOException {
        world = new World(directory);
        target = world.target();
        target.setSoTimeout(15_000);
        threads = Executors.newCachedThreadPool();
    }

    @AfterEach
    void close() throws IOException {
        world.close();
        threads.shutdownNow();
    }

    private int tunnel(long id, String project, int targetPort, Policies policies) {
        return World.got(world.gateway.open(spec(id, project, Protocol.TCP, targetPort, policies)))
                .ports()
                .get(0);
    }

    private static TunnelSpec spec(long id, String project, Protocol protocol, int targetPort, Policies policies) {
        return new TunnelSpec(
                id,
                List.of(new ExposeSpec(
                        protocol, 0, new Target("127.0.0.1", targetPort), Optional.empty(), Optional.empty())),
                Optional.empty(),
                policies,
                Counts.ZERO,
                project,
                false);
    }

    private static Allowance connections(int most) {
        return new Allowance(OptionalInt.of(most), OptionalLong.empty());
    }

    private static Allowance bytes(long most) {
        return new Allowance(OptionalInt.empty(), OptionalLong.of(most));
    }

    private void agents(long... ids) {
        for (long id : ids) {
            Agent unused = world.agent(id, world.settings(id).withSessions(2), new CopyOnWriteArrayList<>());
            await().until(() -> world.sessions(id) == 2);
        }
    }

    private Socket accept() throws IOException {
        Socket inner = target.accept();
        world.keep(inner::close);
        return inner;
    }

    @Test
    void connectionsAreCountedOverAllTunnelsOfTheProjectAndNoOther() throws Exception {
        world.gateway.allow("lab", connections(3));
        int echo = world.echo();
        int one = tunnel(1, "lab", echo, Policies.NONE);
        int two = tunnel(2, "lab", echo, Policies.NONE);
        int other = tunnel(3, "yard", echo, Policies.NONE);
        agents(1, 2, 3);
        List<Socket> visitors = new ArrayList<>(List.of(world.visit(one), world.visit(two), world.visit(two)));
        for (Socket visitor : visitors) {
            World.assertEcho(visitor);
        }
        world.assertTurnedAway(one);
        world.assertTurnedAway(two);
        await().untilAsserted(
                        () -> assertThat(world.hits(Policy.PROJECT_CONNECTIONS)).isEqualTo(2));
        World.assertEcho(world.visit(other));

        // One that leaves makes room, in whichever tunnel; a smaller bound cuts nobody.
        visitors.get(1).close();
        await().until(() -> world.status(2).visitors() == 1);
        Socket next = world.visit(one);
        World.assertEcho(next);
        world.gateway.allow("lab", connections(0));
        World.assertEcho(next);
        World.assertEcho(visitors.get(0));
        world.assertTurnedAway(two);
        World.got(world.gateway.close(1, EndReason.REMOVED));
        world.gateway.allow("lab", connections(2));
        World.assertEcho(world.visit(two));
        world.assertTurnedAway(two);
        world.gateway.allow("lab", Allowance.ALL);
        World.assertEcho(world.visit(two));
    }

    @Test
    void manyWhoComeAtOnceToSeveralTunnelsTakeNoPlaceTooMany() throws Exception {
        world.gateway.allow("lab", connections(20));
        int echo = world.echo();
        int[] ports = new int[4];
        for (int i = 0; i < ports.length; i++) {
            ports[i] = tunnel(i + 1, "lab", echo, Policies.NONE);
        }
        agents(1, 2, 3, 4);
        List<Future<Boolean>> came = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            int port = ports[i % ports.length];
            came.add(threads.submit(() -> {
                try {
                    Socket visitor = world.visit(port);
                    visitor.getOutputStream().write(1);
                    return visitor.getInputStream().read() == 1;
                } catch (SocketException e) {
                    return false;
                }
            }));
        }
        int in = 0;
        for (Future<Boolean> each : came) {
            in += each.get() ? 1 : 0;
        }
        assertThat(in).isEqualTo(20);
        await().untilAsserted(
                        () -> assertThat(world.hits(Policy.PROJECT_CONNECTIONS)).isEqualTo(80));
    }

    @Test
    void theBytesStopAtTheByteAcrossTunnelsAndTheirOwnVolumesStayExact() throws Exception {
        long bound = 20_000_003;
        world.gateway.allow("lab", bytes(bound));
        int one = tunnel(1, "lab", target.getLocalPort(), Policies.NONE);
        int two = tunnel(2, "lab", target.getLocalPort(), Rule.volume(1L << 40));
        int other = tunnel(3, "yard", world.echo(), Policies.NONE);
        agents(1, 2, 3);
        Socket elsewhere = world.visit(other);
        List<Future<Long>> received = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Socket visitor = world.visit(i % 2 == 0 ? one : two);
            visitor.getOutputStream().write(0);
            Socket inner = accept();
            assertThat(inner.getInputStream().read()).isZero();
            threads.submit(pouring(visitor));
            threads.submit(pouring(inner));
            received.add(threads.submit(counting(visitor)));
            received.add(threads.submit(counting(inner)));
        }
        long all = 4;
        for (Future<Long> each : received) {
            all += each.get();
        }
        assertThat(all).isEqualTo(bound);
        assertThat(carried(1) + carried(2)).isEqualTo(bound);
        assertThat(world.gateway.carried()).containsEntry("lab", bound);
        World.assertEcho(elsewhere);
        world.assertTurnedAway(one);
        world.assertTurnedAway(two);
        await().untilAsserted(() -> assertThat(world.hits(Policy.PROJECT_BYTES)).isEqualTo(6));
        assertThat(World.got(world.gateway.probe(1, 0)).get(0).outcome()).isEqualTo(Outcome.FAILED);

        // What the project did not grant was not taken off the tunnel's own volume.
        world.police(2, Rule.volume(carried(2) + 1_000));
        world.gateway.allow("lab", bytes(bound + 10));
        Socket more = world.visit(two);
        more.getOutputStream().write(new byte[25]);
        assertThat(counting(accept()).call()).isEqualTo(10);
        World.assertReset(more);
        world.gateway.allow("lab", Allowance.ALL);
        Socket rest = world.visit(two);
        rest.getOutputStream().write(new byte[2_000]);
        assertThat(counting(accept()).call()).isEqualTo(990);
    }

    @Test
    void anAllowanceThatIsSpentAlreadyCutsWhoIsThereAndWasUnbounded() throws Exception {
        int one = tunnel(1, "lab", world.echo(), Policies.NONE);
        agents(1);
        Socket visitor = world.visit(one);
        World.assertEcho(visitor);
        assertThat(world.gateway.carried()).containsEntry("lab", 2L);
        world.gateway.allow("lab", bytes(4));
        World.assertEcho(visitor);
        World.assertReset(visitor);
        world.gateway.allow("lab", bytes(100));
        Socket next = world.visit(one);
        World.assertEcho(next);
        world.gateway.allow("lab", bytes(-5));
        World.assertReset(next);
        world.assertTurnedAway(one);
    }

    @Test
    void datagramsStayWholeAndNeverPassTheBound() throws Exception {
        try (DatagramSocket inner = new DatagramSocket(0, InetAddress.getLoopbackAddress());
                DatagramSocket visitor = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            inner.setSoTimeout(10_000);
            world.gateway.allow("lab", bytes(2_500));
            int port = World.got(world.gateway.open(spec(1, "lab", Protocol.UDP, inner.getLocalPort(), Policies.NONE)))
                    .ports()
                    .get(0);
            agents(1);
            InetSocketAddress to = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
            for (int i = 0; i < 3; i++) {
                visitor.send(new DatagramPacket(new byte[1_000], 1_000, to));
            }
            visitor.send(new DatagramPacket(new byte[500], 500, to));
            int heard = 0;
            for (int i = 0; i < 3; i++) {
                DatagramPacket packet = new DatagramPacket(new byte[2_000], 2_000);
                inner.receive(packet);
                heard += packet.getLength();
            }
            assertThat(heard).isEqualTo(2_500);
            assertThat(world.gateway.carried()).containsEntry("lab", 2_500L);
            await().until(() -> world.status(1).visitors() == 0);
        }
    }

    private long carried(long id) {
        Counts counts = world.status(id).counts();
        return counts.bytesIn() + counts.bytesOut();
    }

    private static Callable<Void> pouring(Socket socket) {
        return () -> {
            byte[] block = new byte[50_000];
            while (true) {
                socket.getOutputStream().write(block);
            }
        };
    }

    /** Reads until the connection breaks off. */
    private static Callable<Long> counting(Socket socket) {
        return () -> {
            long n = 0;
            byte[] block = new byte[65_536];
            try {
                InputStream in = socket.getInputStream();
                for (int read = in.read(block); read >= 0; read = in.read(block)) {
                    n += read;
                }
            } catch (SocketException reset) {
                // As expected.
            }
            return n;
        };
    }
}
