package io.culvert.control;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

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
 * @param quarantine how long a port rests after its tunnel ended, before a stranger may have it; zero for no rest
 * @param pools where free ports are picked from, the default one first; at least one, each name once
 * @param credentialTtl how long an agent's session credential is good unless it is renewed, 30 ms to 30 days
 */
public record ControlSettings(
        int maxTunnels,
        int maxWaiting,
        Duration openRetry,
        Duration openTimeout,
        Duration storeTimeout,
        Duration writeBehind,
        Duration quarantine,
        List<PortPool> pools,
        Duration credentialTtl) {
    /** A machine that is off from Friday evening to Monday morning comes back by itself; what was stolen is soon worth nothing. */
    static final Duration CREDENTIAL_TTL = Duration.ofDays(3);

    public ControlSettings {
        atLeastOne("maxTunnels", maxTunnels);
        atLeastOne("maxWaiting", maxWaiting);
        moreThanZero("openRetry", openRetry);
        moreThanZero("openTimeout", openTimeout);
        moreThanZero("storeTimeout", storeTimeout);
        moreThanZero("writeBehind", writeBehind);
        if (quarantine.isNegative()) {
            throw new IllegalArgumentException("quarantine: " + quarantine + " (expected: not negative)");
        }
        if (credentialTtl.compareTo(Duration.ofMillis(30)) < 0 || credentialTtl.compareTo(Duration.ofDays(30)) > 0) {
            throw new IllegalArgumentException("credentialTtl: " + credentialTtl + " (expected: PT0.03S to PT720H)");
        }
        pools = List.copyOf(pools);
        Set<String> names = new HashSet<>();
        if (pools.isEmpty() || !pools.stream().map(PortPool::name).allMatch(names::add)) {
            throw new IllegalArgumentException("pools: " + pools + " (expected: at least one, each name once)");
        }
    }

    /** These bounds, a quarantine of a minute, and one pool where the system picks. */
    public ControlSettings(
            int maxTunnels,
            int maxWaiting,
            Duration openRetry,
            Duration openTimeout,
            Duration storeTimeout,
            Duration writeBehind) {
        this(
                maxTunnels,
                maxWaiting,
                openRetry,
                openTimeout,
                storeTimeout,
                writeBehind,
                Duration.ofMinutes(1),
                List.of(PortPool.SYSTEM),
                CREDENTIAL_TTL);
    }

    /**
     * 20,000 tunnels, 10,000 waiting, retry 5 s, data plane 10 s, store 10 s, heartbeat times each second, ports rest for a minute, the system
     * picks free ones.
     */
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
        return new ControlSettings(
                tunnels,
                maxWaiting,
                openRetry,
                openTimeout,
                storeTimeout,
                writeBehind,
                quarantine,
                pools,
                credentialTtl);
    }

    /** The same settings with another time for credentials. */
    public ControlSettings withCredentialTtl(Duration ttl) {
        return new ControlSettings(
                maxTunnels, maxWaiting, openRetry, openTimeout, storeTimeout, writeBehind, quarantine, pools, ttl);
    }

    /** The same settings with other ports to pick from, the default pool first. */
    public ControlSettings withPorts(List<PortPool> otherPools, Duration otherQuarantine) {
        return new ControlSettings(
                maxTunnels,
                maxWaiting,
                openRetry,
                openTimeout,
                storeTimeout,
                writeBehind,
                otherQuarantine,
                otherPools,
                credentialTtl);
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
