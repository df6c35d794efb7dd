package io.culvert.web;

import io.culvert.gateway.AgentDoor;
import io.culvert.gateway.Bundle;
import io.culvert.gateway.DataPlane;
import io.culvert.gateway.EndReason;
import io.culvert.gateway.ExposeSpec;
import io.culvert.gateway.GatewayEvents;
import io.culvert.gateway.LiveStatus;
import io.culvert.gateway.OpenTunnel;
import io.culvert.gateway.PortUnavailableException;
import io.culvert.gateway.TunnelSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/** A data plane that holds real ports and carries nothing. Thread-safe. */
final class SocketDataPlane implements DataPlane {
    private final Map<Long, List<ServerSocket>> open = new ConcurrentHashMap<>();
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
        List<ServerSocket> sockets = new ArrayList<>();
        for (ExposeSpec expose : spec.exposes()) {
            try {
                sockets.add(new ServerSocket(expose.port(), 8, InetAddress.getLoopbackAddress()));
            } catch (IOException e) {
                sockets.forEach(SocketDataPlane::release);
                return CompletableFuture.failedFuture(
                        new PortUnavailableException(expose.port(), "port " + expose.port() + " is taken"));
            }
        }
        open.put(spec.id(), sockets);
        return CompletableFuture.completedFuture(new OpenTunnel(
                spec.id(), sockets.stream().map(ServerSocket::getLocalPort).toList(), bridgePort()));
    }

    @Override
    public CompletionStage<Void> close(long tunnelId, EndReason reason) {
        List<ServerSocket> sockets = open.remove(tunnelId);
        if (sockets != null) {
            sockets.forEach(SocketDataPlane::release);
        }
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public Optional<LiveStatus> status(long tunnelId) {
        return Optional.ofNullable(open.get(tunnelId)).map(sockets -> new LiveStatus(2, 3, 400, 5_000_000_000L, 7));
    }

    @Override
    public String joinToken(long tunnelId, byte[] secret) {
        return "token-" + tunnelId + "-" + HexFormat.of().formatHex(secret);
    }

    @Override
    public Bundle issueBundle(long tunnelId) {
        return new Bundle("certificates of " + tunnelId, "key of " + tunnelId, new byte[32]);
    }

    @Override
    public void revokeCertificates(long tunnelId) {
        // No session ever comes in here.
    }

    @Override
    public void close() {
        open.keySet().forEach(id -> close(id, EndReason.SHUTDOWN));
    }

    private static void release(ServerSocket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
