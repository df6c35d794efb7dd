package io.culvert.gateway;

import java.time.Duration;
import java.util.Optional;

/** The answer of an {@link AgentDoor}. */
public sealed interface Admission {
    /** The grant of a session that showed the tunnel's own join token, and of one that needs none. */
    String OWN_TOKEN = "";

    /**
     * The agent may serve this tunnel and nothing else.
     *
     * @param grant names what the agent was let in by; when that ends, {@link DataPlane#revoke} cuts its sessions
     * @param renewIn when the credential that the agent showed should be renewed, at least 1 ms; empty where it is worth nothing
     */
    record Admitted(long tunnelId, String grant, Optional<Duration> renewIn) implements Admission {
        /** By the tunnel's own token. */
        public Admitted(long tunnelId) {
            this(tunnelId, OWN_TOKEN, Optional.empty());
        }
    }

    /**
     * The agent may not.
     *
     * @param retry true where the same credential may be good later (the store does not answer); false where it never will be
     * @param text one line for the agent's user; never says more than the agent could know
     */
    record Refused(boolean retry, String text) implements Admission {}
}
