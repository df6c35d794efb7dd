package io.culvert.gateway.engine;

import io.culvert.gateway.GatewayEvents;
import io.culvert.gateway.Policy;
import io.netty.channel.EventLoop;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Reports what visitors ran into: the first at once, then at most once a second for each policy. Lives on the tunnel's home loop. */
final class PolicyHits {
    private static final long REST_SECONDS = 1;

    private final long tunnelId;
    private final EventLoop home;
    private final GatewayEvents events;
    /** The policies that were reported within the last second, with what came since. */
    private final Map<Policy, Pending> resting = new EnumMap<>(Policy.class);

    PolicyHits(long tunnelId, EventLoop home, GatewayEvents events) {
        this.tunnelId = tunnelId;
        this.home = home;
        this.events = events;
    }

    void hit(Policy policy, String visitor) {
        assert home.inEventLoop();
        Pending pending = resting.get(policy);
        if (pending == null) {
            resting.put(policy, new Pending());
            report(policy, visitor, 1);
        } else {
            pending.times++;
            pending.visitor = visitor;
        }
    }

    private void report(Policy policy, String visitor, long times) {
        events.policyHit(tunnelId, policy, visitor, times);
        home.schedule(() -> rested(policy), REST_SECONDS, TimeUnit.SECONDS);
    }

    private void rested(Policy policy) {
        Pending pending = resting.get(policy);
        if (pending == null || pending.times == 0) {
            resting.remove(policy);
        } else {
            resting.put(policy, new Pending());
            report(policy, pending.visitor, pending.times);
        }
    }

    private static final class Pending {
        private long times;
        private String visitor = "";
    }
}
