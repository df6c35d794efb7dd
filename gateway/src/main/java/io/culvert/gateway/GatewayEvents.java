package io.culvert.gateway;

/** What the data plane reports of its own accord. Called on a gateway loop: must not wait and must not throw. */
public interface GatewayEvents {
    /** A session of an agent was admitted; {@code sessions} counts the tunnel's live ones, this one included. */
    void agentUp(long tunnelId, String agent, int sessions);

    /** A session ended; {@code sessions} counts those that are left. */
    void agentDown(long tunnelId, String agent, String why, int sessions);
}
