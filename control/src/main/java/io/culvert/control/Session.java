package io.culvert.control;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * A connected session of an agent. A snapshot, any thread.
 *
 * @param id names it within this server process
 * @param kind {@code own} for Culvert's agent, {@code goproxy} for a stock client
 * @param agent what it calls itself: its own word
 * @param address where it comes from
 * @param epoch grows with each session of the tunnel
 * @param roundTrip of the last ping; empty before its first answer
 */
public record Session(
        long id,
        String kind,
        String agent,
        String address,
        long epoch,
        Instant since,
        Optional<Duration> roundTrip,
        int streams) {}
