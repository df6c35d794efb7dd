package io.culvert.control;

import io.culvert.control.caller.Permission;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * Tunnels that ended within the last day, at most 100,000 of them. {@link #list} and {@link #find} may be called by any thread, the rest by the
 * control thread only.
 */
final class EndedTunnels {
    static final Duration KEPT = Duration.ofDays(1);

    private static final int MOST = 100_000;

    /** @param untilNanos by the ticker */
    private record Kept(long id, Instant at, long untilNanos) {}

    private final InstantSource wallClock;
    private final Ticker ticker;
    private final ConcurrentSkipListMap<Long, EndedTunnel> byId = new ConcurrentSkipListMap<>();
    /** In the order of their ends. */
    private final Deque<Kept> order = new ArrayDeque<>();

    EndedTunnels(InstantSource wallClock, Ticker ticker) {
        this.wallClock = wallClock;
        this.ticker = ticker;
    }

    /** Those that the caller may see, ordered by id. Any thread. */
    List<Tunnel> list(Caller caller) {
        return Sight.of(caller, byId.values().stream().map(EndedTunnel::tunnel).toList());
    }

    /** One that the caller may see; rules as in {@link TunnelTable#find(Caller, Permission, long)}. Any thread. */
    Optional<EndedTunnel> find(Caller caller, long id) {
        return find(id).filter(ended -> Sight.may(
                caller,
                Permission.TUNNELS_READ,
                id,
                ended.tunnel().project(),
                ended.tunnel().owner()));
    }

    /** One of them, whose ever it is. Any thread. */
    Optional<EndedTunnel> find(long id) {
        return Optional.ofNullable(byId.get(id));
    }

    /** Goes on with those of before a restart. */
    void restore(List<EndedTunnel> stored) {
        stored.stream().sorted(Comparator.comparing(EndedTunnel::at)).forEach(this::add);
    }

    /** Remembers one; what was remembered of the same tunnel before is replaced. */
    void add(EndedTunnel tunnel) {
        long id = tunnel.tunnel().id();
        if (byId.put(id, tunnel) == null) {
            long left = Times.nanosUntil(wallClock.instant(), tunnel.at().plus(KEPT));
            order.add(new Kept(id, tunnel.at(), ticker.nanos() + left));
        }
        if (order.size() > MOST) {
            Kept first = order.removeFirst();
            byId.remove(first.id());
        }
    }

    /** Remembers what one had carried in the end. */
    void counted(EndedTunnel tunnel) {
        byId.computeIfPresent(tunnel.tunnel().id(), (id, before) -> tunnel);
    }

    /** When {@link #prune} has something to do next. */
    OptionalLong deadline() {
        Kept first = order.peekFirst();
        return first == null ? OptionalLong.empty() : OptionalLong.of(first.untilNanos());
    }

    /** Forgets those whose day is over; gives the moment before which all are forgotten, where there were any. */
    Optional<Instant> prune() {
        Optional<Instant> forgotten = Optional.empty();
        while (!order.isEmpty() && order.getFirst().untilNanos() - ticker.nanos() <= 0) {
            Kept over = order.removeFirst();
            byId.remove(over.id());
            // Exclusive in the store, which counts in microseconds.
            forgotten = Optional.of(over.at().plusNanos(1_000));
        }
        return forgotten;
    }
}
