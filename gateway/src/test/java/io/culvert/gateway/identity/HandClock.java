package io.culvert.gateway.identity;

import java.time.Instant;
import java.time.InstantSource;

/** A clock that stands where it was set. Any thread. */
public final class HandClock implements InstantSource {
    private volatile Instant now;

    /** A clock that stands at this moment. */
    public HandClock(Instant now) {
        this.now = now;
    }

    /** Moves it. */
    public void set(Instant moment) {
        now = moment;
    }

    @Override
    public Instant instant() {
        return now;
    }
}
