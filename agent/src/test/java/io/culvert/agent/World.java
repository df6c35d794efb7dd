package io.culvert.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.culvert.gateway.Admission;
import io.culvert.gateway.AgentDoor;
import io.culvert.gateway.Counts;
import io.culvert.gateway.ExposeSpec;
import io.culvert.gateway.GatewayEvents;
import io.culvert.gateway.LiveStatus;
import io.culvert.gateway.OpenTunnel;
import io.culvert.gateway.Policies;
import io.culvert.gateway.Policy;
import io.culvert.gateway.PortRange;
import io.culvert.gateway.Target;
import io.culvert.gateway.TunnelSpec;
import io.culvert.gateway.engine.Gateway;
import io.culvert.gateway.engine.GatewaySettings;
import io.culvert.gateway.identity.ServerIdentity;
import io.culvert.link.agent.JoinToken;
import io.culvert.link.net.Liveness;
import io.culvert.link.net.Transport;
import java.io.IOException;
import java.io.InputStream;
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
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/** A gateway that admits who knows the secret, agents, and targets, all on loopback: a whole world in three lines. */
final class World implements AutoCloseable {
    static final byte[] SECRET = new byte[32];

    final Gateway gateway;
    private final Transport transport;
    /** How often a hello got as far as its secret. */
    final AtomicInteger asked = new AtomicInteger();

    final List<String> log = new CopyOnWriteArrayList<>();
    final List<Hit> hits = new CopyOnWriteArrayList<>();
    private final List<Closing> open = new ArrayList<>();

    World(Path directory) throws IOException {
        this(directory, Liveness.DEFAULT, Duration.ofSeconds(10), Transport.best());
    }

    World(Path directory, Liveness liveness, Duration helloDeadline, Transport transport) throws IOException {
        this(directory, settings(liveness, helloDeadline, transport));
    }

    World(Path directory, GatewaySettings settings) throws IOException {
        this.transport = settings.transport();
        ServerIdentity identity = ServerIdentity.loadOrCreate(directory, InstantSource.system(), new SecureRandom());
        gateway = Gateway.start(settings, identity);
        gateway.serve(
                (id, secret) -> {
                    asked.incrementAndGet();
                    return CompletableFuture.completedFuture(
                            Arrays.equals(secret, SECRET)
                                    ? new Admission.Admitted(id)
                                    : new Admission.Refused(false, "no living tunnel takes this token"));
                },
                new Events());
    }

    /** One whose agents are let in by somebody else. */
    World(Path directory, AgentDoor door) throws IOException {
        GatewaySettings settings = settings(Liveness.DEFAULT, Duration.ofSeconds(10), Transport.best());
        this.transport = settings.transport();
        ServerIdentity identity = ServerIdentity.loadOrCreate(directory, InstantSource.system(), new SecureRandom());
        gateway = Gateway.start(settings, identity);
        gateway.serve(door, new Events());
    }

    static GatewaySettings settings(Liveness liveness, Duration helloDeadline, Transport transport) {
        return new GatewaySettings(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                InetAddress.getLoopbackAddress(),
                PortRange.ANY,
                transport,
                2,
                helloDeadline,
                64,
                liveness);
    }

