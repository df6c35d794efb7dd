package io.culvert.client;

import java.io.IOException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * Something that happened. Immutable, any thread.
 *
 * @param id grows by one with each
 * @param kind {@code created}, {@code up}, {@code expired} …; a newer server may tell of others
 * @param text for people
 * @param details for programs
 */
public record Event(
        long id,
        Instant at,
        String kind,
        Optional<Long> tunnel,
        String text,
        Map<String, String> details,
        Document document) {
    public Event {
        details = Map.copyOf(details);
    }

    static Event read(Answer answer) throws IOException {
        return new Event(
                answer.number("id"),
                answer.time("at"),
                answer.text("kind"),
                answer.anyNumber("tunnel"),
                answer.text("text"),
                answer.map("details"),
                answer.document());
    }
}
