package io.culvert.client;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/**
 * What a tunnel carried, by time. Immutable, any thread.
 *
 * @param grain {@code minute}, {@code hour} or {@code day}
 * @param slots those in which it carried anything, oldest first
 */
public record Usage(String grain, Instant from, Instant to, List<Slot> slots, Document document) {
    public Usage {
        slots = List.copyOf(slots);
    }

    /** How fine. Minutes are kept for a day, hours for 30 days, days for three years. */
    public enum Grain {
        MINUTE,
        HOUR,
        DAY;

        /** As the API spells it. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** One minute, hour or day. */
    public record Slot(Instant start, long bytesIn, long bytesOut, long connections, long refused) {
        static Slot read(Answer answer) throws IOException {
            return new Slot(
                    answer.time("start"),
                    answer.number("bytes_in"),
                    answer.number("bytes_out"),
                    answer.number("connections"),
                    answer.number("refused"));
        }
    }

    static Usage read(Answer answer) throws IOException {
        return new Usage(
                answer.text("grain"),
                answer.time("from"),
                answer.time("to"),
                answer.list("slots", Slot::read),
                answer.document());
    }
}
