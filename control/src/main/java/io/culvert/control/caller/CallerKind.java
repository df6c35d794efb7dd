package io.culvert.control.caller;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** How somebody came in. Immutable, any thread. */
public enum CallerKind {
    /** A user who has signed in. */
    LOGIN,
    /** Whoever shows a key, be it of a user or a configured one. */
    KEY,
    /** Anybody, where the server asks nobody. */
    OPEN,
    /** Somebody who did not get in. */
    NOBODY,
    /** The server itself. */
    SERVER;

    /** As the audit writes it: {@code login}, {@code key}, … */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The kind of this word; empty where there is none. */
    public static Optional<CallerKind> of(String word) {
        return Arrays.stream(values()).filter(each -> each.word().equals(word)).findFirst();
    }
}
