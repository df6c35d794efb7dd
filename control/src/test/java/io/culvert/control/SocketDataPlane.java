package io.culvert.control;

import io.culvert.gateway.AgentDoor;
import io.culvert.gateway.Allowance;
import io.culvert.gateway.Bundle;
import io.culvert.gateway.Counts;
import io.culvert.gateway.DataPlane;
import io.culvert.gateway.EndReason;
import io.culvert.gateway.ExposeSpec;
import io.culvert.gateway.GatewayEvents;
import io.culvert.gateway.LiveConnection;
import io.culvert.gateway.LiveSession;
import io.culvert.gateway.LiveStatus;
import io.culvert.gateway.OpenTunnel;
import io.culvert.gateway.Policies;
import io.culvert.gateway.PortUnavailableException;
import io.culvert.gateway.ProbeStep;
import io.culvert.gateway.Protocol;
import io.culvert.gateway.TunnelSpec;
import java.io.Closeable;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A small data plane: it binds real listening sockets, and carries no bytes. Answers on a thread of its own, as the gateway does. Any
 * thread.
 *
 * <p>Each one binds on a loopback address of its own, so that no other process's connection can take a port between two lives of a
 * tunnel.
 */
final class SocketDataPlane implements DataPlane {
    /** How long a bundle's certificate is good. */
    static final Duration GOOD_FOR = Duration.ofDays(30);
    /** From when on a newer one is given out. */
    static final Duration RENEWED_AFTER = Duration.ofDays(20);

    private static final AtomicInteger ADDRESSES = new AtomicInteger(1);

    final InetAddress address;
    /** What was closed and why, in order. */
    final ConcurrentLinkedQueue<String> ended = new ConcurrentLinkedQueue<>();
    /** When each was first asked to end, by {@link System#nanoTime()}. */
    final Map<Long, Long> closeAsked = new ConcurrentHashMap<>();
    /** What was asked for at each tunnel's last opening. */
    final Map<Long, TunnelSpec> specs = new ConcurrentHashMap<>();
    /** Tunnels that take no visitors, and whether those who were there were cut. */
    final Map<Long, Boolean> paused = new ConcurrentHashMap<>();
    /** The policies in force of each open tunnel. */
    final Map<Long, Policies> policies = new ConcurrentHashMap<>();
    /** Whose tokens were revoked, in order. */
    final ConcurrentLinkedQueue<String> grantsRevoked = new ConcurrentLinkedQueue<>();
    /** How many visitors are in each tunnel where that is not the usual two; the pauses below wait for none. */
    final Map<Long, Integer> visitors = new ConcurrentHashMap<>();
    /** What tunnels have carried, where it is not the usual. */
    final Map<Long, Counts> counts = new ConcurrentHashMap<>();

    /** What projects may have. */
    final Map<String, Allowance> allowances = new ConcurrentHashMap<>();
    /** What projects have carried. */
    final Map<String, Long> carried = new ConcurrentHashMap<>();

    private final Map<Long, List<CompletableFuture<Void>>> emptied = new ConcurrentHashMap<>();
    /** Whose certificates were revoked, in order. */
    final ConcurrentLinkedQueue<Long> revoked = new ConcurrentLinkedQueue<>();

    final AtomicInteger issued = new AtomicInteger();
    /** Opens wait for it. */
    volatile CompletableFuture<Void> gate = CompletableFuture.completedFuture(null);

    /** Closes wait for it. */
    volatile CompletableFuture<Void> closeGate = CompletableFuture.completedFuture(null);

    /** Moves wait for it. */
    volatile CompletableFuture<Void> moveGate = CompletableFuture.completedFuture(null);

    /** What the system picks next where it is to pick; what it likes when there is none. */
    final ConcurrentLinkedQueue<Integer> picks = new ConcurrentLinkedQueue<>();

    /** By which the dates of certificates are written. */
    volatile InstantSource clock = InstantSource.system();

    volatile @Nullable AgentDoor door;
    volatile @Nullable GatewayEvents events;

    private final ExecutorService loop = Executors.newSingleThreadExecutor(work -> new Thread(work, "test-plane"));
    private final Map<Long, List<Closeable>> open = new ConcurrentHashMap<>();

    SocketDataPlane() {
        this(freshAddress());
    }

