package io.culvert.gateway;

import java.util.concurrent.CompletionStage;

/** Who decides whether an agent may come in. Called on a gateway loop: must not wait; the answer may come from any thread. */
public interface AgentDoor {
    /**
     * Says whether an agent that shows this secret may serve this tunnel.
     *
     * @param tunnelId as the agent claims it
     * @param secret the join token's secret, 16 to 64 bytes; anything else was refused before
     */
    CompletionStage<Admission> admit(long tunnelId, byte[] secret);
}
