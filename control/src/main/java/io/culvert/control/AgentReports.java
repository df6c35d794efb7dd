package io.culvert.control;

import io.culvert.gateway.GatewayEvents;
import io.culvert.gateway.Policy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the control thread who comes and goes, and writes down what else is reported. What waits for that thread is bounded by what the data plane lets
 * happen: an agent must be admitted to come, policies report once a second and targets once in two. Any thread.
 */
final class AgentReports implements GatewayEvents {
    private static final Logger log = LoggerFactory.getLogger(AgentReports.class);

    private final ControlLoop loop;
    private final AgentKeeper agents;

    AgentReports(ControlLoop loop, AgentKeeper agents) {
        this.loop = loop;
        this.agents = agents;
    }

    @Override
    public void agentUp(long tunnelId, String agent, int sessions) {
        String name = oneLine(agent);
        loop.report(() -> agents.up(tunnelId, name, sessions));
    }

    @Override
    public void agentReplaced(long tunnelId, String oldAgent, String newAgent) {
        String older = oneLine(oldAgent);
        String newer = oneLine(newAgent);
        loop.report(() -> agents.replaced(tunnelId, older, newer));
    }

    @Override
    public void policyHit(long tunnelId, Policy policy, String visitor, long times) {
        String address = oneLine(visitor);
        loop.report(() -> agents.policyHit(tunnelId, policy, address, times));
    }

    @Override
    public void targetFailed(long tunnelId, int expose, String why) {
        String reason = oneLine(why);
        log.info("Tunnel {}: expose {} fails: {}", tunnelId, expose, reason);
        loop.report(() -> agents.targetFailed(tunnelId, expose, reason));
    }

    @Override
    public void targetReached(long tunnelId, int expose) {
        log.info("Tunnel {}: expose {} fails no more", tunnelId, expose);
        loop.report(() -> agents.targetReached(tunnelId, expose));
    }

    @Override
    public void agentDown(long tunnelId, String agent, String why, int sessions) {
        String name = oneLine(agent);
        String reason = oneLine(why);
        loop.report(() -> agents.down(tunnelId, name, reason, sessions));
    }

    /** Names come from agents: none may forge a line of the log. */
    private static String oneLine(String text) {
        return text.replaceAll("\\p{Cntrl}", "?");
    }
}
