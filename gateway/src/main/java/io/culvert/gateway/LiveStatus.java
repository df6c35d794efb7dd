package io.culvert.gateway;

/**
 * What a tunnel carries at this moment. A snapshot: figures may be a few milliseconds apart from each other.
 *
 * @param sessions connected sessions of agents
 * @param visitors open visitor connections
 * @param bytesIn bytes read from visitors since the tunnel was opened in this process
 * @param bytesOut bytes read from the target for visitors, likewise
 * @param datagramsDropped datagrams that had no agent to go to, or that waited behind too many others, likewise
 */
public record LiveStatus(int sessions, int visitors, long bytesIn, long bytesOut, long datagramsDropped) {}
