package io.culvert.agent.goproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.culvert.gateway.Admission;
import io.culvert.gateway.AgentDoor;
import io.culvert.gateway.BridgeSpec;
import io.culvert.gateway.Bundle;
import io.culvert.gateway.ExposeSpec;
import io.culvert.gateway.GatewayEvents;
import io.culvert.gateway.LiveStatus;
import io.culvert.gateway.OpenTunnel;
import io.culvert.gateway.Policy;
import io.culvert.gateway.PortRange;
import io.culvert.gateway.Protocol;
import io.culvert.gateway.Target;
import io.culvert.gateway.TunnelSpec;
import io.culvert.gateway.engine.Gateway;
import io.culvert.gateway.engine.GatewaySettings;
import io.culvert.gateway.identity.ServerIdentity;
import io.culvert.gateway.identity.SharedCertificate;
import io.culvert.link.net.Liveness;
import io.culvert.link.net.Transport;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A gateway, whose door knows tokens and certificates, with targets and stock peers around it, all on loopback. Any thread. */
final class StockWorld implements AutoCloseable {
    static final byte[] SECRET = new byte[32];

    final Gateway gateway;
    final ServerIdentity identity;
    final List<String> log = new CopyOnWriteArrayList<>();
    final ExecutorService threads = Executors.newCachedThreadPool(work -> {
        Thread thread = new Thread(work, "stock world");
        thread.setDaemon(true);
        return thread;
    });
    /** Answers about certificates wait for this. */
    volatile CompletionStage<?> deskOpens = CompletableFuture.completedFuture(true);

    /** Fingerprints in hex, and the tunnel that each is good for. */
    private final Map<String, Long> certificates = new ConcurrentHashMap<>();

    private final List<Closing> open = new ArrayList<>();

    /** Something to close at the world's end, the last first. */
    interface Closing {
        void close() throws IOException;
    }

    StockWorld(Path directory) throws IOException {
        this(directory, settings(), Optional.empty());
    }

    StockWorld(Path directory, GatewaySettings settings, Optional<SharedCertificate> shared) throws IOException {
        this(directory, settings, shared, InstantSource.system());
    }

    /** With a clock of its own for the server's certificates. */
    StockWorld(Path directory, GatewaySettings settings, Optional<SharedCertificate> shared, InstantSource clock)
            throws IOException {
        identity = ServerIdentity.loadOrCreate(directory, clock, new SecureRandom());
        gateway = Gateway.start(settings, identity, shared);
        gateway.serve(new Door(), new Events());
    }

    static GatewaySettings settings() {
        return settings(Liveness.DEFAULT, Duration.ofSeconds(10), Duration.ofSeconds(30));
    }

    static GatewaySettings settings(Liveness liveness, Duration helloDeadline, Duration udpIdle) {
        return new GatewaySettings(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                InetAddress.getLoopbackAddress(),
                PortRange.ANY,
                Transport.best(),
                2,
                helloDeadline,
                64,
                liveness,
                udpIdle);
    }

    static ExposeSpec tcp(int target) {
        return new ExposeSpec(Protocol.TCP, 0, new Target("127.0.0.1", target));
    }

    static ExposeSpec udp(int target) {
        return new ExposeSpec(Protocol.UDP, 0, new Target("127.0.0.1", target));
    }

    /** A tunnel whose own bridge port speaks bare TCP. */
    OpenTunnel plain(long id, ExposeSpec... exposes) {
        return open(id, new BridgeSpec(0, false, false), exposes);
    }

    OpenTunnel open(long id, BridgeSpec bridge, ExposeSpec... exposes) {
        return gateway.open(new TunnelSpec(id, List.of(exposes), Optional.of(bridge)))
                .toCompletableFuture()
                .join();
    }

    /** A fresh bundle for the tunnel, known to the door. */
    Bundle bundle(long id) {
        Bundle bundle = gateway.issueBundle(id);
        certificates.put(HexFormat.of().formatHex(bundle.fingerprint()), id);
        return bundle;
    }

    /** What the control plane does when a tunnel's bundle is issued again: the old ones are good no more. */
    void revoke(long id) {
        certificates.values().removeIf(each -> each == id);
        gateway.revokeCertificates(id);
    }

