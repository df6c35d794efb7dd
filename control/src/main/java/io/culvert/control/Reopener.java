package io.culvert.control;

import io.culvert.gateway.DataPlane;
import io.culvert.gateway.EndReason;
import io.culvert.gateway.OpenTunnel;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings restored tunnels up on the ports they had, and tries those again whose port was taken. Never waits: the answer of the data
 * plane comes back as a report. Control thread only.
 */
final class Reopener {
    private static final Logger log = LoggerFactory.getLogger(Reopener.class);

    private final DataPlane dataPlane;
    private final ControlLoop loop;
    private final TunnelTable table;
    private final StateKeeper states;
    private final Ticker ticker;
    private final Duration pause;
    /** Told once that their port is taken, and not up since. */
    private final Set<Long> complained = new HashSet<>();

    private long tryAt;
    private boolean waiting;

    Reopener(
            DataPlane dataPlane,
            ControlLoop loop,
            TunnelTable table,
            StateKeeper states,
            Ticker ticker,
            Duration pause) {
        this.dataPlane = dataPlane;
        this.loop = loop;
        this.table = table;
        this.states = states;
        this.ticker = ticker;
        this.pause = pause;
    }

    /**
     * Asks the data plane for the ports of a living tunnel.
     *
     * @return completes, always normally, when the control thread knows what came of it
     */
    CompletableFuture<?> open(LivingTunnel tunnel) {
        assert loop.inLoop();
        CompletableFuture<Boolean> known = new CompletableFuture<>();
        tunnel.ports = LivingTunnel.Ports.OPENING;
        boolean shut = tunnel.shut();
        Policies policies = tunnel.stored().policies();
        CompletionStage<OpenTunnel> opening;
        try {
            opening = dataPlane.open(Specs.of(tunnel));
        } catch (RuntimeException e) {
            opening = CompletableFuture.failedStage(e);
        }
        opening.whenComplete((open, failure) -> loop.report(() -> {
            answered(tunnel, failure);
            if (failure == null) {
                catchUp(tunnel, shut, policies);
            }
            known.complete(failure == null);
        }));
        return known;
    }

    /** When {@link #tryWhatIsDue} has something to do next. */
    OptionalLong deadline() {
        return waiting ? OptionalLong.of(tryAt) : OptionalLong.empty();
    }

    /** Tries every tunnel again that is down, where it is time. */
    void tryWhatIsDue() {
        if (!waiting || tryAt - ticker.nanos() > 0) {
            return;
        }
        waiting = false;
        List<Long> down = table.in(LivingTunnel.Ports.DOWN);
        // A set, since of a list each that is kept would be searched for through all of it.
        complained.retainAll(new HashSet<>(down));
        for (long id : down) {
            LivingTunnel tunnel = table.entry(id);
            if (tunnel != null) {
                CompletableFuture<?> unused = open(tunnel);
            }
        }
    }

    /** What changed while the data plane was at it did not reach it: a tunnel that is not open cannot be told. */
    private void catchUp(LivingTunnel tunnel, boolean shut, Policies policies) {
        if (tunnel.shut() && !shut) {
            CompletionStage<Void> unused = states.shut(tunnel, true);
        } else if (shut) {
            states.open(tunnel);
        }
        if (!tunnel.stored().policies().equals(policies)) {
            CompletionStage<Void> unused =
                    dataPlane.police(tunnel.id(), Specs.of(tunnel.stored().policies()));
        }
    }

    private void answered(LivingTunnel tunnel, @Nullable Throwable failure) {
        long id = tunnel.id();
        if (table.entry(id) != tunnel) {
            // Ended while the data plane was at it; closing a tunnel that is not open does nothing.
            CompletionStage<?> unused = dataPlane.close(id, EndReason.REMOVED);
            return;
        }
        if (failure == null) {
            tunnel.ports = LivingTunnel.Ports.UP;
            Tunnel unused = states.settle(tunnel);
            if (complained.remove(id)) {
                log.info("Tunnel {} has its ports again", id);
            }
            return;
        }
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        tunnel.ports = LivingTunnel.Ports.DOWN;
        tunnel.missing =
                "visitors cannot reach it: " + cause.getMessage() + "; tried again every " + pause.toSeconds() + " s";
        Tunnel unused = states.settle(tunnel);
        if (complained.add(id)) {
            log.warn("Tunnel {} is kept, but {}", id, tunnel.missing);
        }
        if (!waiting) {
            waiting = true;
            tryAt = ticker.nanos() + pause.toNanos();
        }
    }
}
