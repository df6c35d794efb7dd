package io.culvert.gateway;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
     * Binds every expose of the tunnel, or none. Fails with {@link PortUnavailableException} where a port is not to be had, with
     * {@link NoSocketException} where no port is, and with {@link IllegalStateException} where the tunnel is open already, was closed while
     * it opened, or the data plane is closed.
     */
    CompletionStage<OpenTunnel> open(TunnelSpec spec);

    /**
     * Ends tunnels: the listeners of all of them first, then their visitors (cut by RST), then their sessions, which are told why.
     * Completes when all ports are free again and every session has been told. A tunnel that is not open is left alone; one that is
     * still opening is not open when this completes, and its {@link #open} fails unless its last port was bound before.
     *
     * @return what those that were open have carried over their lives, to the last byte: nothing is counted for them behind it
     */
    CompletionStage<Map<Long, Counts>> close(Collection<Long> tunnelIds, EndReason reason);

    /** Ends one tunnel. */
    default CompletionStage<Map<Long, Counts>> close(long tunnelId, EndReason reason) {
        return close(List.of(tunnelId), reason);
    }

    /**
     * Puts other policies into force, on open connections too. Completes when they are; does nothing where the tunnel is not open.
     */
    CompletionStage<Void> police(long tunnelId, Policies policies);

    /**
     * Lets no new visitors in; ports stay held and agents connected. Completes when no visitor is left, or the tunnel has ended or was
     * resumed; at once where it is not open.
     *
     * @param cut true to cut those that are there by RST; false to let them come to their own end
     */
    CompletionStage<Void> pause(long tunnelId, boolean cut);

    /** Lets visitors in again. Completes when they are; does nothing where the tunnel is not open. */
    CompletionStage<Void> resume(long tunnelId);

    /**
     * Moves an expose to another port; open connections stay. The new port is bound before the old one is given up. Completes with the new
     * port's number; fails with {@link PortUnavailableException} or {@link NoSocketException}, and with {@link IllegalStateException} where
     * the tunnel is not open; the old port stays then.
     *
     * @param expose which, from 0
     * @param port 1 to 65535, or 0 to be given a free one of the expose's range
     */
    CompletionStage<Integer> move(long tunnelId, int expose, int port);

    /** Open connections, oldest first; none where the tunnel is not open. */
    CompletionStage<List<LiveConnection>> connections(long tunnelId);

    /** Cuts one connection by RST; false where there is no such. */
    CompletionStage<Boolean> cut(long tunnelId, long connectionId);

    /** Connected sessions, oldest first; none where the tunnel is not open. */
    CompletionStage<List<LiveSession>> sessions(long tunnelId);

    /** Ends one session, and with it the connections it carries; the agent may come back. False where there is no such. */
    CompletionStage<Boolean> kick(long tunnelId, long sessionId);

    /**
     * Walks the way of a visitor of one expose, without disturbing one: listener, session, dial of the target. Completes within ten
     * seconds with one step for each {@link ProbeStep.Place}, in that order.
     */
    CompletionStage<List<ProbeStep>> probe(long tunnelId, int expose);

    /**
     * Cuts every session of the tunnel that came in by one of these {@linkplain Admission.Admitted#grant grants}, and gives no visitor to it
     * any more; all others stay.
     */
    void revoke(long tunnelId, Set<String> grants);

    /**
     * Puts in force what all tunnels of a project may have together, on open connections within a moment; also for tunnels that are opened later.
     * A project that was not named has no bounds.
     */
    void allow(String project, Allowance allowance);

    /** Bytes of both directions that each project's tunnels have carried since this data plane began, those that have ended included. */
    Map<String, Long> carried();

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
