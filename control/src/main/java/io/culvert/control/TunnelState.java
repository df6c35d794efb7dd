package io.culvert.control;

/** What a tunnel is at the moment. */
public enum TunnelState {
    /** Its ports are held, no agent is connected. */
    WAITING,
    /** Visitors reach the target, as far as the server can tell. */
    UP,
    /** An agent is connected, but not all is well: a port is missing, or the volume is used up. */
    DEGRADED,
    /** Somebody paused it, or its lease ran out and it lives on in its grace. Visitors are turned away; ports are held. */
    PAUSED,
    /** It is ending: visitors who are there may stay for a while, no new ones come in. */
    DRAINING,
    /** It is no more; its record stays readable for a day. */
    ENDED
}
