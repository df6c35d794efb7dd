package io.culvert.agent;

import java.time.Duration;

/** What an agent tells its surroundings; called on a loop of the agent: must not wait. */
public interface AgentListener {
    /** A session is up: visitors can come through it. */
    void connected(int session, long epoch);

    /** A session is down, or could not be had; the agent tries again after {@code retryIn}. */
    void disconnected(int session, String why, Duration retryIn);

    /** The agent stopped for good, because trying on is of no use or because it was closed. Called once, and last. */
    void ended(AgentEnd end, String why);
}
