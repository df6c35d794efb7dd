package io.culvert.control;

import io.culvert.control.event.EventKind;
import io.culvert.gateway.DataPlane;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps what tunnels are, what readers see of them and what the data plane does with visitors in step. Control thread only; never waits. */
final class StateKeeper {
    private static final Logger log = LoggerFactory.getLogger(StateKeeper.class);

    private final DataPlane dataPlane;
    private final InstantSource wallClock;
    private final TunnelTable table;
    private final StoreDesk desk;
    private final News news;
    /** Projects whose month is used up, with what they may carry in one. */
    private Map<String, Long> spent = Map.of();

    StateKeeper(DataPlane dataPlane, InstantSource wallClock, TunnelTable table, StoreDesk desk, News news) {
        this.dataPlane = dataPlane;
        this.wallClock = wallClock;
        this.table = table;
        this.desk = desk;
        this.news = news;
    }

    /** After facts have changed: finds the state, tells of a new one, and shows readers the tunnel as it is now. */
    Tunnel settle(LivingTunnel tunnel) {
        tunnel.monthUsedUp = Optional.ofNullable(spent.get(tunnel.stored().project()));
        if (tunnel.settle(wallClock.instant())) {
            desk.transitions(tunnel.id(), tunnel.transitions());
        }
        tellOf(tunnel);
        return table.publish(tunnel);
    }

    /** These projects, and no others, have used up what they may carry in this month. */
    void spent(Map<String, Long> now) {
        Map<String, Long> before = spent;
        spent = now;
        for (LivingTunnel tunnel : List.copyOf(table.entries())) {
            String project = tunnel.stored().project();
            if (!Objects.equals(before.get(project), now.get(project))) {
                Tunnel unused = settle(tunnel);
            }
        }
    }

    /** Tells where it differs from what was told last. */
    private void tellOf(LivingTunnel tunnel) {
        Transition now = tunnel.status();
        boolean up = now.state() == TunnelState.UP;
        // An agent makes a tunnel up by coming: what is left out of the
        // one is left out of the other, and settled again when it is told.
        if (up == tunnel.toldUp || tunnel.telling.owes()) {
            return;
        }
        tunnel.toldUp = up;
        news.tell(up ? EventKind.UP : EventKind.DOWN, tunnel.id(), now.reason());
    }

    /**
     * Turns visitors away from now on.
     *
     * @param cut true to cut those that are there
     * @return completes when none is left; at once where the tunnel is not open
     */
    CompletionStage<Void> shut(LivingTunnel tunnel, boolean cut) {
        return logged(tunnel, () -> dataPlane.pause(tunnel.id(), cut));
    }

    /** Lets visitors in again, unless there is another reason not to. */
    void open(LivingTunnel tunnel) {
        if (!tunnel.shut()) {
            CompletionStage<Void> unused = logged(tunnel, () -> dataPlane.resume(tunnel.id()));
        }
    }

    /** Called where leases end: a data plane that throws must not end the control thread. */
    private static CompletionStage<Void> logged(LivingTunnel tunnel, Supplier<CompletionStage<Void>> act) {
        CompletionStage<Void> done;
        try {
            done = act.get();
        } catch (RuntimeException e) {
            done = CompletableFuture.failedStage(e);
        }
        return done.whenComplete((nothing, failure) -> {
            if (failure != null) {
                log.error("Tunnel {}: visitors could not be let in or shut out", tunnel.id(), failure);
            }
        });
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
