package io.culvert.control;

/** What a tunnel is at the moment. */
public enum TunnelState {
    /** Its ports are held, no agent is connected. */
    WAITING,
    /** Visitors reach the target, as far as the server can tell. */
    UP,
    /** A port is missing after a restart, or an agent is connected and the volume is used up or a target cannot be reached. */
    DEGRADED,
    /** Somebody paused it, or its lease ran out and it lives on in its grace. Visitors are turned away; ports are held. */
    PAUSED,
    /** It is ending, or the server drains: visitors who are there may stay for a while, no new ones come in. */
    DRAINING,
    /** It is no more; its record stays readable for a day. */
    ENDED
}
