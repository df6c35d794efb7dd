package io.culvert.control.audit;

import java.nio.charset.StandardCharsets;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/** What an entry may hold, so that every database gives back what was hashed. No state, any thread. */
final class AuditText {
    static final int MOST_DOCUMENT = 16_384;

    private static final int MOST_NAME = 200;
    private static final int MOST_ADDRESS = 64;
    private static final int MOST_OPERATION = 100;
    private static final int MOST_TARGET = 300;
    private static final int MOST_OUTCOME = 100;

    private AuditText() {}

    /** The same within bounds. */
    static AuditEntry bounded(AuditEntry entry) {
        return new AuditEntry(
                entry.at().truncatedTo(ChronoUnit.MICROS),
                cut(entry.caller(), MOST_NAME),
                entry.kind(),
                cut(entry.address(), MOST_ADDRESS),
                cut(entry.operation(), MOST_OPERATION),
                cut(entry.target(), MOST_TARGET),
                cut(entry.outcome(), MOST_OUTCOME),
                document(entry.before()),
                document(entry.after()));
    }

    private static Optional<String> document(Optional<String> text) {
        return text.map(it -> it.length() <= MOST_DOCUMENT ? storable(it) : "{\"left_out\":" + it.length() + "}");
    }

    private static String cut(String text, int most) {
        return storable(text.length() <= most ? text : text.substring(0, most));
    }

    /** Without what PostgreSQL cannot keep, NUL and half characters. */
    private static String storable(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8).replace('\0', '\uFFFD');
    }
}
