package io.culvert.control.access;

import io.culvert.control.Ticker;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How often each of many has failed, and until when it has to wait. A bounded number of them: the one that has been quiet for longest is
 * forgotten first. Not safe for threads.
 */
final class Counters<K> {
    private final Ticker ticker;
    private final Duration memory;
    /** The longest quiet first. */
    private final Map<K, Count> counts;

    /** @param failures since when it is counted, at least 0 */
    private record Count(int failures, long lastNanos, long untilNanos) {}

    /**
     * @param most how many are remembered, at least 1
     * @param memory how long somebody must be quiet, behind what there is to wait for, to be a stranger again
     */
    Counters(Ticker ticker, int most, Duration memory) {
        this.ticker = ticker;
        this.memory = memory;
        this.counts = new LinkedHashMap<>() {
            @Override
            protected boolean removeEldestEntry(Map.Entry<K, Count> eldest) {
                return size() > most;
            }
        };
    }

    boolean knows(K key) {
        return find(key) != null;
    }

    int failures(K key) {
        Count count = find(key);
        return count == null ? 0 : count.failures();
    }

    /** How long it has to wait still; zero for not at all. */
    Duration left(K key) {
        Count count = find(key);
        long left = count == null ? 0 : count.untilNanos() - ticker.nanos();
        return left > 0 ? Duration.ofNanos(left) : Duration.ZERO;
    }

    /** It has failed so often, and has to wait. */
    void set(K key, int failures, Duration wait) {
        long now = ticker.nanos();
        counts.remove(key);
        counts.put(key, new Count(failures, now, now + wait.toNanos()));
    }

    void forget(K key) {
        counts.remove(key);
    }

    int size() {
        return counts.size();
    }

    private @Nullable Count find(K key) {
        Count count = counts.get(key);
        if (count == null) {
            return null;
        }
        long now = ticker.nanos();
        boolean waits = count.untilNanos() - now > 0;
        if (!waits && now - count.lastNanos() > memory.toNanos()) {
            counts.remove(key);
            return null;
        }
        return count;
    }
}
