package io.culvert.control;

import io.culvert.gateway.Counts;

/**
 * What a tunnel has carried over its whole life, and what it carries now. Immutable, any thread.
 *
 * @param sessions connected sessions of agents
 * @param visitors open visitor connections, UDP flows among them
 * @param bytesIn from visitors to the target
 * @param bytesOut from the target to visitors
 * @param connections visitors that an agent took
 * @param refused visitors that were turned away
 * @param datagramsDropped datagrams that got lost here
 */
public record Traffic(
        int sessions,
        int visitors,
        long bytesIn,
        long bytesOut,
        long connections,
        long refused,
        long datagramsDropped) {
    /** Nothing yet. */
    public static final Traffic NONE = new Traffic(0, 0, 0, 0, 0, 0, 0);

    /** Of a tunnel that is no more. */
    static Traffic ended(Counts counts) {
        return new Traffic(
                0,
                0,
                counts.bytesIn(),
                counts.bytesOut(),
                counts.connections(),
                counts.refused(),
                counts.datagramsDropped());
    }
}
