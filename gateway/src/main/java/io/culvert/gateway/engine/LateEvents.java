package io.culvert.gateway.engine;

import io.culvert.gateway.GatewayEvents;
import io.culvert.gateway.Policy;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Tunnels are opened before anybody serves; whoever listens then is told. Any thread. */
final class LateEvents implements GatewayEvents {
    private final Supplier<@Nullable GatewayEvents> listener;

    LateEvents(Supplier<@Nullable GatewayEvents> listener) {
        this.listener = listener;
    }

    @Override
    public void agentUp(long tunnelId, String agent, int sessions) {
        GatewayEvents events = listener.get();
        if (events != null) {
            events.agentUp(tunnelId, agent, sessions);
        }
    }

    @Override
    public void agentReplaced(long tunnelId, String oldAgent, String newAgent) {
        GatewayEvents events = listener.get();
        if (events != null) {
            events.agentReplaced(tunnelId, oldAgent, newAgent);
        }
    }

    @Override
    public void policyHit(long tunnelId, Policy policy, String visitor, long times) {
        GatewayEvents events = listener.get();
        if (events != null) {
            events.policyHit(tunnelId, policy, visitor, times);
        }
    }

    @Override
    public void targetFailed(long tunnelId, int expose, String why) {
        GatewayEvents events = listener.get();
        if (events != null) {
            events.targetFailed(tunnelId, expose, why);
        }
    }

    @Override
    public void targetReached(long tunnelId, int expose) {
        GatewayEvents events = listener.get();
        if (events != null) {
            events.targetReached(tunnelId, expose);
        }
    }

    @Override
    public void agentDown(long tunnelId, String agent, String why, int sessions) {
        GatewayEvents events = listener.get();
        if (events != null) {
            events.agentDown(tunnelId, agent, why, sessions);
        }
    }
}
