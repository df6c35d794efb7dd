package io.culvert.gateway;

/**
 * What a tunnel carries at this moment. A snapshot: figures may be a few milliseconds apart from each other.
 *
 * @param sessions connected sessions of agents
 * @param visitors open visitor connections, UDP flows among them
 * @param counts of its whole life: {@link TunnelSpec#counted} and what came since
 */
public record LiveStatus(int sessions, int visitors, Counts counts) {}
