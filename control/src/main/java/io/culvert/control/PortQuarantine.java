package io.culvert.control;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Ports that rest: their last tunnel ended a moment ago, and its visitors may still come. Times of people are by the wall clock, the rest itself
 * by the ticker. Control thread only.
 */
final class PortQuarantine {
    /** @param endNanos by the ticker */
    private record Rest(RestingPort port, long endNanos) {}

    private final Duration length;
    private final InstantSource wallClock;
    private final Ticker ticker;
    private final Map<HeldPort, Rest> resting = new HashMap<>();
    /** In the order of their ends; may hold rests that were cut short or begun anew. */
    private final Deque<Rest> ends = new ArrayDeque<>();

    PortQuarantine(Duration length, InstantSource wallClock, Ticker ticker) {
        this.length = length;
        this.wallClock = wallClock;
        this.ticker = ticker;
    }

    /** Goes on with rests of before a restart. */
    void restore(List<RestingPort> stored) {
        Instant now = wallClock.instant();
        long nanos = ticker.nanos();
        stored.stream()
                .filter(port -> port.until().isAfter(now))
                .sorted(Comparator.comparing(RestingPort::until))
                .map(port -> new Rest(port, nanos + Times.nanosUntil(now, port.until())))
                .forEach(this::begin);
    }

    /** The rests of a tunnel's ports as they would begin now; none where there is no quarantine. */
    List<RestingPort> planned(StoredTunnel tunnel, List<HeldPort> ports) {
        if (length.isZero()) {
            return List.of();
        }
        Instant until = wallClock.instant().plus(length);
        return ports.stream()
                .map(port -> new RestingPort(
                        port.protocol(),
                        port.number(),
                        until,
                        tunnel.id(),
                        tunnel.project(),
                        tunnel.owner(),
                        tunnel.name()))
                .toList();
    }

    /** Lets ports rest as planned a moment ago. */
    void rest(List<RestingPort> planned) {
        prune();
        long end = ticker.nanos() + length.toNanos();
        planned.forEach(port -> begin(new Rest(port, end)));
    }

    /** Ends a rest before its time; false where there was none. */
    boolean wake(HeldPort port) {
        prune();
        return resting.remove(port) != null;
    }

    /** The rest of a port, where it rests. */
    Optional<RestingPort> of(HeldPort port) {
        Rest rest = resting.get(port);
        return rest == null || isOver(rest) ? Optional.empty() : Optional.of(rest.port());
    }

    /** All that rest, in no order. */
    List<RestingPort> all() {
        prune();
        return resting.values().stream().map(Rest::port).toList();
    }

    /** The one that has rested longest of those that are fit. */
    Optional<HeldPort> oldest(Predicate<RestingPort> fit) {
        prune();
        return resting.values().stream()
                .filter(rest -> fit.test(rest.port()))
                .min((one, other) -> Long.signum(one.endNanos() - other.endNanos()))
                .map(rest -> HeldPort.of(rest.port()));
    }

    private void begin(Rest rest) {
        resting.put(HeldPort.of(rest.port()), rest);
        ends.add(rest);
    }

    private void prune() {
        while (!ends.isEmpty() && isOver(ends.peekFirst())) {
            Rest over = ends.pollFirst();
            if (over != null) {
                resting.remove(HeldPort.of(over.port()), over);
            }
        }
    }

    private boolean isOver(Rest rest) {
        return rest.endNanos() - ticker.nanos() <= 0;
    }
}
