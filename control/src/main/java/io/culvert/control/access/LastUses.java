package io.culvert.control.access;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * When keys, or logins, were last used: exact in memory, to the minute on disk. A heartbeat every few seconds is no reason to wear out an SD
 * card. Any thread; one writes.
 */
final class LastUses {
    private static final Duration GRAIN = Duration.ofMinutes(1);

    private final Map<String, Instant> last = new ConcurrentHashMap<>();
    private final Map<String, Instant> written = new ConcurrentHashMap<>();

    void note(String id, Instant at) {
        last.merge(id, at, (one, other) -> one.isAfter(other) ? one : other);
    }

    /** Since this process runs. */
    Optional<Instant> of(String id) {
        return Optional.ofNullable(last.get(id));
    }

    /** What the store does not know to the minute; or at all, at the end. */
    Map<String, Instant> due(boolean end) {
        Map<String, Instant> due = new HashMap<>();
        last.forEach((id, at) -> {
            Instant before = written.get(id);
            if (before == null || (end ? at.isAfter(before) : !at.isBefore(before.plus(GRAIN)))) {
                due.put(id, at);
            }
        });
        return due;
    }

    void written(Map<String, Instant> uses) {
        written.putAll(uses);
    }

    /** Lets go of what is not there any more. */
    void keep(Predicate<String> there) {
        last.keySet().removeIf(there.negate());
        written.keySet().retainAll(last.keySet());
    }
}
