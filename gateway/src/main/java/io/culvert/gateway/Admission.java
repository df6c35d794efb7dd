package io.culvert.gateway;

/** The answer of an {@link AgentDoor}. */
public sealed interface Admission {
    /** The agent may serve this tunnel and nothing else. */
    record Admitted(long tunnelId) implements Admission {}

    /**
     * The agent may not.
     *
     * @param retry true where the same credential may be good later (the store does not answer); false where it never will be
     * @param text one line for the agent's user; never says more than the agent could know
     */
    record Refused(boolean retry, String text) implements Admission {}
}
