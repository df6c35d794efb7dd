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

    /** A session ended; {@code sessions} counts those that are left. */
    void agentDown(long tunnelId, String agent, String why, int sessions);
}
