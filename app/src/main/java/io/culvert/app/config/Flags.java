package io.culvert.app.config;

import java.util.List;
import java.util.Map;

/**
 * What the command line said. Immutable, any thread.
 *
 * @param values the texts of each flag that was given, by its name without dashes, in the order given
 * @param faults what was wrong with the command line itself: unknown options, values left out
 */
public record Flags(Map<String, List<String>> values, List<String> faults) {
    public Flags {
        values = Map.copyOf(values);
        faults = List.copyOf(faults);
    }

    /** A command line without fault. */
    public static Flags of(Map<String, List<String>> values) {
        return new Flags(values, List.of());
    }
}
