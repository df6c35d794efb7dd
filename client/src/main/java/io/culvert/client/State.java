package io.culvert.client;

import java.util.Arrays;
import java.util.Locale;

/** How a tunnel is. */
public enum State {
    /** Ports are held, no agent is there. */
    WAITING,
    /** Visitors reach the target, as far as the server can tell. */
    UP,
    /** An agent is there, but not all is well. */
    DEGRADED,
    /** Somebody paused it, or its lease ran out and it is in its grace. */
    PAUSED,
    /** It is ending; no new visitors come in. */
    DRAINING,
    /** It is over. */
    ENDED,
    /** A state that this client does not know: the server is newer. */
    OTHER;

    /** As the API spells it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }

    static State of(String word) {
        return Arrays.stream(values())
                .filter(state -> state.toString().equals(word))
                .findFirst()
                .orElse(OTHER);
    }
}
