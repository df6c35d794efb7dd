package io.culvert.control.event;

/** What an {@link Event} tells of. The name in lower case is what the API calls it. */
public enum EventKind {
    CREATED,
    CHANGED,
    /** The tunnel came into {@code UP}. */
    UP,
    /** The tunnel left {@code UP}, and did not end. */
    DOWN,
    RENEWED,
    /** A lease ends in a while, or has run out and is in its grace. */
    EXPIRING,
    EXPIRED,
    REMOVED,
    PAUSED,
    RESUMED,
    DRAINING,
    AGENT_UP,
    AGENT_DOWN,
    /** One agent took another's place. */
    TAKEOVER,
    POLICY_HIT,
    TOKEN_ROTATED,
    TOKEN_CREATED,
    TOKEN_USED,
    TOKEN_REVOKED,
    PORT_MOVED,
    SERVER_STARTED,
    SERVER_DRAINING,
    /** Somebody tries a webhook: sent to it alone, never in the log. */
    TEST
}
