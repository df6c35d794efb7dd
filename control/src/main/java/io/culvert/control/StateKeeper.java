package io.culvert.control;

import io.culvert.control.event.EventKind;
import io.culvert.gateway.DataPlane;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Keeps what tunnels are, what readers see of them and what the data plane does with visitors in step. Control thread only; never waits. */
final class StateKeeper {
    private final DataPlane dataPlane;
    private final InstantSource wallClock;
    private final TunnelTable table;
    private final StoreDesk desk;
    private final News news;

    StateKeeper(DataPlane dataPlane, InstantSource wallClock, TunnelTable table, StoreDesk desk, News news) {
        this.dataPlane = dataPlane;
        this.wallClock = wallClock;
        this.table = table;
        this.desk = desk;
        this.news = news;
    }

    /** After facts have changed: finds the state, tells of a new one, and shows readers the tunnel as it is now. */
    Tunnel settle(LivingTunnel tunnel) {
        Optional<TunnelState> before = tunnel.settle(wallClock.instant());
        if (before.isPresent()) {
            desk.transitions(tunnel.id(), tunnel.transitions());
            tellOf(tunnel, before.get());
        }
        return table.publish(tunnel);
    }

    private void tellOf(LivingTunnel tunnel, TunnelState before) {
        Transition now = tunnel.status();
        if (now.state() == TunnelState.UP) {
            news.tell(EventKind.UP, tunnel.id(), now.reason());
        } else if (before == TunnelState.UP) {
            news.tell(EventKind.DOWN, tunnel.id(), now.reason());
        }
    }

    /**
     * Turns visitors away from now on.
     *
     * @param cut true to cut those that are there
     * @return completes when none is left; at once where the tunnel is not open
     */
    CompletionStage<Void> shut(LivingTunnel tunnel, boolean cut) {
        return dataPlane.pause(tunnel.id(), cut);
    }

    /** Lets visitors in again, unless there is another reason not to. */
    void open(LivingTunnel tunnel) {
        if (!tunnel.shut()) {
            CompletionStage<Void> unused = dataPlane.resume(tunnel.id());
        }
    }

    /** Whether the volume of a tunnel is used up already, as far as it is known here. */
    boolean usedUp(LivingTunnel tunnel) {
        long volume = tunnel.stored().policies().volume();
        StoredCounts stored = tunnel.stored().counted();
        long carried = dataPlane
                .status(tunnel.id())
                .map(live -> live.counts().bytesIn() + live.counts().bytesOut())
                .orElse(stored.bytesIn() + stored.bytesOut());
        return volume > 0 && carried >= volume;
    }
}
