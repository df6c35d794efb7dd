package io.culvert.gateway;

/**
 * What a tunnel has carried over its whole life, exact to the byte. Immutable, any thread.
 *
 * @param bytesIn read from visitors and handed on
 * @param bytesOut read from the target for visitors and handed on
 * @param connections visitors' connections (UDP: flows) that an agent took
 * @param refused visitors that were turned away: by a policy, a pause, or because no agent was there
 * @param datagramsDropped datagrams that had no agent to go to, that waited behind too many others, or that a policy stopped
 */
public record Counts(long bytesIn, long bytesOut, long connections, long refused, long datagramsDropped) {
    /** Nothing yet. */
    public static final Counts ZERO = new Counts(0, 0, 0, 0, 0);

    public Counts {
        if (bytesIn < 0 || bytesOut < 0 || connections < 0 || refused < 0 || datagramsDropped < 0) {
            throw new IllegalArgumentException("counts: one is negative (expected: at least 0)");
        }
    }
}
