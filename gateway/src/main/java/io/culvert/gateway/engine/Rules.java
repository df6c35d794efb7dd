package io.culvert.gateway.engine;

import io.culvert.gateway.Policies;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A tunnel's policies in force, with what its connections share of them. Any thread, but for the arrivals: these are the home loop's. */
final class Rules {
    private final Policies policies;
    private final Arrivals arrivals;
    private final @Nullable Bucket in;
    private final @Nullable Bucket out;
    private final AtomicBoolean spent = new AtomicBoolean();

    private Rules(Policies policies, Arrivals arrivals, long now) {
        this.policies = policies;
        this.arrivals = arrivals;
        this.in = bucket(policies.tunnel().in(), now);
        this.out = bucket(policies.tunnel().out(), now);
    }

    /** The first ones of a tunnel. */
    static Rules first(Policies policies, long now) {
        return new Rules(policies, new Arrivals(policies.newPerSecond(), now), now);
    }

    /** The next ones; who came in lately still counts where the bound on that stays. */
    Rules next(Policies changed, long now) {
        boolean same = changed.newPerSecond() == arrivals.perSecond();
        return new Rules(changed, same ? arrivals : new Arrivals(changed.newPerSecond(), now), now);
    }

    /** A bucket for a rate; null for none. */
    static @Nullable Bucket bucket(long rate, long now) {
        return rate == 0 ? null : new Bucket(rate, now);
    }

    Policies policies() {
        return policies;
    }

    Arrivals arrivals() {
        return arrivals;
    }

    /** Of all connections, from visitors; null for no bound. */
    @Nullable
    Bucket in() {
        return in;
    }

    /** Of all connections, to visitors; null for no bound. */
    @Nullable
    Bucket out() {
        return out;
    }

    /** True for the first who finds the volume spent. */
    boolean spent() {
        return spent.compareAndSet(false, true);
    }
}
