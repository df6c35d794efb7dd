package io.culvert.web;

import io.culvert.gateway.AgentDoor;
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
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** A data plane that holds real ports and carries nothing. Thread-safe. */
final class SocketDataPlane implements DataPlane {
    private final Map<Long, List<Closeable>> open = new ConcurrentHashMap<>();
    private final AtomicInteger issued = new AtomicInteger();
    private volatile boolean silent;

    /** From now on opening a tunnel neither succeeds nor fails. */
    void fallSilent() {
        silent = true;
    }

    @Override
    public void serve(AgentDoor door, GatewayEvents events) {}

    @Override
    public int bridgePort() {
        return 7000;
    }

    @Override
    public CompletionStage<OpenTunnel> open(TunnelSpec spec) {
        if (silent) {
            return new CompletableFuture<>();
        }
        List<Closeable> sockets = new ArrayList<>();
        List<Integer> ports = new ArrayList<>();
        try {
            for (ExposeSpec expose : spec.exposes()) {
                ports.add(bind(sockets, "expose", expose.protocol(), expose.port()));
            }
            int bridge = spec.bridge().isPresent()
                    ? bind(sockets, "bridge", Protocol.TCP, spec.bridge().get().port())
                    : bridgePort();
            open.put(spec.id(), sockets);
            return CompletableFuture.completedFuture(new OpenTunnel(spec.id(), ports, bridge));
        } catch (PortUnavailableException e) {
            sockets.forEach(SocketDataPlane::release);
            return CompletableFuture.failedFuture(e);
        }
    }

    /** Names the kind of port first, as the gateway does. */
    private static int bind(List<Closeable> sockets, String what, Protocol protocol, int port) {
        try {
            InetAddress loopback = InetAddress.getLoopbackAddress();
            if (protocol == Protocol.UDP) {
                DatagramSocket socket = new DatagramSocket(port, loopback);
                sockets.add(socket);
                return socket.getLocalPort();
            }
            ServerSocket socket = new ServerSocket(port, 8, loopback);
            sockets.add(socket);
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new PortUnavailableException(port, what + ": " + port + " is taken");
        }
    }

    @Override
    public CompletionStage<Void> close(Collection<Long> tunnelIds, EndReason reason) {
        for (long id : tunnelIds) {
            List<Closeable> sockets = open.remove(id);
            if (sockets != null) {
                sockets.forEach(SocketDataPlane::release);
            }
        }
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletionStage<Void> police(long tunnelId, Policies policies) {
        return CompletableFuture.completedStage(null);
    }

    @Override
    public CompletionStage<Void> pause(long tunnelId, boolean cut) {
        return CompletableFuture.completedStage(null);
    }

    @Override
    public CompletionStage<Void> resume(long tunnelId) {
        return CompletableFuture.completedStage(null);
    }

    @Override
    public CompletionStage<Integer> move(long tunnelId, int expose, int port) {
        return CompletableFuture.failedStage(new UnsupportedOperationException("move"));
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
    public void revokeTokens(long tunnelId) {
        // Nobody is connected here.
    }

    @Override
    public Optional<LiveStatus> status(long tunnelId) {
        return Optional.ofNullable(open.get(tunnelId))
                .map(sockets -> new LiveStatus(2, 3, new Counts(400, 5_000_000_000L, 0, 0, 7)));
    }

    @Override
    public String joinToken(long tunnelId, byte[] secret) {
        return "token-" + tunnelId + "-" + HexFormat.of().formatHex(secret);
    }

    @Override
    public Bundle issueBundle(long tunnelId) {
        int number = issued.incrementAndGet();
        return new Bundle(
                "certificates " + number + " of " + tunnelId,
                "key " + number,
                new byte[32],
                Instant.parse("2126-08-01T00:00:00Z"),
                Instant.parse("2126-12-01T00:00:00Z"));
    }

    @Override
    public void revokeCertificates(long tunnelId) {
        // No session ever comes in here.
    }

    @Override
    public void close() {
        open.keySet().forEach(id -> close(id, EndReason.SHUTDOWN));
    }

    private static void release(Closeable socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