    static GoproxyDouble.Dial bare(int port) {
        return () -> {
            Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
            socket.setTcpNoDelay(true);
            return socket;
        };
    }

    static GoproxyDouble.Dial tls(int port, Credential credential, String protocol) {
        return () -> credential.connect(port, protocol);
    }

    /** Keeps a stock client until the world's end, and waits until so many sessions are in. */
    GoproxyDouble client(long id, GoproxyDouble client, int sessions) {
        keep(client::close);
        awaitSessions(id, sessions);
        return client;
    }

    GoproxyServerDouble server(Socket socket, String key) throws IOException {
        GoproxyServerDouble server = GoproxyServerDouble.connect(socket, key);
        keep(server::close);
        return server;
    }

    LiveStatus status(long id) {
        return gateway.status(id).orElseThrow();
    }

    void awaitSessions(long id, int sessions) {
        await().untilAsserted(() -> assertThat(status(id).sessions()).isEqualTo(sessions));
    }

    ServerSocket target() throws IOException {
        ServerSocket target = new ServerSocket(0, 1024, InetAddress.getLoopbackAddress());
        target.setSoTimeout(20_000);
        keep(target::close);
        return target;
    }

    /** A TCP target that sends back what it hears. */
    int echo() throws IOException {
        ServerSocket target = new ServerSocket(0, 1024, InetAddress.getLoopbackAddress());
        keep(target::close);
        threads.execute(() -> {
            while (!target.isClosed()) {
                try {
                    Socket inner = target.accept();
                    keep(inner::close);
                    threads.execute(() -> {
                        try (inner) {
                            inner.getInputStream().transferTo(inner.getOutputStream());
                        } catch (IOException e) {
                            // The visitor is gone.
                        }
                    });
                } catch (IOException e) {
                    // The world ended.
                }
            }
        });
        return target.getLocalPort();
    }

    /** A UDP target that sends back what it hears. */
    int udpEcho() throws IOException {
        DatagramSocket target = datagramSocket();
        threads.execute(() -> {
            byte[] buffer = new byte[65_535];
            while (!target.isClosed()) {
                try {
                    DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
                    target.receive(packet);
                    target.send(packet);
                } catch (IOException e) {
                    // The world ended, or nobody spoke for a while.
                }
            }
        });
        return target.getLocalPort();
    }

    DatagramSocket datagramSocket() throws IOException {
        DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        keep(socket::close);
        socket.setSoTimeout(10_000);
        return socket;
    }

    Socket visit(int port) throws IOException {
        Socket socket = new Socket();
        keep(socket::close);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 5_000);
        socket.setSoTimeout(20_000);
        return socket;
    }

    /** A visitor says something to an echo and hears it again. */
    void assertServed(int port) throws IOException {
        try (Socket visitor = visit(port)) {
            visitor.getOutputStream().write(new byte[] {1, 2, 3});
            assertThat(visitor.getInputStream().readNBytes(3)).containsExactly(1, 2, 3);
        }
    }

    synchronized void keep(Closing closing) {
        open.add(closing);
    }

    @Override
    public void close() throws IOException {
        List<Closing> all;
        synchronized (this) {
            all = List.copyOf(open);
        }
        for (int i = all.size() - 1; i >= 0; i--) {
            all.get(i).close();
        }
        gateway.close();
        threads.shutdownNow();
    }

    private final class Door implements AgentDoor {
        @Override
        public CompletionStage<Admission> admit(long tunnelId, byte[] secret) {
            return answer(tunnelId, Arrays.equals(secret, SECRET));
        }

        @Override
        public CompletionStage<Admission> admitCertificate(long tunnelId, byte[] fingerprint) {
            Long good = certificates.get(HexFormat.of().formatHex(fingerprint));
            return deskOpens.thenCompose(opened -> answer(tunnelId, good != null && good == tunnelId));
        }

        private static CompletionStage<Admission> answer(long tunnelId, boolean yes) {
            return CompletableFuture.completedFuture(
                    yes ? new Admission.Admitted(tunnelId) : new Admission.Refused(false, "not known here"));
        }
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
            log.add("policy " + tunnelId + " " + policy);
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
