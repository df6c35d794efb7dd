package io.culvert.control;

import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeSet;

/** When the next credential of a tunnel ends, for all tunnels that have some. Control thread only. */
final class CredentialClock {
    /** Entries of tunnels that have ended are swept out once there are so many more than tunnels. */
    private static final int SLACK = 1_000;

    private record Due(long nanos, long tunnel) implements Comparable<Due> {
        /** By the difference: the ticker may wrap. */
        @Override
        public int compareTo(Due other) {
            int byTime = Long.signum(nanos - other.nanos);
            return byTime == 0 ? Long.compare(tunnel, other.tunnel) : byTime;
        }
    }

    private final Ticker ticker;
    private final TunnelTable table;
    private final Map<Long, Due> byTunnel = new HashMap<>();
    private final TreeSet<Due> order = new TreeSet<>();

    CredentialClock(Ticker ticker, TunnelTable table) {
        this.ticker = ticker;
        this.table = table;
    }

    /** A tunnel has these tokens now. */
    void set(StoredTunnel tunnel, Instant now) {
        forget(tunnel.id());
        tunnel.tokens().stream()
                .flatMap(token -> token.credentials().stream())
                .map(SessionCredential::endsAt)
                .min(Comparator.naturalOrder())
                .ifPresent(end -> {
                    Due due = new Due(ticker.nanos() + Math.max(0, Times.nanosUntil(now, end)), tunnel.id());
                    byTunnel.put(tunnel.id(), due);
                    order.add(due);
                });
        if (byTunnel.size() > table.entries().size() + SLACK) {
            byTunnel.keySet().stream()
                    .filter(id -> table.entry(id) == null)
                    .toList()
                    .forEach(this::forget);
        }
    }

    OptionalLong deadline() {
        return order.isEmpty()
                ? OptionalLong.empty()
                : OptionalLong.of(order.first().nanos());
    }

    /** Takes out a tunnel with a credential that has ended by then; empty where there is none. */
    OptionalLong next(long nowNanos) {
        if (order.isEmpty() || order.first().nanos() - nowNanos > 0) {
            return OptionalLong.empty();
        }
        long tunnel = order.first().tunnel();
        forget(tunnel);
        return OptionalLong.of(tunnel);
    }

    private void forget(long tunnel) {
        Due due = byTunnel.remove(tunnel);
        if (due != null) {
            order.remove(due);
        }
    }
}
