package io.culvert.client;

import java.util.List;
import java.util.Optional;

/**
 * Which events are asked for. Immutable, any thread.
 *
 * @param tunnels of these, at most 100; none: of all, and of the server
 * @param kinds of these; none: of all
 * @param after only those behind this number, also where they have happened already; empty: what happens from now on
 */
public record EventFilter(List<Long> tunnels, List<String> kinds, Optional<Long> after) {
    public EventFilter {
        tunnels = List.copyOf(tunnels);
        kinds = List.copyOf(kinds);
    }

    /** All that happens from now on. */
    public static EventFilter all() {
        return new EventFilter(List.of(), List.of(), Optional.empty());
    }

    /** Of these tunnels only. */
    public EventFilter of(List<Long> ids) {
        return new EventFilter(ids, kinds, after);
    }

    /** Of these kinds only. */
    public EventFilter kinds(List<String> wanted) {
        return new EventFilter(tunnels, wanted, after);
    }

    /** Those behind this number. */
    public EventFilter after(long number) {
        return new EventFilter(tunnels, kinds, Optional.of(number));
    }
}
