package io.culvert.control;

import java.util.Optional;

/**
 * What came of one of several requests in a bulk call: a value, or why not. Immutable, any thread.
 *
 * @param value there exactly where {@code failure} is not
 */
public record Outcome<T>(Optional<T> value, Optional<ControlException> failure) {
    /** It was done. */
    public static <T> Outcome<T> done(T value) {
        return new Outcome<>(Optional.of(value), Optional.empty());
    }

    /** It was refused; nothing was changed for it. */
    public static <T> Outcome<T> refused(ControlException why) {
        return new Outcome<>(Optional.empty(), Optional.of(why));
    }
}
