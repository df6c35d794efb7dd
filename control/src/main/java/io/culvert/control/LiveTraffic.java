package io.culvert.control;

/**
 * What a tunnel carries at this moment.
 *
 * @param sessions connected sessions of agents
 * @param visitors open visitor connections
 * @param bytesIn bytes from visitors since the server started
 * @param bytesOut bytes to visitors, likewise
 * @param datagramsDropped datagrams that had no agent to go to, or that waited behind too many others, likewise
 */
public record LiveTraffic(int sessions, int visitors, long bytesIn, long bytesOut, long datagramsDropped) {}
