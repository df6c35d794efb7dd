package io.culvert.control;

import org.jspecify.annotations.Nullable;

/** A port of this machine as a resource: TCP and UDP are counted apart. Immutable, any thread. */
public record HeldPort(Protocol protocol, int number) {
    static HeldPort of(Expose expose) {
        return new HeldPort(expose.protocol(), expose.port());
    }

    static HeldPort of(Bridge bridge) {
        return new HeldPort(Protocol.TCP, bridge.port());
    }

    static HeldPort of(Reservation reservation) {
        return new HeldPort(reservation.protocol(), reservation.port());
    }

    static HeldPort of(RestingPort resting) {
        return new HeldPort(resting.protocol(), resting.port());
    }

    // A record's own two go by method handles, through which the compiler that this package has does not see:
    // RATIONALE, "Picking ports".
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof HeldPort port && port.number == number && port.protocol == protocol;
    }

    @Override
    public int hashCode() {
        return 2 * number + (protocol == Protocol.TCP ? 0 : 1);
    }
}
