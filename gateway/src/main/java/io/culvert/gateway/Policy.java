package io.culvert.gateway;

/** A policy that a visitor met with; see {@link Policies}. */
public enum Policy {
    /** {@code allow} or {@code deny}. */
    ADDRESS,
    CONNECTIONS,
    CONNECTIONS_PER_ADDRESS,
    NEW_PER_SECOND,
    VOLUME,
    IDLE,
    LONGEST
}
