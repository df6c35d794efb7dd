package io.culvert.gateway;

/** A policy that a visitor met with; see {@link Policies} and {@link Allowance}. */
public enum Policy {
    /** {@code allow} or {@code deny}. */
    ADDRESS,
    CONNECTIONS,
    CONNECTIONS_PER_ADDRESS,
    NEW_PER_SECOND,
    VOLUME,
    IDLE,
    LONGEST,
    /** {@link Allowance#connections} of the tunnel's project. */
    PROJECT_CONNECTIONS,
    /** {@link Allowance#bytes} of the tunnel's project. */
    PROJECT_BYTES
}
