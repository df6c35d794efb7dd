package io.culvert.control;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Ports that rest: their last tunnel ended a moment ago, and its visitors may still come. Times of people are by the wall clock, the rest itself
 * by the ticker. Control thread only.
 */
final class PortQuarantine {
    /** @param endNanos by the ticker */
    private record Rest(RestingPort port, long endNanos) {
        /** By the end; and of several that end at one instant, as when a tunnel has many ports, none is the same as another. */
        static int compare(Rest one, Rest other) {
            int ends = Long.signum(one.endNanos - other.endNanos);
            int numbers = ends != 0 ? ends : Integer.compare(one.port.port(), other.port.port());
            return numbers != 0 ? numbers : one.port.protocol().compareTo(other.port.protocol());
        }
    }

    private final Duration length;
    private final InstantSource wallClock;
    private final Ticker ticker;
    private final PortMap<Rest> resting = new PortMap<>();
    /** The same, that which ends next first. */
    private final NavigableSet<Rest> ends = new TreeSet<>(Rest::compare);

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
        Rest rest = resting.get(port);
        resting.remove(port);
        return rest != null && ends.remove(rest);
    }

    /** The rest of a port, where it rests. */
    Optional<RestingPort> of(HeldPort port) {
        prune();
        return Optional.ofNullable(resting.get(port)).map(Rest::port);
    }

    /** The lowest number from {@code number} on that does not rest; maybe one behind the last port. */
    int nextAwake(Protocol protocol, int number) {
        prune();
        return resting.nextWithout(protocol, number);
    }

    /** All that rest. */
    List<RestingPort> all() {
        prune();
        return ends.stream().map(Rest::port).toList();
    }

    /** Of those that are fit, the one whose rest ends next. */
    Optional<HeldPort> nextToEnd(Predicate<RestingPort> fit) {
        prune();
        for (Rest rest : ends) {
            if (fit.test(rest.port())) {
                return Optional.of(HeldPort.of(rest.port()));
            }
        }
        return Optional.empty();
    }

    private void begin(Rest rest) {
        HeldPort port = HeldPort.of(rest.port());
        Rest before = resting.get(port);
        if (before != null) {
            ends.remove(before);
        }
        resting.put(port, rest);
        ends.add(rest);
    }

    private void prune() {
        while (!ends.isEmpty() && isOver(ends.first())) {
            resting.remove(HeldPort.of(ends.pollFirst().port()));
        }
    }

    private boolean isOver(Rest rest) {
        return rest.endNanos() - ticker.nanos() <= 0;
    }
}
