package io.culvert.gateway.engine;

import io.culvert.gateway.AgentDoor;
import io.culvert.gateway.Allowance;
import io.culvert.gateway.Bundle;
import io.culvert.gateway.Counts;
import io.culvert.gateway.DataPlane;
import io.culvert.gateway.EndReason;
import io.culvert.gateway.GatewayEvents;
import io.culvert.gateway.LiveConnection;
import io.culvert.gateway.LiveSession;
import io.culvert.gateway.LiveStatus;
import io.culvert.gateway.OpenTunnel;
import io.culvert.gateway.Policies;
import io.culvert.gateway.ProbeStep;
import io.culvert.gateway.TunnelSpec;
import io.culvert.gateway.identity.ServerIdentity;
import io.culvert.gateway.identity.SharedCertificate;
import io.culvert.link.agent.JoinToken;
import io.culvert.link.net.BridgeTls;
import io.culvert.link.net.Descriptors;
import io.culvert.link.net.MemoryBudget;
import io.culvert.link.net.Seldom;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.Ticker;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The data plane on Netty. One loop, the first, does the books of ports; each tunnel has a home loop of its own choosing.
 */
public final class Gateway implements DataPlane {
    private static final Logger log = LoggerFactory.getLogger(Gateway.class);
    private static final long STOP_SECONDS = 5;

    private final GatewaySettings settings;
    private final ServerIdentity identity;
    private final Optional<SharedCertificate> shared;
    private final BridgeContexts contexts;
    private final EventLoopGroup loops;
    private final PortClerk clerk;
    private final TunnelPorts ports;
    private final Scarcity scarcity;
    private final Listener bridge;
    private final Map<Long, LiveTunnel> tunnels = new ConcurrentHashMap<>();
    /** One for each project that has or had a tunnel or an allowance: projects are few, and what they carried stays told. */
    private final Map<String, ProjectShare> shares = new ConcurrentHashMap<>();

    private final MemoryBudget memory = MemoryBudget.ofDirectBuffers();
    /** Names of connections and sessions. */
    private final AtomicLong lastId = new AtomicLong();

    private volatile @Nullable BridgeDoor bridgeDoor;
    private volatile @Nullable GatewayEvents events;
    private volatile boolean closed;

    private Gateway(GatewaySettings settings, ServerIdentity identity, Optional<SharedCertificate> shared)
            throws IOException {
        this.settings = settings;
        this.identity = identity;
        this.shared = shared;
        this.contexts = new BridgeContexts(
                BridgeTls.best(identity.clock()),
                identity,
                shared,
                ForkJoinPool.commonPool(),
                Ticker.systemTicker()::nanoTime);
        this.loops = settings.transport().loops("culvert-io", settings.loops());
        this.clerk = new PortClerk(loops.next(), settings.exposeHost(), settings.ports());
        this.scarcity = new Scarcity(settings.files());
        this.ports = new TunnelPorts(
                settings,
                clerk,
                scarcity,
                (channel, tunnel, bridgeSpec) -> knock(channel, (door, each) -> door.knock(each, tunnel, bridgeSpec)));
        try {
            this.bridge = await(Listener.bind(
                    settings.transport(),
                    clerk.loop(),
                    settings.bridge(),
                    false,
                    // Without it there is no server.
                    new Scarcity(Descriptors.UNLIMITED),
                    channel -> knock(channel, BridgeDoor::knock)));
        } catch (IOException e) {
            loops.shutdownGracefully(0, 0, TimeUnit.SECONDS);
            throw e;
        }
        clerk.loop().scheduleAtFixedRate(contexts::check, 0, 1, TimeUnit.DAYS);
    }

    /**
     * Starts the loops and holds the bridge port.
     *
     * @throws IOException where the bridge port cannot be bound; names the address
     */
    public static Gateway start(GatewaySettings settings, ServerIdentity identity) throws IOException {
        return start(settings, identity, Optional.empty());
    }

    /**
     * Likewise, for an installation whose stock agents share one certificate: tunnels' own bridge ports show it.
     *
     * @throws IOException where the bridge port cannot be bound; names the address
     */
    public static Gateway start(GatewaySettings settings, ServerIdentity identity, Optional<SharedCertificate> shared)
            throws IOException {
        return new Gateway(settings, identity, shared);
    }

    @Override
    public void serve(AgentDoor door, GatewayEvents gatewayEvents) {
        events = gatewayEvents;
        SecureRandom random = new SecureRandom();
        StockDoor.Common stock = new StockDoor.Common(
                door,
                tunnels::get,
                shared.map(each -> ServerIdentity.fingerprint(each.leaf())).orElse(null),
                settings.liveness(),
                hexId(random),
                () -> hexId(random),
                new Seldom(Duration.ofSeconds(1)));
        bridgeDoor = new BridgeDoor(loops, settings, contexts, door, tunnels::get, stock, scarcity);
        bridge.accept();
    }

    /** 40 hex digits, as goproxy names servers and streams. */
    private static String hexId(RandomGenerator random) {
        byte[] id = new byte[20];
        random.nextBytes(id);
        return HexFormat.of().formatHex(id);
    }

