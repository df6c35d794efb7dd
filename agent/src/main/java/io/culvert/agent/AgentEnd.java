package io.culvert.agent;

/** Why an agent stopped for good. */
public enum AgentEnd {
    /** {@link Agent#close} was called. */
    CLOSED,
    /** The tunnel's lease ran out. */
    EXPIRED,
    /** Somebody removed the tunnel. */
    REMOVED,
    /** The server does not take the token, or does not speak this version. */
    REFUSED
}
