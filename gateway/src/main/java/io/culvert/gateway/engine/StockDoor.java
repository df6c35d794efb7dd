package io.culvert.gateway.engine;

import io.culvert.gateway.Admission;
import io.culvert.gateway.AgentDoor;
import io.culvert.link.goproxy.Preface;
import io.culvert.link.net.Liveness;
import io.culvert.link.net.Seldom;
import io.netty.channel.Channel;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a connection of a stock peer may do, given where it came in and what it showed. One for each connection; any thread.
 *
 * <pre>
 *   came to                shows                        key          serves
 *   the tunnel's own port  nothing (bare TCP)           any          that tunnel
 *   the tunnel's own port  the installation's common    any          that tunnel
 *   the tunnel's own port  its bundle's certificate     any          that tunnel
 *   the server's port      its bundle's certificate     t&lt;ID&gt;        tunnel ID
 * </pre>
 */
final class StockDoor {
    /**
     * What all stock peers of a server have in common; {@code sharedFingerprint} is never changed.
     *
     * @param complaints when the log is to say that one was turned away: each of them may try a thousand times a second
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Common(
            AgentDoor door,
            LongFunction<@Nullable LiveTunnel> tunnels,
            byte @Nullable [] sharedFingerprint,
            Liveness liveness,
            String serverId,
            Supplier<String> streamIds,
            Seldom complaints) {}

    private final Common common;
    private final @Nullable LiveTunnel ownPortOf;
    private final boolean compress;
    private final byte @Nullable [] fingerprint;

    /**
     * A connection's door.
     *
     * @param ownPortOf the tunnel to whose own bridge port it came; null at the server's
     * @param compress whether that port's tunnel compresses
     * @param fingerprint of the certificate that it showed; null on bare TCP
     */
    StockDoor(Common common, @Nullable LiveTunnel ownPortOf, boolean compress, byte @Nullable [] fingerprint) {
        this.common = common;
        this.ownPortOf = ownPortOf;
        this.compress = compress;
        this.fingerprint = fingerprint;
    }

    /** The tunnel that the peer wants; null where there is none. */
    @Nullable
    LiveTunnel tunnel(Preface preface) {
        if (ownPortOf != null) {
            return ownPortOf;
        }
        String key = preface.key();
        // At the server's own port the key alone proves nothing and names everything; streams of a stock server
        // are paired on a tunnel's own port only, where both peers live on one loop.
        if (!(preface instanceof Preface.Client) || !key.matches("t(0|[1-9][0-9]{0,17})")) {
            return null;
        }
        return common.tunnels.apply(Long.parseLong(key.substring(1)));
    }

    /** Whether the log is to say now that somebody was turned away. */
    boolean complains(long now) {
        return common.complaints.isDue(now);
    }

    CompletionStage<Admission> admit(LiveTunnel tunnel) {
        byte[] shown = fingerprint;
        if (shown == null || (ownPortOf != null && Arrays.equals(shown, common.sharedFingerprint))) {
            return CompletableFuture.completedStage(new Admission.Admitted(tunnel.id()));
        }
        return common.door.admitCertificate(tunnel.id(), shown);
    }

    GoproxySession session(LiveTunnel tunnel, Channel channel, Preface.Client client, long epoch) {
        return new GoproxySession(
                tunnel,
                channel,
                client,
                epoch,
                common.liveness,
                revocable(),
                compress,
                common.serverId,
                common.streamIds);
    }

    /** True where the peer showed a certificate of the tunnel's own, which can be revoked. */
    boolean revocable() {
        return fingerprint != null && !Arrays.equals(fingerprint, common.sharedFingerprint);
    }

    Liveness liveness() {
        return common.liveness;
    }
}
