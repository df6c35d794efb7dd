package io.culvert.web;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * How many connections there may be, all loops together, and from one address: whoever opens a thousand and says nothing takes its own
 * share of the places, and heartbeats from elsewhere still come through. Any thread.
 */
final class Places {
    private final WebLimits limits;
    private final AtomicInteger taken = new AtomicInteger();
    private final ConcurrentMap<String, Integer> byAddress = new ConcurrentHashMap<>();

    Places(WebLimits limits) {
        this.limits = limits;
    }

    /**
     * Takes a place for a connection; false where there is none, and then there is nothing to leave.
     *
     * @param address where it comes from; null where many callers come from there, who are not counted as one
     */
    boolean take(@Nullable String address) {
        if (taken.incrementAndGet() > limits.maxConnections()) {
            taken.decrementAndGet();
            return false;
        }
        if (address != null && byAddress.merge(address, 1, Integer::sum) > limits.maxPerAddress()) {
            leave(address);
            return false;
        }
        return true;
    }

    void leave(@Nullable String address) {
        taken.decrementAndGet();
        if (address != null) {
            byAddress.computeIfPresent(address, (same, count) -> count == 1 ? null : count - 1);
        }
    }
}
