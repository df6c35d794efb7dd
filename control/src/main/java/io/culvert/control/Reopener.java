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
    private final Ticker ticker;
    private final Duration pause;
    /** Told once that their port is taken, and not up since. */
    private final Set<Long> complained = new HashSet<>();

    private long tryAt;
    private boolean waiting;

    Reopener(DataPlane dataPlane, ControlLoop loop, TunnelTable table, Ticker ticker, Duration pause) {
        this.dataPlane = dataPlane;
        this.loop = loop;
        this.table = table;
        this.ticker = ticker;
        this.pause = pause;
    }

    /**
     * Asks the data plane for the ports of a living tunnel.
     *
     * @return completes, always normally, when the control thread knows what came of it
     */
    CompletableFuture<?> open(StoredTunnel tunnel) {
        assert loop.inLoop();
        CompletableFuture<Boolean> known = new CompletableFuture<>();
        TunnelTable.Entry entry = table.entry(tunnel.id());
        if (entry == null) {
            known.complete(false);
            return known;
        }
        table.turn(entry, TunnelTable.State.OPENING);
        CompletionStage<OpenTunnel> opening;
        try {
            opening = dataPlane.open(Specs.of(tunnel.id(), tunnel.exposes(), tunnel.bridge()));
        } catch (RuntimeException e) {
            opening = CompletableFuture.failedStage(e);
        }
        opening.whenComplete((open, failure) -> loop.report(() -> {
            answered(tunnel.id(), failure);
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
        List<Long> down = table.in(TunnelTable.State.DOWN);
        complained.retainAll(down);
        for (long id : down) {
            TunnelTable.Entry entry = table.entry(id);
            if (entry != null) {
                CompletableFuture<?> unused = open(entry.stored());
            }
        }
    }

    private void answered(long id, @Nullable Throwable failure) {
        TunnelTable.Entry entry = table.entry(id);
        if (entry == null) {
            // Ended while the data plane was at it; closing a tunnel that is not open does nothing.
            CompletionStage<Void> unused = dataPlane.close(id, EndReason.REMOVED);
            return;
        }
        if (failure == null) {
            table.turn(entry, TunnelTable.State.UP);
            if (complained.remove(id)) {
                log.info("Tunnel {} has its ports again", id);
            }
            return;
        }
        table.turn(entry, TunnelTable.State.DOWN);
        if (complained.add(id)) {
            Throwable cause =
                    failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
            log.warn(
                    "Tunnel {} is kept, but visitors cannot reach it: {}; tried again every {} s",
                    id,
                    cause.getMessage(),
                    pause.toSeconds());
        }
        if (!waiting) {
            waiting = true;
            tryAt = ticker.nanos() + pause.toNanos();
        }
    }
}