    @Override
    public int bridgePort() {
        return bridge.port();
    }

    @Override
    public CompletionStage<OpenTunnel> open(TunnelSpec spec) {
        LiveTunnel tunnel = new LiveTunnel(
                spec,
                loops.next(),
                new LateEvents(() -> events),
                lastId::incrementAndGet,
                settings.linger(),
                share(spec.project()),
                memory);
        if (tunnels.putIfAbsent(spec.id(), tunnel) != null) {
            return CompletableFuture.failedFuture(new IllegalStateException("tunnel " + spec.id() + ": open already"));
        }
        if (closed) {
            // Looked at behind the entry: close() either finds the tunnel or is seen here.
            tunnels.remove(spec.id(), tunnel);
            return CompletableFuture.failedFuture(
                    new IllegalStateException("tunnel " + spec.id() + ": the data plane is closed"));
        }
        CompletableFuture.supplyAsync(() -> ports.bindAll(tunnel, spec, bridgePort()), clerk.loop())
                .thenCompose(opened -> opened)
                .whenComplete((opened, failure) -> {
                    if (failure == null) {
                        tunnel.opening().complete(opened);
                    } else {
                        tunnel.opening().completeExceptionally(PortClerk.cause(failure));
                    }
                });
        return tunnel.opening()
                .handle((opened, failure) -> {
                    if (failure == null) {
                        return CompletableFuture.completedStage(opened);
                    }
                    // Agents that are in already shall come back: the tunnel may get its ports at the next try.
                    return close(tunnel.home(), List.of(tunnel), EndReason.SHUTDOWN)
                            .<OpenTunnel>thenCompose(closed -> CompletableFuture.failedStage(failure));
                })
                .thenCompose(outcome -> outcome);
    }

    private void knock(SocketChannel channel, BiConsumer<BridgeDoor, SocketChannel> how) {
        BridgeDoor door = bridgeDoor;
        if (door == null) {
            // Nobody is served yet; agents try again.
            channel.unsafe().closeForcibly();
        } else {
            how.accept(door, channel);
        }
    }

    /** One task for each loop, however many tunnels: 2,000 leases may end in the same moment, and each hop has its price. */
    @Override
    public CompletionStage<Map<Long, Counts>> close(Collection<Long> tunnelIds, EndReason reason) {
        List<LiveTunnel> ending =
                tunnelIds.stream().map(tunnels::get).filter(Objects::nonNull).toList();
        Map<EventLoop, List<LiveTunnel>> homes = ending.stream().collect(Collectors.groupingBy(LiveTunnel::home));
        return allOf(homes.entrySet().stream().map(home -> close(home.getKey(), home.getValue(), reason)))
                .thenApply(ended -> ending.stream()
                        .collect(Collectors.toMap(
                                LiveTunnel::id, tunnel -> tunnel.status().counts(), (one, same) -> one)));
    }

    /** Ends tunnels of one loop, once whoever still binds their ports has heard of it; whoever asks again waits for the same end. */
    private CompletionStage<Void> close(EventLoop home, List<LiveTunnel> ending, EndReason reason) {
        return CompletableFuture.supplyAsync(
                        () -> {
                            ending.forEach(tunnel -> tunnel.stopListening(reason));
                            return allOf(ending.stream().map(LiveTunnel::end));
                        },
                        home)
                .thenCompose(ended -> ended)
                .thenCompose(ended -> allOf(ending.stream().map(LiveTunnel::settled)))
                .thenRunAsync(
                        () -> {
                            for (LiveTunnel tunnel : ending) {
                                // Only the first of several closers: after it the ports may be another tunnel's.
                                if (tunnels.remove(tunnel.id(), tunnel)) {
                                    clerk.giveBack(tunnel.ports());
                                }
                            }
                        },
                        clerk.loop());
    }

    private static CompletionStage<Void> allOf(Stream<? extends CompletionStage<?>> stages) {
        return CompletableFuture.allOf(
                stages.map(CompletionStage::toCompletableFuture).toArray(CompletableFuture<?>[]::new));
    }

    // ---- open tunnels
    // ---------------------------------------------------------------------------------------------------------------

    /** Asks an open tunnel on its home loop; where it is not open, there is the answer for that. */
    private <T> CompletionStage<T> ask(long tunnelId, T notOpen, Function<LiveTunnel, T> question) {
        LiveTunnel tunnel = tunnels.get(tunnelId);
        return tunnel == null
                ? CompletableFuture.completedStage(notOpen)
                : CompletableFuture.supplyAsync(() -> question.apply(tunnel), tunnel.home());
    }

    private CompletionStage<Void> tell(long tunnelId, Consumer<LiveTunnel> order) {
        LiveTunnel tunnel = tunnels.get(tunnelId);
        return tunnel == null
                ? CompletableFuture.completedStage(null)
                : CompletableFuture.runAsync(() -> order.accept(tunnel), tunnel.home());
    }

    @Override
    public CompletionStage<Void> police(long tunnelId, Policies policies) {
        return ask(
                        tunnelId,
                        CompletableFuture.<Void>completedStage(null),
                        tunnel -> tunnel.visitors().police(policies))
                .thenCompose(obeyed -> obeyed);
    }

