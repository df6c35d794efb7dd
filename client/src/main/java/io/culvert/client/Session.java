package io.culvert.client;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * A connected agent. Immutable, any thread.
 *
 * @param kind {@code own} for Culvert's agent, {@code goproxy} for a stock client
 * @param agent what it calls itself: its own word
 * @param epoch grows with each session of the tunnel
 */
public record Session(
        long id,
        String kind,
        String agent,
        String address,
        long epoch,
        Instant since,
        Optional<Duration> roundTrip,
        int streams,
        Document document) {
    static Session read(Answer answer) throws IOException {
        return new Session(
                answer.number("id"),
                answer.text("kind"),
                answer.text("agent"),
                answer.text("address"),
                answer.number("epoch"),
                answer.time("since"),
                answer.anySeconds("round_trip_seconds"),
                answer.count("streams"),
                answer.document());
    }
}
