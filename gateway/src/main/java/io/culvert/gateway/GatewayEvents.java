package io.culvert.gateway;

/** What the data plane reports of its own accord. Called on a gateway loop: must not wait and must not throw. */
public interface GatewayEvents {
    /** A session of an agent was admitted; {@code sessions} counts the tunnel's live ones, this one included. */
    void agentUp(long tunnelId, String agent, int sessions);

    /** An agent's session took the place of another agent's, which was told so; {@link #agentUp} follows. */
    void agentReplaced(long tunnelId, String oldAgent, String newAgent);

    /**
     * Visitors met with a policy. Reported at once for the first, then at most once a second for each policy of a tunnel.
     *
     * @param visitor the last one's address
     * @param times how often since the last report
     */
    void policyHit(long tunnelId, Policy policy, String visitor, long times);

    /**
     * The target of a TCP expose cannot be reached: a visitor was broken off, and the agent said why when it was asked. Reported when that becomes known
     * and when the reason changes, at most once in two seconds for each expose.
     *
     * @param expose which, from 0
     * @param why names the target and the error
     */
    void targetFailed(long tunnelId, int expose, String why);

    /** A target that had failed is not known to fail any more: it was reached, or the agents that could tell are gone. */
    void targetReached(long tunnelId, int expose);

    /** A session ended; {@code sessions} counts those that are left. */
    void agentDown(long tunnelId, String agent, String why, int sessions);
}
