package io.culvert.gateway.engine;

import io.culvert.gateway.Policies;
import io.culvert.gateway.Policy;
import io.culvert.link.relay.CloseReason;
import io.culvert.link.relay.Leg;
import io.culvert.link.relay.Relay;
import io.netty.channel.EventLoop;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of one connection under its tunnel's rules: a relay, counted, and throttled where the rules ask for it. Lives on the loop of
 * the session that carries it.
 */
final class Passage {
    private final EventLoop loop;
    private final Visitors visitors;
    private final Meter meter;
    private final Expiry expiry;
    private @Nullable Relay relay;
    private @Nullable Throttle in;
    private @Nullable Throttle out;
    private boolean over;

    /**
     * A passage without bytes yet.
     *
     * @param expired hears that the connection was idle, or open, for too long
     */
    Passage(EventLoop loop, Visitors visitors, Meter meter, Consumer<Policy> expired) {
        this.loop = loop;
        this.visitors = visitors;
        this.meter = meter;
        this.expiry = new Expiry(loop, meter.since(), meter::movedAt, expired);
    }

    /** Lets bytes flow from now on. */
    void join(Leg visitor, Leg stream, Consumer<CloseReason> closed) {
        assert loop.inEventLoop();
        throttle();
        relay = Relay.join(visitor, stream, meter, in, out, reason -> {
            over = true;
            closeThrottles();
            closed.accept(reason);
        });
    }

    /** Puts the tunnel's present rules into force. */
    void obey() {
        assert loop.inEventLoop();
        Relay current = relay;
        if (current != null) {
            throttle();
            current.valves(in, out);
            // Bytes that passed under the old rules may have spent the volume of the new ones.
            visitors.lookAtVolume(visitors.rules());
            visitors.share().lookAtBytes();
        }
    }

    private void throttle() {
        Rules rules = visitors.rules();
        Policies policies = rules.policies();
        closeThrottles();
        if (!over) {
            boolean claims = visitors.bounded(rules);
            in = Throttle.of(
                    loop, visitors, rules, claims, policies.connection().in(), rules.in(), this::more);
            out = Throttle.of(
                    loop, visitors, rules, claims, policies.connection().out(), rules.out(), this::more);
            meter.claimedAhead(claims);
        }
        // Also where both sides have ended: one may still be taking its last bytes.
        expiry.within(policies.idle(), policies.longest());
    }

    private void more() {
        Relay current = relay;
        if (current != null) {
            current.resume();
        }
    }

    /** Breaks both sides off by RST; true where there was something to break off. */
    boolean cut() {
        assert loop.inEventLoop();
        Relay current = relay;
        if (current != null) {
            current.cut();
        }
        return current != null;
    }

    /** Whether no byte will be handed on any more; the last ones may still be on their way out of a socket. */
    boolean over() {
        return relay == null || over;
    }

    /** The connection is gone, its last bytes too. */
    void stop() {
        over = true;
        expiry.stop();
        closeThrottles();
    }

    private void closeThrottles() {
        Throttle oldIn = in;
        Throttle oldOut = out;
        in = null;
        out = null;
        if (oldIn != null) {
            oldIn.close();
        }
        if (oldOut != null) {
            oldOut.close();
        }
    }
}
