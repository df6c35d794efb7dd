package io.culvert.control.hook;

import java.time.Duration;
import java.time.Instant;
import java.util.OptionalInt;

/**
 * What came of posting an event once. Immutable, any thread.
 *
 * @param at when it began
 * @param took until it was known
 * @param status of HTTP, where there was an answer
 * @param outcome in plain words, at most 200 characters
 */
public record Attempt(Instant at, Duration took, OptionalInt status, String outcome) {
    private static final int MOST_CHARACTERS = 200;

    public Attempt {
        outcome = outcome.length() <= MOST_CHARACTERS ? outcome : outcome.substring(0, MOST_CHARACTERS);
    }

    /** True where the webhook said that it has it: any 2xx. */
    public boolean delivered() {
        return status.isPresent() && status.getAsInt() / 100 == 2;
    }
}
