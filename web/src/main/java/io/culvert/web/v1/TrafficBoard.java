package io.culvert.web.v1;

import io.culvert.control.Caller;
import io.culvert.control.Traffic;
import io.culvert.control.Tunnel;
import io.culvert.control.TunnelService;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What all tunnels carry, looked at by whoever asks first and for all who ask soon after; where nobody asks, nobody looks. Any thread; a look
 * at ten thousand tunnels takes some 10 ms.
 */
final class TrafficBoard {
    /** Readers who ask each 2 s find nothing older than this, and share looks. */
    private static final Duration FRESH = Duration.ofSeconds(1);

    private static final Caller EVERYBODY = Caller.trusted("events");

    private final TunnelService tunnels;
    private Map<Long, Count> counts = Map.of();
    private Instant at = Instant.MIN;
    private long round;

    TrafficBoard(TunnelService tunnels) {
        this.tunnels = tunnels;
    }

    /**
     * What one tunnel carries.
     *
     * @param round of the look that found it so first
     */
    record Count(Tunnel tunnel, Traffic traffic, long round) {}

    /**
     * One look at all.
     *
     * @param round grows by one with each
     * @param at when, by the server's clock
     * @param changed those that are otherwise than in the look that the reader knows
     */
    record Look(long round, Instant at, List<Count> changed) {}

    /** What has changed behind a look, which 0 stands for where there was none. */
    synchronized Look since(long known) {
        Instant now = tunnels.now();
        // Either way: a clock that was put back must not leave the board as it is.
        if (at.equals(Instant.MIN) || Duration.between(at, now).abs().compareTo(FRESH) >= 0) {
            look(now);
        }
        List<Count> changed = new ArrayList<>();
        for (Count count : counts.values()) {
            if (count.round() > known) {
                changed.add(count);
            }
        }
        return new Look(round, at, changed);
    }

    private void look(Instant now) {
        at = now;
        round++;
        List<Tunnel> all = tunnels.list(EVERYBODY);
        Map<Long, Count> fresh = new HashMap<>(all.size() * 2);
        for (Tunnel tunnel : all) {
            Traffic traffic = tunnels.traffic(tunnel);
            Count before = counts.get(tunnel.id());
            long since = before != null && before.traffic().equals(traffic) ? before.round() : round;
            fresh.put(tunnel.id(), new Count(tunnel, traffic, since));
        }
        counts = fresh;
    }
}