    /** The same on another bridge port. */
    static GatewaySettings on(int bridgePort, GatewaySettings settings) {
        return new GatewaySettings(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), bridgePort),
                settings.exposeHost(),
                settings.ports(),
                settings.transport(),
                settings.loops(),
                settings.helloDeadline(),
                settings.strangers(),
                settings.liveness());
    }

    /** The same with room for another number of connections that have not said hello. */
    static GatewaySettings strangers(int strangers, GatewaySettings settings) {
        return new GatewaySettings(
                settings.bridge(),
                settings.exposeHost(),
                settings.ports(),
                settings.transport(),
                settings.loops(),
                settings.helloDeadline(),
                strangers,
                settings.liveness());
    }

    /** Opens a tunnel to a target on loopback; answers the public port. */
    int tunnel(long id, int targetPort) {
        return tunnel(id, new Target("127.0.0.1", targetPort)).get(0);
    }

    /** Opens a tunnel with an expose for each target; answers the public ports. */
    List<Integer> tunnel(long id, Target... targets) {
        List<ExposeSpec> exposes =
                Arrays.stream(targets).map(target -> new ExposeSpec(0, target)).toList();
        OpenTunnel tunnel =
                gateway.open(new TunnelSpec(id, exposes)).toCompletableFuture().join();
        return tunnel.ports();
    }

    JoinToken token(long id) {
        return JoinToken.parse(gateway.joinToken(id, SECRET));
    }

    AgentSettings settings(long id) {
        return AgentSettings.of(new Address("127.0.0.1", gateway.bridgePort()), token(id))
                .over(transport);
    }

    /** Settings of an agent that comes back fast, and gives up on a target after a second. */
    AgentSettings hasty(long id, int bridgePort) {
        return new AgentSettings(
                new Address("127.0.0.1", bridgePort),
                token(id),
                Set.of(),
                1,
                Duration.ofSeconds(1),
                Duration.ofMillis(20),
                Duration.ofMillis(100),
                transport);
    }

    AgentSettings hasty(long id) {
        return hasty(id, gateway.bridgePort());
    }

    int sessions(long id) {
        return gateway.status(id).orElseThrow().sessions();
    }

    /** Starts an agent and waits until the tunnel has one session more. */
    Agent agent(long id) {
        return agent(id, settings(id), new CopyOnWriteArrayList<>());
    }

    Agent agent(long id, AgentSettings settings, List<String> heard) {
        Agent agent = Agent.start(settings, listener(heard));
        keep(agent::close);
        await().untilAsserted(() -> assertThat(heard).anyMatch(line -> line.startsWith("connected")));
        await().until(() -> gateway.status(id).orElseThrow().sessions() >= 1);
        return agent;
    }

    static AgentListener listener(List<String> heard) {
        return new AgentListener() {
            @Override
            public void connected(int session, long epoch) {
                heard.add("connected " + session + " epoch " + epoch);
            }

            @Override
            public void disconnected(int session, String why, Duration retryIn) {
                heard.add("disconnected " + session + ": " + why);
            }

            @Override
            public void ended(AgentEnd end, String why) {
                heard.add("ended " + end + ": " + why);
            }
        };
    }

    /** A server socket on loopback that stays open until the world ends. */
    ServerSocket target() throws IOException {
        ServerSocket target = new ServerSocket(0, 2048, InetAddress.getLoopbackAddress());
        keep(target::close);
        return target;
    }

    /** A target that sends back what it hears, until it hears the end. */
    int echo() throws IOException {
        ServerSocket target = target();
        Thread acceptor = new Thread(() -> {
            while (!target.isClosed()) {
                try {
                    Socket inner = target.accept();
                    keep(inner::close);
                    Thread echo = new Thread(() -> {
                        try (inner) {
                            inner.getInputStream().transferTo(inner.getOutputStream());
                        } catch (IOException e) {
                            // The visitor is gone.
                        }
                    });
                    echo.setDaemon(true);
                    echo.start();
                } catch (IOException e) {
                    // The world ended.
                }
            }
        });
        acceptor.setDaemon(true);
        acceptor.start();
        return target.getLocalPort();
    }

    /** Sends a byte to an echo and hears it again. */
    static void assertEcho(Socket visitor) throws IOException {
        int sent = (int) (System.nanoTime() & 0x7F);
        visitor.getOutputStream().write(sent);
        assertThat(visitor.getInputStream().read()).isEqualTo(sent);
    }

    static void assertReset(Socket socket) {
        assertThatThrownBy(() -> {
                    InputStream in = socket.getInputStream();
                    while (in.read(new byte[65_536]) >= 0) {}
                    throw new IOException("a proper end");
                })
                .isInstanceOf(SocketException.class)
                .hasMessageContaining("reset");
    }

    /** Visits, and is reset: in the middle of connecting, or as soon as it reads. */
    void assertTurnedAway(int port) {
        assertThatThrownBy(() -> {
                    InputStream in = visit(port).getInputStream();
                    while (in.read(new byte[65_536]) >= 0) {}
                    throw new IOException("a proper end");
                })
                .isInstanceOf(SocketException.class)
                .hasMessageContaining("reset");
    }

    Socket visit(int port) throws IOException {
        Socket socket = new Socket();
        keep(socket::close);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 5_000);
        socket.setSoTimeout(20_000);
        return socket;
    }

    /** A report of a policy. */
    record Hit(long tunnelId, Policy policy, String visitor, long times) {}

    /** How often a policy was met with, over all reports so far. */
    long hits(Policy policy) {
        return hits.stream()
                .filter(hit -> hit.policy() == policy)
                .mapToLong(Hit::times)
                .sum();
    }

    LiveStatus status(long id) {
        return gateway.status(id).orElseThrow();
    }

    /** Waits for what the data plane promises. */
    static <T> T got(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(15, TimeUnit.SECONDS).join();
    }

    void police(long id, Policies policies) {
        got(gateway.police(id, policies));
    }

    /** Opens a tunnel with one TCP expose; answers its port. */
    int tunnel(long id, int targetPort, Policies policies, Counts counted) {
        return got(gateway.open(new TunnelSpec(
                        id,
                        List.of(new ExposeSpec(0, new Target("127.0.0.1", targetPort))),
                        Optional.empty(),
                        policies,
                        counted,
                        false)))
                .ports()
                .get(0);
    }

    /** Something to close at the world's end, the last first. */
    interface Closing {
        void close() throws IOException;
    }

    synchronized void keep(Closing closing) {
        open.add(closing);
    }

    static Set<Address> only(String... addresses) {
        return Arrays.stream(addresses).map(Address::parse).collect(Collectors.toSet());
    }

    @Override
    public void close() throws IOException {
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).close();
        }
        gateway.close();
    }

    private final class Events implements GatewayEvents {
        @Override
        public void agentUp(long tunnelId, String agent, int sessions) {
            log.add("up " + tunnelId + " " + sessions);
        }

        @Override
        public void agentReplaced(long tunnelId, String oldAgent, String newAgent) {
            log.add("replaced " + tunnelId);
        }

        @Override
        public void policyHit(long tunnelId, Policy policy, String visitor, long times) {
            hits.add(new Hit(tunnelId, policy, visitor, times));
        }

        @Override
        public void targetFailed(long tunnelId, int expose, String why) {
            log.add("failed " + tunnelId + "/" + expose + ": " + why);
        }

        @Override
        public void targetReached(long tunnelId, int expose) {
            log.add("reached " + tunnelId + "/" + expose);
        }

        @Override
        public void agentDown(long tunnelId, String agent, String why, int sessions) {
            log.add("down " + tunnelId + " " + sessions + ": " + why);
        }
    }
}
