package io.culvert.client;

import java.io.IOException;
import java.time.Instant;
import java.util.Optional;

/**
 * A public port that is not free for everybody. Immutable, any thread.
 *
 * @param use {@code expose}, {@code bridge}, {@code reserved} or {@code quarantine}
 * @param tunnel who holds it, or held it last
 * @param reservation the name it is kept for
 * @param until the end of its quarantine
 */
public record Port(
        int port,
        Protocol protocol,
        String use,
        Optional<Long> tunnel,
        Optional<String> reservation,
        Optional<Instant> until,
        Document document) {
    static Port read(Answer answer) throws IOException {
        return new Port(
                answer.count("port"),
                Protocol.of(answer.text("protocol")),
                answer.text("use"),
                answer.anyNumber("tunnel"),
                answer.anyText("reservation"),
                answer.anyTime("until"),
                answer.document());
    }
}
