package io.culvert.agent;

import static io.culvert.agent.World.assertEcho;
import static io.culvert.agent.World.assertReset;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.culvert.gateway.EndReason;
import io.culvert.gateway.identity.ServerIdentity;
import io.culvert.link.agent.JoinToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** When an agent comes back, and when it never does. */
@Timeout(60)
class ComebackTest {
    private final List<String> heard = new CopyOnWriteArrayList<>();

    @TempDir
    Path directory;

    @TempDir
    Path elsewhere;

    private World world;
    private int target;
    private int port;

    @BeforeEach
    void open() throws IOException {
        world = new World(directory);
        target = world.echo();
        port = world.tunnel(1, target);
    }

    @AfterEach
    void close() throws IOException {
        world.close();
    }

    @Test
    void aRestartedServerHasItsAgentBackByItself() throws Exception {
        try (Wire wire = new Wire(world.gateway.bridgePort());
                Agent agent = world.agent(1, world.hasty(1, wire.port()), heard)) {
            Socket visitor = world.visit(port);
            assertEcho(visitor);

            world.gateway.close();
            assertReset(visitor);
            await().untilAsserted(() -> assertThat(heard).contains("disconnected 0: the server stops"));
            try (World restarted = new World(directory)) {
                // Agents come in before their tunnel's ports are open again, and are told to try later.
                wire.leadTo(restarted.gateway.bridgePort());
                await().untilAsserted(() ->
                        assertThat(heard).contains("disconnected 0: the tunnel's ports are not open at the moment"));
                int again = restarted.tunnel(1, target);
                await().until(() -> restarted.sessions(1) == 1);
                assertEcho(restarted.visit(again));
            }
            assertThat(agent).isNotNull();
            assertThat(heard).noneMatch(line -> line.startsWith("ended"));
        }
    }

    @Test
    void aServerThatFailsToOpenATunnelSendsItsAgentAwayForNow() throws Exception {
        world.agent(1, world.hasty(1), heard);
        world.gateway.close(1, EndReason.SHUTDOWN).toCompletableFuture().get(5, TimeUnit.SECONDS);
        await().untilAsserted(() ->
                assertThat(heard).contains("disconnected 0: the tunnel's ports are not open at the moment"));
        int again = world.tunnel(1, target);
        await().until(() -> world.sessions(1) == 1);
        assertEcho(world.visit(again));
    }

    /** The other server sees the TLS handshake fail, and not one byte of what would have come behind it. */
    @Test
    void frp_another_servers_identity_never_hears_the_secret() throws Exception {
        List<Duration> waits = new CopyOnWriteArrayList<>();
        List<String> failures = new CopyOnWriteArrayList<>();
        ByteArrayOutputStream told = new ByteArrayOutputStream();
        try (SSLServerSocket impostor = impostor()) {
            List<SSLSocket> tries = new CopyOnWriteArrayList<>();
            CompletableFuture.runAsync(() -> {
                while (!impostor.isClosed()) {
                    try (SSLSocket socket = (SSLSocket) impostor.accept()) {
                        tries.add(socket);
                        socket.getInputStream().transferTo(told);
                    } catch (IOException e) {
                        // The agent broke the handshake off, or the test is over.
                    }
                }
            });
            AgentListener listener = new AgentListener() {
                @Override
                public void connected(int session, long epoch) {
                    heard.add("connected");
                }

                @Override
                public void disconnected(int session, String why, Duration retryIn) {
                    failures.add(why);
                    waits.add(retryIn);
                }

                @Override
                public void ended(AgentEnd end, String why) {
                    heard.add("ended " + end);
                }
            };
            Agent agent = Agent.start(world.hasty(1, impostor.getLocalPort()), listener);
            world.keep(agent::close);

            await().until(() -> tries.size() >= 6 && waits.size() >= 6);
        }
        assertThat(told.size()).as("bytes that the impostor was told").isZero();
        assertThat(heard).isEmpty();
        assertThat(failures.get(0)).startsWith("TLS: server is not the one that the pin names: ");
        long step = 20;
        for (Duration wait : waits.subList(0, 6)) {
            assertThat(wait).isBetween(Duration.ofMillis(step / 2), Duration.ofMillis(step));
            step = Math.min(100, step * 2);
        }
    }