    SocketDataPlane(InetAddress address) {
        this.address = address;
    }

    static InetAddress freshAddress() {
        int number = ADDRESSES.getAndIncrement();
        long pid = ProcessHandle.current().pid();
        try {
            return InetAddress.getByAddress(
                    new byte[] {127, (byte) (1 + pid % 250), (byte) (pid / 250 % 250), (byte) (number % 250 + 1)});
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Whether somebody listens on the port. */
    boolean listens(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(address, port), 2_000);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    int openTunnels() {
        return open.size();
    }

    @Override
    public void serve(AgentDoor agentDoor, GatewayEvents gatewayEvents) {
        door = agentDoor;
        events = gatewayEvents;
    }

    @Override
    public int bridgePort() {
        return 7_000;
    }

    @Override
    public CompletionStage<OpenTunnel> open(TunnelSpec spec) {
        return gate.thenApplyAsync(passed -> bind(spec), loop);
    }

    @Override
    public CompletionStage<Map<Long, Counts>> close(Collection<Long> tunnelIds, EndReason reason) {
        tunnelIds.forEach(id -> closeAsked.putIfAbsent(id, System.nanoTime()));
        return closeGate.thenApplyAsync(
                passed -> {
                    Map<Long, Counts> last = new HashMap<>();
                    for (long id : tunnelIds) {
                        status(id).ifPresent(live -> last.put(id, live.counts()));
                        release(id, reason);
                    }
                    return last;
                },
                loop);
    }

    @Override
    public CompletionStage<Void> police(long tunnelId, Policies others) {
        return CompletableFuture.runAsync(() -> policies.computeIfPresent(tunnelId, (id, old) -> others), loop);
    }

    @Override
    public CompletionStage<Void> pause(long tunnelId, boolean cut) {
        CompletableFuture<Void> empty = new CompletableFuture<>();
        loop.execute(() -> {
            if (!open.containsKey(tunnelId)) {
                empty.complete(null);
                return;
            }
            paused.merge(tunnelId, cut, Boolean::logicalOr);
            emptied.computeIfAbsent(tunnelId, id -> new ArrayList<>()).add(empty);
            if (cut || visitors.getOrDefault(tunnelId, 0) == 0) {
                leave(tunnelId);
            }
        });
        return empty;
    }

    @Override
    public CompletionStage<Void> resume(long tunnelId) {
        return CompletableFuture.runAsync(
                () -> {
                    paused.remove(tunnelId);
                    tellEmpty(tunnelId);
                },
                loop);
    }

    /** The last visitor leaves. Any thread. */
    void empty(long tunnelId) {
        CompletableFuture.runAsync(() -> leave(tunnelId), loop).join();
    }

    /** Returns when what was asked for before has been done. */
    void settled() {
        CompletableFuture.runAsync(() -> {}, loop).join();
    }

    private void leave(long tunnelId) {
        visitors.put(tunnelId, 0);
        tellEmpty(tunnelId);
    }

    private void tellEmpty(long tunnelId) {
        List<CompletableFuture<Void>> waiting = emptied.remove(tunnelId);
        if (waiting != null) {
            waiting.forEach(one -> one.complete(null));
        }
    }

    @Override
    public CompletionStage<Integer> move(long tunnelId, int expose, int port) {
        return moveGate.thenApplyAsync(
                passed -> {
                    List<Closeable> sockets = open.get(tunnelId);
                    TunnelSpec spec = specs.get(tunnelId);
                    if (sockets == null || spec == null) {
                        throw new IllegalStateException("tunnel " + tunnelId + " is not open");
                    }
                    List<Closeable> bound = new ArrayList<>();
                    int moved = bind(bound, "expose", spec.exposes().get(expose).protocol(), port);
                    closeQuietly(sockets.set(expose, bound.get(0)));
                    return moved;
                },
                loop);
    }

    @Override
    public CompletionStage<List<LiveConnection>> connections(long tunnelId) {
        return CompletableFuture.completedStage(List.of());
    }

    @Override
    public CompletionStage<Boolean> cut(long tunnelId, long connectionId) {
        return CompletableFuture.completedStage(false);
    }

    @Override
    public CompletionStage<List<LiveSession>> sessions(long tunnelId) {
        return CompletableFuture.completedStage(List.of());
    }

    @Override
    public CompletionStage<Boolean> kick(long tunnelId, long sessionId) {
        return CompletableFuture.completedStage(false);
    }

    @Override
    public CompletionStage<List<ProbeStep>> probe(long tunnelId, int expose) {
        return CompletableFuture.completedStage(List.of());
    }

    @Override
    public void revoke(long tunnelId, Set<String> grants) {
        grants.forEach(grant -> grantsRevoked.add(tunnelId + ":" + grant));
    }

    @Override
    public void allow(String project, Allowance allowance) {
        allowances.put(project, allowance);
    }

    @Override
    public Map<String, Long> carried() {
        return Map.copyOf(carried);
    }

    @Override
    public Optional<LiveStatus> status(long tunnelId) {
        return open.containsKey(tunnelId)
                ? Optional.of(new LiveStatus(
                        1,
                        visitors.getOrDefault(tunnelId, 2),
                        counts.getOrDefault(tunnelId, new Counts(3, 4, 0, 0, 5))))
                : Optional.empty();
    }

    @Override
    public String joinToken(long tunnelId, byte[] secret) {
        return tunnelId + "." + HexFormat.of().formatHex(secret);
    }

    static byte[] secretOf(String joinToken) {
        return HexFormat.of().parseHex(joinToken.substring(joinToken.indexOf('.') + 1));
    }

    @Override
    public Bundle issueBundle(long tunnelId) {
        int number = issued.incrementAndGet();
        byte[] fingerprint = new byte[32];
        fingerprint[31] = (byte) number;
        Instant now = clock.instant();
        return new Bundle(
                "certificates " + number + " of " + tunnelId,
                "key " + number,
                fingerprint,
                now.plus(RENEWED_AFTER),
                now.plus(GOOD_FOR));
    }

    @Override
    public void revokeCertificates(long tunnelId) {
        revoked.add(tunnelId);
    }

    @Override
    public void close() {
        if (loop.isShutdown()) {
            return;
        }
        CompletableFuture.runAsync(
                        () -> List.copyOf(open.keySet()).forEach(id -> release(id, EndReason.SHUTDOWN)), loop)
                .join();
        loop.shutdown();
    }

    private OpenTunnel bind(TunnelSpec spec) {
        if (open.containsKey(spec.id())) {
            throw new IllegalStateException("tunnel " + spec.id() + " is open already");
        }
        List<Closeable> bound = new ArrayList<>();
        List<Integer> ports = new ArrayList<>();
        for (ExposeSpec expose : spec.exposes()) {
            ports.add(bind(bound, "expose", expose.protocol(), expose.port()));
        }
        int bridge = spec.bridge()
                .map(own -> bind(bound, "bridge", Protocol.TCP, own.port()))
                .orElse(bridgePort());
        open.put(spec.id(), bound);
        specs.put(spec.id(), spec);
        policies.put(spec.id(), spec.policies());
        if (spec.paused()) {
            paused.put(spec.id(), true);
        }
        return new OpenTunnel(spec.id(), ports, bridge);
    }

    /** Names the kind of port first, as the gateway does. */
    private int bind(List<Closeable> bound, String what, Protocol protocol, int wanted) {
        Integer pick = wanted == 0 ? picks.poll() : null;
        int port = pick == null ? wanted : pick;
        try {
            if (protocol == Protocol.UDP) {
                DatagramSocket socket = new DatagramSocket(port, address);
                bound.add(socket);
                return socket.getLocalPort();
            }
            ServerSocket socket = new ServerSocket(port, 1, address);
            bound.add(socket);
            return socket.getLocalPort();
        } catch (IOException e) {
            bound.forEach(SocketDataPlane::closeQuietly);
            throw new CompletionException(
                    new PortUnavailableException(port, what + ": " + port + " cannot be bound: " + e.getMessage()));
        }
    }

    private void release(long tunnelId, EndReason reason) {
        List<Closeable> sockets = open.remove(tunnelId);
        if (sockets != null) {
            sockets.forEach(SocketDataPlane::closeQuietly);
            ended.add(tunnelId + " " + reason);
            tellEmpty(tunnelId);
        }
    }

    private static void closeQuietly(Closeable socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
