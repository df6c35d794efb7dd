package io.culvert.control;

import java.time.Duration;

/**
 * Bounds of a {@link TunnelService}. Immutable, any thread.
 *
 * @param maxTunnels living tunnels at the same time, at least 1
 * @param maxWaiting changes that may wait for the control thread before further ones are refused, at least 1; heartbeats and
 *     agents at the door wait in a lane of their own with the same bound
 * @param openRetry the pause before a restored tunnel whose port was taken is tried again, more than zero
 * @param openTimeout how long a create waits for the data plane, more than zero
 * @param storeTimeout how long a change waits for the store, more than zero
 * @param writeBehind heartbeat times are stored at most this often, more than zero
 */
public record ControlSettings(
        int maxTunnels,
        int maxWaiting,
        Duration openRetry,
        Duration openTimeout,
        Duration storeTimeout,
        Duration writeBehind) {
    public ControlSettings {
        atLeastOne("maxTunnels", maxTunnels);
        atLeastOne("maxWaiting", maxWaiting);
        moreThanZero("openRetry", openRetry);
        moreThanZero("openTimeout", openTimeout);
        moreThanZero("storeTimeout", storeTimeout);
        moreThanZero("writeBehind", writeBehind);
    }

    /** 20,000 tunnels, 10,000 waiting, retry 5 s, data plane 10 s, store 10 s, heartbeat times each second. */
    public static ControlSettings defaults() {
        return new ControlSettings(
                20_000,
                10_000,
                Duration.ofSeconds(5),
                Duration.ofSeconds(10),
                Duration.ofSeconds(10),
                Duration.ofSeconds(1));
    }

    /** The same settings with another bound on living tunnels. */
    public ControlSettings withMaxTunnels(int tunnels) {
        return new ControlSettings(tunnels, maxWaiting, openRetry, openTimeout, storeTimeout, writeBehind);
    }

    private static void atLeastOne(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: >= 1)");
        }
    }

    private static void moreThanZero(String name, Duration value) {
        if (value.isZero() || value.isNegative()) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: more than zero)");
        }
    }
}