    private SSLServerSocket impostor() throws IOException, GeneralSecurityException {
        ServerIdentity identity = ServerIdentity.loadOrCreate(elsewhere, InstantSource.system(), new SecureRandom());
        KeyStore keys = KeyStore.getInstance("PKCS12");
        keys.load(null, null);
        keys.setKeyEntry(
                "impostor", identity.key(), new char[0], identity.chain().toArray(new Certificate[0]));
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(keys, new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(factory.getKeyManagers(), null, null);
        SSLServerSocket server = (SSLServerSocket)
                context.getServerSocketFactory().createServerSocket(0, 50, InetAddress.getLoopbackAddress());
        SSLParameters parameters = server.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"culvert/1"});
        server.setSSLParameters(parameters);
        return server;
    }

    @Test
    void aRemovedTunnelEndsItsAgentForGood() throws Exception {
        world.agent(1, world.hasty(1), heard);
        world.gateway.close(1, EndReason.REMOVED).toCompletableFuture().get(5, TimeUnit.SECONDS);
        await().untilAsserted(() -> assertThat(heard).last().isEqualTo("ended REMOVED: the tunnel was removed"));
        int asked = world.asked.get();
        world.tunnel(1, target);
        await().during(Duration.ofMillis(300)).until(() -> world.asked.get() == asked);
        assertThat(heard).hasSize(2);
    }

    @Test
    void aTokenThatIsNoGoodEndsTheAgentAtOnce() throws Exception {
        AgentSettings settings = world.hasty(1);
        byte[] wrong = World.SECRET.clone();
        wrong[0] = 1;
        AgentSettings mistaken = AgentSettings.of(
                settings.server(), new JoinToken(1, wrong, settings.token().pin()));
        try (Agent agent = Agent.start(mistaken, World.listener(heard))) {
            await().untilAsserted(() ->
                    assertThat(heard).containsExactly("ended REFUSED: no living tunnel takes this token"));
            assertThat(agent).isNotNull();
        }
        assertThat(heard).hasSize(1);
    }

    @Test
    void aClosedAgentLeavesNoThreadBehindAndNoSession() throws Exception {
        Agent agent = world.agent(1, world.hasty(1).withSessions(3), heard);
        await().until(() -> world.sessions(1) == 3);
        Socket visitor = world.visit(port);
        assertEcho(visitor);

        agent.close();
        agent.close();

        assertReset(visitor);
        await().until(() -> world.sessions(1) == 0);
        assertThat(world.log).contains("down 1 0: the agent left");
        await().until(ComebackTest::agentThreads, List::isEmpty);
        assertThat(heard).last().isEqualTo("ended CLOSED: closed");
    }

    @Test
    void anAgentMayBeClosedFromItsOwnListener() throws Exception {
        CompletableFuture<Agent> started = new CompletableFuture<>();
        CompletableFuture<Duration> took = new CompletableFuture<>();
        Agent agent = Agent.start(world.hasty(1), new AgentListener() {
            @Override
            public void connected(int session, long epoch) {
                heard.add("connected");
            }

            @Override
            public void disconnected(int session, String why, Duration retryIn) {
                heard.add("disconnected");
            }

            @Override
            public void ended(AgentEnd end, String why) {
                long began = System.nanoTime();
                started.join().close();
                took.complete(Duration.ofNanos(System.nanoTime() - began));
            }
        });
        started.complete(agent);
        await().until(() -> world.sessions(1) == 1);
        world.gateway.close(1, EndReason.EXPIRED);
        assertThat(took.get(10, TimeUnit.SECONDS)).isLessThan(Duration.ofSeconds(2));
        await().until(ComebackTest::agentThreads, List::isEmpty);
    }

    @Test
    void theEndIsToldLastAndOnALoop() throws Exception {
        CountDownLatch busy = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        Agent agent = Agent.start(world.hasty(1), new AgentListener() {
            @Override
            public void connected(int session, long epoch) {
                busy.countDown();
                try {
                    goOn.await();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
                heard.add("connected");
            }

            @Override
            public void disconnected(int session, String why, Duration retryIn) {
                heard.add("disconnected");
            }

            @Override
            public void ended(AgentEnd end, String why) {
                heard.add("ended on " + Thread.currentThread().getName());
            }
        });
        world.keep(agent::close);
        busy.await();
        CompletableFuture<Void> closing = CompletableFuture.runAsync(agent::close);
        await().during(Duration.ofMillis(300)).until(heard::isEmpty);
        goOn.countDown();
        closing.get(10, TimeUnit.SECONDS);
        assertThat(heard).hasSize(2);
        assertThat(heard.get(0)).isEqualTo("connected");
        assertThat(heard.get(1)).matches("ended on culvert-agent-[0-9]+-[0-9]+");
    }

    @Test
    void anAgentThatIsClosedWhileItConnectsNeverServes() throws Exception {
        try (ServerSocket mute = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Agent agent = Agent.start(world.hasty(1, mute.getLocalPort()), World.listener(heard));
            try (Socket connecting = mute.accept()) {
                connecting.setSoTimeout(5_000);
                assertThat(connecting.getInputStream().read())
                        .as("the first byte of a ClientHello")
                        .isEqualTo(0x16);
                agent.close();
                // An end, and not a time-out.
                connecting.getInputStream().readAllBytes();
            }
        }
        assertThat(heard).containsExactly("ended CLOSED: closed");
    }

    private static List<String> agentThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(Thread::isAlive)
                .map(Thread::getName)
                .filter(name -> name.startsWith("culvert-agent"))
                .toList();
    }
}
