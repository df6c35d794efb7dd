package io.culvert.link.relay;

import io.netty.buffer.ByteBuf;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** A leg that counts what is asked of it and passes it on to a real one. Counts may be read by any thread. */
final class WatchedLeg implements Leg {
    final AtomicLong consumed = new AtomicLong();
    final AtomicInteger rests = new AtomicInteger();
    final AtomicInteger resumes = new AtomicInteger();
    final AtomicInteger resets = new AtomicInteger();
    private final Leg leg;

    WatchedLeg(Leg leg) {
        this.leg = leg;
    }

    @Override
    public void attach(LegEvents events) {
        leg.attach(events);
    }

    @Override
    public void write(ByteBuf bytes) {
        leg.write(bytes);
    }

    @Override
    public void flush() {
        leg.flush();
    }

    @Override
    public boolean writable() {
        return leg.writable();
    }

    @Override
    public void reading(boolean on) {
        (on ? resumes : rests).incrementAndGet();
        leg.reading(on);
    }

    @Override
    public void consumed(int bytes) {
        consumed.addAndGet(bytes);
        leg.consumed(bytes);
    }

    @Override
    public void end() {
        leg.end();
    }

    @Override
    public void reset() {
        resets.incrementAndGet();
        leg.reset();
    }
}
