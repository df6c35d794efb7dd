package io.culvert.gateway.engine;

import io.culvert.gateway.Policies;
import io.culvert.gateway.Policy;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The datagrams of one flow under its tunnel's rules: each passes whole or not at all, since neither can it be cut nor would it be worth
 * anything later. Lives on the loop of the session that carries the flow.
 */
final class FlowGate {
    private final EventLoop loop;
    private final Visitors visitors;
    private final Meter meter;
    private final Expiry expiry;
    private Rules rules;
    private boolean claims;
    private @Nullable Bucket in;
    private @Nullable Bucket out;

    /**
     * A gate that obeys the tunnel's present rules. On any thread; {@link #obey} begins the flow's time.
     *
     * @param expired hears that the flow was open for too long
     */
    FlowGate(EventLoop loop, Visitors visitors, Meter meter, Consumer<Policy> expired) {
        this.loop = loop;
        this.visitors = visitors;
        this.meter = meter;
        this.expiry = new Expiry(loop, meter.since(), meter::movedAt, expired);
        this.rules = visitors.rules();
    }

    /** Puts the tunnel's present rules into force. */
    void obey() {
        assert loop.inEventLoop();
        rules = visitors.rules();
        Policies policies = rules.policies();
        long now = loop.ticker().nanoTime();
        in = Rules.bucket(policies.connection().in(), now);
        out = Rules.bucket(policies.connection().out(), now);
        claims = visitors.bounded(rules);
        meter.claimedAhead(claims);
        // Flows end by themselves when they rest: the bound on idleness is for connections.
        expiry.within(Duration.ZERO, policies.longest());
        visitors.lookAtVolume(rules);
        visitors.share().lookAtBytes();
    }

    /** Whether a datagram of the visitor may pass; where it may, it counts as handed on. */
    boolean forth(int bytes) {
        if (!passes(bytes, in, rules.in())) {
            return false;
        }
        meter.forth(bytes);
        visitors.lookAtVolume(rules);
        return true;
    }

    /** Likewise for a datagram of the target. */
    boolean back(int bytes) {
        if (!passes(bytes, out, rules.out())) {
            return false;
        }
        meter.back(bytes);
        visitors.lookAtVolume(rules);
        return true;
    }

    private boolean passes(int bytes, @Nullable Bucket own, @Nullable Bucket shared) {
        if (own != null || shared != null) {
            long now = loop.ticker().nanoTime();
            if (own != null && !own.take(bytes, now)) {
                return false;
            }
            if (shared != null && !shared.take(bytes, now)) {
                if (own != null) {
                    own.refund(bytes);
                }
                return false;
            }
        }
        return !claims || visitors.claimWhole(rules, bytes);
    }

    /** The flow is over. */
    void stop() {
        expiry.stop();
    }
}
