package io.culvert.client;

import java.io.IOException;
import java.time.Instant;

/**
 * Who did what. Immutable, any thread.
 *
 * @param number 1 for the first, without gaps
 * @param caller empty for somebody who did not get in
 * @param kind {@code login}, {@code key}, {@code open}, {@code nobody} or {@code server}
 * @param target {@code tunnel/7}; empty for what has none
 * @param outcome {@code done}, or {@code refused: } and why
 * @param hash covers the entry before it
 * @param document also what was there before and after
 */
public record AuditEntry(
        long number,
        Instant at,
        String caller,
        String kind,
        String address,
        String operation,
        String target,
        String outcome,
        String hash,
        Document document) {
    static AuditEntry read(Answer answer) throws IOException {
        return new AuditEntry(
                answer.number("number"),
                answer.time("at"),
                answer.text("caller"),
                answer.text("kind"),
                answer.text("address"),
                answer.text("operation"),
                answer.text("target"),
                answer.text("outcome"),
                answer.text("hash"),
                answer.document());
    }
}
