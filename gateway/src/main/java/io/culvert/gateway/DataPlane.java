package io.culvert.gateway;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * The data plane as the control plane sees it. Every method may be called from any thread and returns at once; futures complete on
 * a gateway loop, so whoever continues them there must not wait.
 */
public interface DataPlane extends AutoCloseable {
    /** Lets agents in: until then the bridge port is held but nobody is accepted. Called once. */
    void serve(AgentDoor door, GatewayEvents events);

    /** The bound port where agents connect, 1 to 65535. */
    int bridgePort();

    /**
     * Binds every expose of the tunnel, or none. Fails with {@link PortUnavailableException} where a port is not to be had, and with
     * {@link IllegalStateException} where the tunnel is open already, was closed while it opened, or the data plane is closed.
     */
    CompletionStage<OpenTunnel> open(TunnelSpec spec);

    /**
     * Ends tunnels: the listeners of all of them first, then their visitors (cut by RST), then their sessions, which are told why.
     * Completes when all ports are free again and every session has been told. A tunnel that is not open is left alone; one that is
     * still opening is not open when this completes, and its {@link #open} fails unless its last port was bound before.
     */
    CompletionStage<Void> close(Collection<Long> tunnelIds, EndReason reason);

    /** Ends one tunnel. */
    default CompletionStage<Void> close(long tunnelId, EndReason reason) {
        return close(List.of(tunnelId), reason);
    }

    /** What the tunnel carries now; empty where it is not open. */
    Optional<LiveStatus> status(long tunnelId);

    /**
     * The line that an agent joins with ({@code --token-file}): it names the tunnel, holds the secret and pins this server's identity.
     *
     * @param tunnelId at least 0
     * @param secret 16 to 64 random bytes; the data plane keeps no copy
     * @throws IllegalArgumentException naming the value that is out of these bounds, never the secret
     */
    String joinToken(long tunnelId, byte[] secret);

    /** Makes a certificate of its own for a tunnel's stock agents, signed by the server's CA. Costs a key pair; the data plane keeps no copy. */
    Bundle issueBundle(long tunnelId);

    /** Cuts every session of the tunnel that came in by a certificate: the one it showed is good no more. */
    void revokeCertificates(long tunnelId);

    /** Ends everything with {@link EndReason#SHUTDOWN} and waits, at most five seconds, until it has. */
    @Override
    void close();
}
