package io.culvert.app.remote;

import io.culvert.app.config.ValueType;
import java.util.List;

/**
 * Something that is said about one call, and only on its command line. Immutable, any thread.
 *
 * @param name lower case with dashes
 * @param type how its text is read
 * @param many true where it may be given several times
 * @param help one sentence
 * @param choices what a shell may complete; none where there is no telling
 */
record Option<T>(String name, ValueType<T> type, boolean many, String help, List<String> choices) {
    static <T> Option<T> of(String name, ValueType<T> type, String help) {
        return new Option<>(name, type, false, help, List.of());
    }

    static <T> Option<T> many(String name, ValueType<T> type, String help) {
        return new Option<>(name, type, true, help, List.of());
    }

    /** One of some words. */
    static Option<String> word(String name, String help, String... words) {
        return new Option<>(name, Values.oneOf(words), false, help, List.of(words));
    }

    /** True where it needs no value. */
    boolean isSwitch() {
        return type.equals(ValueType.SWITCH);
    }
}
