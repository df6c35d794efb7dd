package io.culvert.control.event;

import java.time.Instant;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Something that happened. Immutable, any thread.
 *
 * @param id grows by one with each, also across restarts; never used twice. After a crash it leaps ahead, since nobody knows any more
 *     which of the last ones were seen
 * @param at by the wall clock
 * @param tunnel whom it concerns; empty for the server as a whole
 * @param text one line in plain words, for people
 * @param details further facts by name, for programs; never a secret
 */
public record Event(
        long id, Instant at, EventKind kind, OptionalLong tunnel, String text, Map<String, String> details) {
    public Event {
        details = Map.copyOf(details);
    }
}
