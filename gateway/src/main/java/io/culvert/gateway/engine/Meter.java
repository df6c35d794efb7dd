package io.culvert.gateway.engine;

import io.culvert.link.relay.Relay;
import io.netty.util.concurrent.Ticker;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What one connection has carried. Written on the loop that carries it, one writer and so without atomic additions; read by any thread.
 */
final class Meter implements Relay.Traffic {
    private final Tally tally;
    private final ProjectShare share;
    private final Ticker clock;
    private final long since;
    private final AtomicLong bytesIn = new AtomicLong();
    private final AtomicLong bytesOut = new AtomicLong();
    private final AtomicLong movedAt;
    private boolean claimedAhead;

    Meter(Tally tally, ProjectShare share, Ticker clock) {
        this.tally = tally;
        this.share = share;
        this.clock = clock;
        this.since = clock.nanoTime();
        this.movedAt = new AtomicLong(since);
    }

    /** Whether a valve has added the bytes to the tunnel's volume and the project's bytes before they get here. On the loop. */
    void claimedAhead(boolean claimed) {
        claimedAhead = claimed;
    }

    @Override
    public void forth(int bytes) {
        bytesIn.setOpaque(bytesIn.getPlain() + bytes);
        tally.in(bytes);
        moved(bytes);
    }

    @Override
    public void back(int bytes) {
        bytesOut.setOpaque(bytesOut.getPlain() + bytes);
        tally.out(bytes);
        moved(bytes);
    }

    private void moved(int bytes) {
        if (!claimedAhead) {
            tally.spend(bytes);
            share.spend(bytes);
        }
        movedAt.setOpaque(clock.nanoTime());
    }

    long bytesIn() {
        return bytesIn.getOpaque();
    }

    long bytesOut() {
        return bytesOut.getOpaque();
    }

    /** Nanoseconds, on the loops' clock, since which it is open. */
    long since() {
        return since;
    }

    /** Nanoseconds, on the loops' clock, of the last byte either way; of the beginning before the first. */
    long movedAt() {
        return movedAt.getOpaque();
    }

    /** Nanoseconds on the loops' clock. */
    long now() {
        return clock.nanoTime();
    }
}
