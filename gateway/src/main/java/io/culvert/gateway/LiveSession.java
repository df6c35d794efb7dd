package io.culvert.gateway;

import java.time.Duration;
import java.util.Optional;

/**
 * A connected session of an agent. A snapshot, any thread.
 *
 * @param id names it within this process; never used twice
 * @param agent what the agent calls itself, for instance {@code culvert-agent/0.1.0}: its own word, to be shown and not to be trusted
 * @param address where it comes from, for instance {@code 203.0.113.9:51234}
 * @param epoch grows with each session of the tunnel
 * @param age since it was let in
 * @param roundTrip of the last ping; empty before the first answer
 * @param streams open ones
 */
public record LiveSession(
        long id,
        Kind kind,
        String agent,
        String address,
        long epoch,
        Duration age,
        Optional<Duration> roundTrip,
        int streams) {
    /** Which program it is. */
    public enum Kind {
        /** Culvert's own. */
        OWN,
        /** A stock goproxy client. */
        GOPROXY
    }
}
