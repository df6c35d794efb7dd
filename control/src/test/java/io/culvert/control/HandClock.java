package io.culvert.control;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;

/** Both clocks, moved by hand and together. The ticker starts seven seconds before it wraps, so that most tests see it wrap. */
public final class HandClock implements Ticker, InstantSource {
    public static final Instant START = Instant.parse("2026-03-04T05:06:07Z");

    private static final long FIRST = Long.MAX_VALUE - Duration.ofSeconds(7).toNanos();

    private final AtomicLong passed = new AtomicLong();

    @Override
    public long nanos() {
        return FIRST + passed.get();
    }

    @Override
    public Instant instant() {
        return START.plusNanos(passed.get());
    }

    /** Moves both forward; nobody is woken by that. */
    public void move(Duration step) {
        passed.addAndGet(step.toNanos());
    }
}