    @Override
    public CompletionStage<Void> pause(long tunnelId, boolean cut) {
        return ask(
                        tunnelId,
                        CompletableFuture.<Void>completedStage(null),
                        tunnel -> tunnel.visitors().pause(cut))
                .thenCompose(empty -> empty);
    }

    @Override
    public CompletionStage<Void> resume(long tunnelId) {
        return tell(tunnelId, tunnel -> tunnel.visitors().resume());
    }

    @Override
    public CompletionStage<Integer> move(long tunnelId, int expose, int port) {
        if (port < 0 || port > 65535) {
            return CompletableFuture.failedStage(
                    new IllegalArgumentException("expose port: " + port + " (expected: 0 to 65535)"));
        }
        LiveTunnel tunnel = tunnels.get(tunnelId);
        if (tunnel == null) {
            return CompletableFuture.failedStage(new IllegalStateException("tunnel " + tunnelId + ": not open"));
        }
        return plain(CompletableFuture.supplyAsync(
                        () -> {
                            tunnel.checkMovable(expose);
                            if (tunnel.port(expose) == port) {
                                return CompletableFuture.completedStage(port);
                            }
                            CompletionStage<Integer> move = CompletableFuture.supplyAsync(
                                            () -> ports.move(tunnel, expose, port), clerk.loop())
                                    .thenCompose(done -> done);
                            tunnel.moving(move);
                            return move;
                        },
                        tunnel.home())
                .thenCompose(done -> done));
    }

    /** The same outcome; a failure without what stages wrap around it. */
    private static <T> CompletionStage<T> plain(CompletionStage<T> stage) {
        CompletableFuture<T> plain = new CompletableFuture<>();
        stage.whenComplete((value, failure) -> {
            if (failure == null) {
                plain.complete(value);
            } else {
                plain.completeExceptionally(PortClerk.cause(failure));
            }
        });
        return plain;
    }

    @Override
    public CompletionStage<List<LiveConnection>> connections(long tunnelId) {
        return ask(tunnelId, List.of(), tunnel -> tunnel.visitors().live());
    }

    @Override
    public CompletionStage<Boolean> cut(long tunnelId, long connectionId) {
        return ask(tunnelId, false, tunnel -> tunnel.visitors().cut(connectionId));
    }

    @Override
    public CompletionStage<List<LiveSession>> sessions(long tunnelId) {
        return ask(tunnelId, List.of(), tunnel -> tunnel.sessions().live());
    }

    @Override
    public CompletionStage<Boolean> kick(long tunnelId, long sessionId) {
        return ask(tunnelId, false, tunnel -> tunnel.sessions().kick(sessionId));
    }

    @Override
    public CompletionStage<List<ProbeStep>> probe(long tunnelId, int expose) {
        LiveTunnel tunnel = tunnels.get(tunnelId);
        if (tunnel == null) {
            return CompletableFuture.completedStage(Prober.notOpen());
        }
        return plain(CompletableFuture.supplyAsync(
                        () -> {
                            tunnel.checkExpose(expose);
                            return Prober.probe(tunnel, expose);
                        },
                        tunnel.home())
                .thenCompose(steps -> steps));
    }

    @Override
    public void revoke(long tunnelId, Set<String> grants) {
        Set<String> ended = Set.copyOf(grants);
        tell(tunnelId, tunnel -> tunnel.sessions().revoke(ended));
    }

    @Override
    public void allow(String project, Allowance allowance) {
        share(project).allow(allowance);
    }

    @Override
    public Map<String, Long> carried() {
        return shares.entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, share -> share.getValue().carried()));
    }

    private ProjectShare share(String project) {
        return shares.computeIfAbsent(project, name -> new ProjectShare());
    }

    @Override
    public Optional<LiveStatus> status(long tunnelId) {
        return Optional.ofNullable(tunnels.get(tunnelId)).map(LiveTunnel::status);
    }

    @Override
    public String joinToken(long tunnelId, byte[] secret) {
        return new JoinToken(tunnelId, secret, identity.pin()).text();
    }

    @Override
    public Bundle issueBundle(long tunnelId) {
        return identity.issueBundle(tunnelId, shared);
    }

    @Override
    public void revokeCertificates(long tunnelId) {
        tell(tunnelId, tunnel -> tunnel.sessions().revokeCertificates());
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        CompletionStage<?> ended = close(List.copyOf(tunnels.keySet()), EndReason.SHUTDOWN);
        try {
            await(bridge.close());
            await(ended);
        } catch (IOException e) {
            log.warn("the data plane did not close in order: {}", e.toString());
        }
        loops.shutdownGracefully(0, STOP_SECONDS, TimeUnit.SECONDS)
                .awaitUninterruptibly(STOP_SECONDS, TimeUnit.SECONDS);
    }

    private static <T> T await(CompletionStage<T> stage) throws IOException {
        try {
            return stage.toCompletableFuture().get(STOP_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new IOException(PortClerk.plain(e), e);
        } catch (TimeoutException e) {
            throw new IOException("no answer within " + STOP_SECONDS + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
