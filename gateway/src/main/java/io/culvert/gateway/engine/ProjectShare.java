package io.culvert.gateway.engine;

import io.culvert.gateway.Allowance;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** What the tunnels of one project have together, held against what they may have. Any thread, without locks. */
final class ProjectShare {
    private final AtomicInteger connections = new AtomicInteger();
    /** Of both directions, tunnels that have ended included; in one place so that a bound can be met to the byte. */
    private final AtomicLong bytes = new AtomicLong();

    private final AtomicBoolean told = new AtomicBoolean();
    private final Set<Visitors> tunnels = ConcurrentHashMap.newKeySet();
    private volatile Allowance allowance = Allowance.ALL;

    void add(Visitors tunnel) {
        tunnels.add(tunnel);
    }

    void remove(Visitors tunnel) {
        tunnels.remove(tunnel);
    }

    /** Puts another allowance into force, for open connections too. */
    void allow(Allowance next) {
        allowance = next;
        told.set(false);
        tunnels.forEach(Visitors::obeyShare);
    }

    /** Takes a place for one more connection; false where there is none. Each is given back by {@link #leave}. */
    boolean enter() {
        int most = allowance.connections().orElse(Integer.MAX_VALUE);
        while (true) {
            int now = connections.get();
            if (now >= most) {
                return false;
            }
            if (connections.compareAndSet(now, now + 1)) {
                return true;
            }
        }
    }

    void leave() {
        connections.decrementAndGet();
    }

    /** Whether bytes must be claimed before they are handed on. */
    boolean bounded() {
        return allowance.bytes().isPresent();
    }

    long carried() {
        return bytes.get();
    }

    /** Adds without asking. */
    void spend(int n) {
        bytes.getAndAdd(n);
    }

    /**
     * Adds what stays within the bound.
     *
     * @return 0 to {@code wanted}
     */
    int claim(int wanted) {
        long bound = bound();
        while (true) {
            long sofar = bytes.get();
            int n = (int) Math.max(0, Math.min(wanted, bound - sofar));
            if (n == 0 || bytes.compareAndSet(sofar, sofar + n)) {
                lookAtBytes();
                return n;
            }
        }
    }

    /** Adds if all of it stays within the bound: a datagram is not cut. */
    boolean claimWhole(int wanted) {
        long bound = bound();
        while (true) {
            long sofar = bytes.get();
            if (wanted > bound - sofar) {
                return false;
            }
            if (bytes.compareAndSet(sofar, sofar + wanted)) {
                lookAtBytes();
                return true;
            }
        }
    }

    boolean spent() {
        return bytes.get() >= bound();
    }

    /** Has the connections of all tunnels ended where nothing is left; once for each allowance. */
    void lookAtBytes() {
        if (spent() && told.compareAndSet(false, true)) {
            tunnels.forEach(Visitors::shareSpent);
        }
    }

    private long bound() {
        return allowance.bytes().orElse(Long.MAX_VALUE);
    }
}
