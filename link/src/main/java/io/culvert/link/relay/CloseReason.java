package io.culvert.link.relay;

/** How a relayed connection came to its end. */
public enum CloseReason {
    /** Both sides ended properly. */
    ENDED,
    /** The left leg (the visitor; at the agent, the stream) broke off. */
    LEFT_RESET,
    /** The right leg (the stream; at the agent, the target) broke off. */
    RIGHT_RESET,
    /** The session that carried it ended. */
    SESSION_LOST,
    /** Somebody here cut it: the tunnel ended, or a limit was passed. */
    CUT
}
