package io.culvert.gateway.engine;

import io.culvert.gateway.AgentDoor;
import io.culvert.gateway.BridgeSpec;
import io.culvert.gateway.Bundle;
import io.culvert.gateway.DataPlane;
import io.culvert.gateway.EndReason;
import io.culvert.gateway.ExposeSpec;
import io.culvert.gateway.GatewayEvents;
import io.culvert.gateway.LiveConnection;
import io.culvert.gateway.LiveSession;
import io.culvert.gateway.LiveStatus;
import io.culvert.gateway.OpenTunnel;
import io.culvert.gateway.Policies;
import io.culvert.gateway.Policy;
import io.culvert.gateway.PortUnavailableException;
import io.culvert.gateway.ProbeStep;
import io.culvert.gateway.TunnelSpec;
import io.culvert.gateway.identity.ServerIdentity;
import io.culvert.gateway.identity.SharedCertificate;
import io.culvert.link.agent.JoinToken;
import io.culvert.link.net.BridgeTls;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
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
    private final EventLoop clerk;
    private final Ports ports;
    private final Listener bridge;
    private final Map<Long, LiveTunnel> tunnels = new ConcurrentHashMap<>();
    private volatile @Nullable BridgeDoor bridgeDoor;
    private volatile @Nullable GatewayEvents events;
    private volatile boolean closed;

    private Gateway(GatewaySettings settings, ServerIdentity identity, Optional<SharedCertificate> shared)
            throws IOException {
        this.settings = settings;
        this.identity = identity;
        this.shared = shared;
        this.contexts =
                new BridgeContexts(BridgeTls.best(identity.clock()), identity, shared, ForkJoinPool.commonPool());
        this.loops = settings.transport().loops("culvert-io", settings.loops());
        this.clerk = loops.next();
        this.ports = new Ports(settings.ports());
        try {
            this.bridge = await(Listener.bind(
                    settings.transport(),
                    clerk,
                    settings.bridge(),
                    false,
                    channel -> knock(channel, BridgeDoor::knock)));
        } catch (IOException e) {
            loops.shutdownGracefully(0, 0, TimeUnit.SECONDS);
            throw e;
        }
        clerk.scheduleAtFixedRate(contexts::check, 0, 1, TimeUnit.DAYS);
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
                () -> hexId(random));
        bridgeDoor = new BridgeDoor(loops, settings, contexts, door, tunnels::get, stock);
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
        LiveTunnel tunnel = new LiveTunnel(spec.id(), loops.next(), new LateEvents(), settings.linger());
        if (tunnels.putIfAbsent(spec.id(), tunnel) != null) {
            return CompletableFuture.failedFuture(new IllegalStateException("tunnel " + spec.id() + ": open already"));
        }
        if (closed) {
            // Looked at behind the entry: close() either finds the tunnel or is seen here.
            tunnels.remove(spec.id(), tunnel);
            return CompletableFuture.failedFuture(
                    new IllegalStateException("tunnel " + spec.id() + ": the data plane is closed"));
        }
        CompletableFuture.supplyAsync(() -> bindAll(tunnel, spec), clerk)
                .thenCompose(opened -> opened)
                .whenComplete((opened, failure) -> {
                    if (failure == null) {
                        tunnel.opening().complete(opened);
                    } else {
                        tunnel.opening().completeExceptionally(cause(failure));
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

    /** Binds one port behind the other; on the clerk's loop, where the stage completes too. */
    private CompletionStage<OpenTunnel> bindAll(LiveTunnel tunnel, TunnelSpec spec) {
        CompletionStage<List<Integer>> bound = CompletableFuture.completedStage(new ArrayList<>());
        for (ExposeSpec expose : spec.exposes()) {
            bound = bound.thenCompose(
                    sofar -> bind(tunnel, "expose", expose.port(), address -> listen(tunnel, expose, address))
                            .thenApply(port -> {
                                sofar.add(port);
                                return sofar;
                            }));
        }
        Optional<BridgeSpec> own = spec.bridge();
        if (own.isEmpty()) {
            return bound.thenApply(ports -> new OpenTunnel(spec.id(), ports, bridgePort()));
        }
        BridgeSpec bridgeSpec = own.get();
        return bound.thenCompose(
                ports -> bind(tunnel, "bridge", bridgeSpec.port(), address -> listen(tunnel, bridgeSpec, address))
                        .thenApply(port -> new OpenTunnel(spec.id(), ports, port)));
    }

    private CompletionStage<PublicPort> listen(LiveTunnel tunnel, ExposeSpec expose, InetSocketAddress address) {
        return switch (expose.protocol()) {
            case TCP ->
                Listener.bind(
                                settings.transport(),
                                tunnel.home(),
                                address,
                                true,
                                channel -> tunnel.visit(channel, expose.target()))
                        .thenApply(listener -> listener);
            case UDP ->
                UdpExpose.bind(
                        settings.transport(), tunnel.home(), address, tunnel, expose.target(), settings.udpIdle());
        };
    }

    private CompletionStage<PublicPort> listen(LiveTunnel tunnel, BridgeSpec bridgeSpec, InetSocketAddress address) {
        return Listener.bind(
                        settings.transport(),
                        tunnel.home(),
                        address,
                        true,
                        channel -> knock(channel, (door, each) -> door.knock(each, tunnel, bridgeSpec)))
                .thenApply(listener -> listener);
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

    /** Binds a port, or the next free one of the range, and puts it into the tunnel; completes on the clerk's loop with the number. */
    private CompletionStage<Integer> bind(LiveTunnel tunnel, String what, int port, Binder binder) {
        return port == 0 ? bindAny(tunnel, what, ports.tries(), binder) : bindOne(tunnel, what, port, port, binder);
    }

    private CompletionStage<Integer> bindAny(LiveTunnel tunnel, String what, int tries, Binder binder) {
        // Asked again at each try: others may have taken what was free at the first.
        if (tries <= 0 || ports.tries() <= 0) {
            return CompletableFuture.failedStage(new PortUnavailableException(
                    0, what + ": no free port left (the server picks from " + settings.ports() + ")"));
        }
        return bindOne(tunnel, what, 0, ports.candidate(), binder).exceptionallyCompose(failure -> {
            Throwable cause = cause(failure);
            return cause instanceof PortUnavailableException
                    ? bindAny(tunnel, what, tries - 1, binder)
                    : CompletableFuture.failedStage(cause);
        });
    }

    private CompletionStage<Integer> bindOne(LiveTunnel tunnel, String what, int asked, int port, Binder binder) {
        boolean held = ports.hold(port);
        return binder.bind(new InetSocketAddress(settings.exposeHost(), port))
                .exceptionallyCompose(failure -> CompletableFuture.failedStage(new PortUnavailableException(
                        asked, what + ": " + port + " cannot be bound: " + plain(failure))))
                .thenComposeAsync(tunnel::listen, tunnel.home())
                .whenCompleteAsync(
                        (bound, failure) -> {
                            if (failure != null && held) {
                                ports.giveBack(port);
                            }
                        },
                        clerk);
    }

    /** Binds one kind of port. */
    private interface Binder {
        CompletionStage<PublicPort> bind(InetSocketAddress address);
    }

    private static Throwable cause(Throwable failure) {
        Throwable cause = failure.getCause();
        boolean wrapped = failure instanceof CompletionException || failure instanceof ExecutionException;
        return wrapped && cause != null ? cause(cause) : failure;
    }

    private static String plain(Throwable failure) {
        Throwable cause = cause(failure);
        return Objects.requireNonNullElse(cause.getMessage(), cause.toString());
    }

    /** One task for each loop, however many tunnels: 2,000 leases may end in the same moment, and each hop has its price. */
    @Override
    public CompletionStage<Void> close(Collection<Long> tunnelIds, EndReason reason) {
        Map<EventLoop, List<LiveTunnel>> homes = tunnelIds.stream()
                .map(tunnels::get)
                .filter(Objects::nonNull)
                .collect(Collectors.groupingBy(LiveTunnel::home));
        return allOf(homes.entrySet().stream().map(home -> close(home.getKey(), home.getValue(), reason)));
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
                                    tunnel.ports().forEach(ports::giveBack);
                                }
                            }
                        },
                        clerk);
    }

    private static CompletionStage<Void> allOf(Stream<? extends CompletionStage<?>> stages) {
        return CompletableFuture.allOf(
                stages.map(CompletionStage::toCompletableFuture).toArray(CompletableFuture<?>[]::new));
    }

    // ---- not built yet: the next commits of the gateway fill these

    @Override
    public CompletionStage<Void> police(long tunnelId, Policies policies) {
        return CompletableFuture.failedStage(new UnsupportedOperationException("police"));
    }

    @Override
    public CompletionStage<Void> pause(long tunnelId, boolean cut) {
        return CompletableFuture.failedStage(new UnsupportedOperationException("pause"));
    }

    @Override
    public CompletionStage<Void> resume(long tunnelId) {
        return CompletableFuture.failedStage(new UnsupportedOperationException("resume"));
    }

    @Override
    public CompletionStage<Integer> move(long tunnelId, int expose, int port) {
        return CompletableFuture.failedStage(new UnsupportedOperationException("move"));
    }

    @Override
    public CompletionStage<List<LiveConnection>> connections(long tunnelId) {
        return CompletableFuture.failedStage(new UnsupportedOperationException("connections"));
    }

    @Override
    public CompletionStage<Boolean> cut(long tunnelId, long connectionId) {
        return CompletableFuture.failedStage(new UnsupportedOperationException("cut"));
    }

    @Override
    public CompletionStage<List<LiveSession>> sessions(long tunnelId) {
        return CompletableFuture.failedStage(new UnsupportedOperationException("sessions"));
    }

    @Override
    public CompletionStage<Boolean> kick(long tunnelId, long sessionId) {
        return CompletableFuture.failedStage(new UnsupportedOperationException("kick"));
    }

    @Override
    public CompletionStage<List<ProbeStep>> probe(long tunnelId, int expose) {
        return CompletableFuture.failedStage(new UnsupportedOperationException("probe"));
    }

    @Override
    public void revokeTokens(long tunnelId) {
        throw new UnsupportedOperationException("revokeTokens");
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
        LiveTunnel tunnel = tunnels.get(tunnelId);
        if (tunnel != null) {
            tunnel.home().execute(tunnel::revoke);
        }
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        CompletionStage<Void> ended = close(List.copyOf(tunnels.keySet()), EndReason.SHUTDOWN);
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
            throw new IOException(plain(e), e);
        } catch (TimeoutException e) {
            throw new IOException("no answer within " + STOP_SECONDS + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /** Tunnels are opened before anybody serves; whoever listens then is told. */
    private final class LateEvents implements GatewayEvents {
        @Override
        public void agentUp(long tunnelId, String agent, int sessions) {
            GatewayEvents listener = events;
            if (listener != null) {
                listener.agentUp(tunnelId, agent, sessions);
            }
        }

        @Override
        public void agentReplaced(long tunnelId, String oldAgent, String newAgent) {
            GatewayEvents listener = events;
            if (listener != null) {
                listener.agentReplaced(tunnelId, oldAgent, newAgent);
            }
        }

        @Override
        public void policyHit(long tunnelId, Policy policy, String visitor, long times) {
            GatewayEvents listener = events;
            if (listener != null) {
                listener.policyHit(tunnelId, policy, visitor, times);
            }
        }

        @Override
        public void agentDown(long tunnelId, String agent, String why, int sessions) {
            GatewayEvents listener = events;
            if (listener != null) {
                listener.agentDown(tunnelId, agent, why, sessions);
            }
        }
    }
}
