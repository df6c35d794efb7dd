package io.culvert.gateway;

import java.time.Duration;

/**
 * One step of the way from a public port to its target, as it was tried just now. Immutable, any thread.
 *
 * @param text what was found: {@code ok}, or what is wrong with the value it is wrong with, for instance {@code refused 127.0.0.1:22}
 * @param took how long the step took
 */
public record ProbeStep(Place place, Outcome outcome, String text, Duration took) {
    /** Where on the way. */
    public enum Place {
        /** The public port. */
        LISTENER,
        /** The session that would carry a visitor. */
        SESSION,
        /** The agent's dial of the target. */
        TARGET
    }

    /** What came of it. */
    public enum Outcome {
        OK,
        FAILED,
        /** Cannot be told, for instance because a stock agent does not say whether its dial succeeded. */
        UNKNOWN,
        /** Not tried, because a step before it failed. */
        SKIPPED
    }
}
