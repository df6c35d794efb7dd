package io.culvert.client;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;

/**
 * An open connection of a visitor, or its UDP flow. Immutable, any thread.
 *
 * @param expose which expose, from 0
 * @param session the session that carries it
 * @param quiet since its last byte either way
 */
public record Connection(
        long id,
        int expose,
        Protocol protocol,
        String visitor,
        String target,
        long session,
        Instant since,
        Duration quiet,
        long bytesIn,
        long bytesOut,
        Document document) {
    static Connection read(Answer answer) throws IOException {
        return new Connection(
                answer.number("id"),
                answer.count("expose"),
                Protocol.of(answer.text("protocol")),
                answer.text("visitor"),
                answer.text("target"),
                answer.number("session"),
                answer.time("since"),
                answer.seconds("quiet_seconds"),
                answer.number("bytes_in"),
                answer.number("bytes_out"),
                answer.document());
    }
}
