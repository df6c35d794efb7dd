package io.culvert.gateway.engine;

import io.culvert.gateway.Counts;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** What a tunnel has carried over its whole life. Any thread, without locks. */
final class Tally {
    private final LongAdder bytesIn = new LongAdder();
    private final LongAdder bytesOut = new LongAdder();
    private final LongAdder connections = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private final LongAdder dropped = new LongAdder();
    /** Bytes of both directions, in one place so that a bound can be met to the byte. */
    private final AtomicLong volume;

    /** Goes on from these counts. */
    Tally(Counts before) {
        bytesIn.add(before.bytesIn());
        bytesOut.add(before.bytesOut());
        connections.add(before.connections());
        refused.add(before.refused());
        dropped.add(before.datagramsDropped());
        volume = new AtomicLong(before.bytesIn() + before.bytesOut());
    }

    /** Bytes were handed on to an agent. */
    void in(int bytes) {
        bytesIn.add(bytes);
    }

    /** Bytes were handed to a visitor's socket. */
    void out(int bytes) {
        bytesOut.add(bytes);
    }

    /** Adds to the volume without asking. */
    void spend(int bytes) {
        volume.getAndAdd(bytes);
    }

    /**
     * Adds to the volume what stays within a bound.
     *
     * @return 0 to {@code wanted}
     */
    int claim(int wanted, long bound) {
        while (true) {
            long sofar = volume.get();
            int n = (int) Math.max(0, Math.min(wanted, bound - sofar));
            if (n == 0 || volume.compareAndSet(sofar, sofar + n)) {
                return n;
            }
        }
    }

    /** Adds to the volume if all of it stays within a bound: a datagram is not cut. */
    boolean claimWhole(int wanted, long bound) {
        while (true) {
            long sofar = volume.get();
            if (wanted > bound - sofar) {
                return false;
            }
            if (volume.compareAndSet(sofar, sofar + wanted)) {
                return true;
            }
        }
    }

    /** Bytes of both directions. */
    long volume() {
        return volume.get();
    }

    /** An agent took a connection. */
    void taken() {
        connections.increment();
    }

    /** A visitor was turned away. */
    void refused() {
        refused.increment();
    }

    /** A datagram was dropped. */
    void dropped() {
        dropped.increment();
    }

    Counts counts() {
        return new Counts(bytesIn.sum(), bytesOut.sum(), connections.sum(), refused.sum(), dropped.sum());
    }
}
