package io.culvert.control.event;

/** What an {@link Event} tells of. The name in lower case is what the API calls it. */
public enum EventKind {
    CREATED,
    CHANGED,
    /** The tunnel came into {@code UP}. Told behind what is left out of {@link #AGENT_UP}, where there is something. */
    UP,
    /** The tunnel left {@code UP}, and did not end. Likewise. */
    DOWN,
    RENEWED,
    /** A lease ends in a while, or has run out and is in its grace. */
    EXPIRING,
    EXPIRED,
    REMOVED,
    PAUSED,
    RESUMED,
    DRAINING,
    /**
     * A session of an agent came. Of this, {@link #AGENT_DOWN} and {@link #TAKEOVER} together a tunnel tells 40 at once and one more each 3 s; the
     * next that is told says in its text how many were left out.
     */
    AGENT_UP,
    /** A session of an agent left. Likewise. */
    AGENT_DOWN,
    /** One agent took another's place. Likewise; but where a storm of the others leaves no place, 40 of these and one more each 3 s are told all the same. */
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
