package io.culvert.agent;

import io.culvert.link.agent.JoinToken;
import io.culvert.link.net.Transport;
import java.time.Duration;
import java.util.Set;

/**
 * What an {@link Agent} is told at its start. Immutable.
 *
 * @param server the server's bridge port
 * @param token says which tunnel to serve, and pins the server's identity
 * @param allow the only targets that may be dialled; empty allows what the server asks
 * @param sessions connections to keep, 1 to 64
 * @param dialTimeout most time for a target to answer
 * @param firstRetry wait before the first try to come back, at least 1 ms
 * @param mostRetry what the wait may grow to
 * @param transport how sockets are driven
 */
public record AgentSettings(
        Address server,
        JoinToken token,
        Set<Address> allow,
        int sessions,
        Duration dialTimeout,
        Duration firstRetry,
        Duration mostRetry,
        Transport transport) {
    public AgentSettings {
        allow = Set.copyOf(allow);
        if (sessions < 1 || sessions > 64) {
            throw new IllegalArgumentException("sessions: " + sessions + " (expected: 1 to 64)");
        }
    }

    /** Settings that fit any machine. */
    public static AgentSettings of(Address server, JoinToken token) {
        return new AgentSettings(
                server,
                token,
                Set.of(),
                1,
                Duration.ofSeconds(10),
                Duration.ofMillis(250),
                Duration.ofSeconds(20),
                Transport.best());
    }

    /** The same with an allow-list. */
    public AgentSettings allowing(Set<Address> targets) {
        return new AgentSettings(server, token, targets, sessions, dialTimeout, firstRetry, mostRetry, transport);
    }

    /** The same with another number of sessions. */
    public AgentSettings withSessions(int count) {
        return new AgentSettings(server, token, allow, count, dialTimeout, firstRetry, mostRetry, transport);
    }

    /** The same with sockets driven another way. */
    public AgentSettings over(Transport other) {
        return new AgentSettings(server, token, allow, sessions, dialTimeout, firstRetry, mostRetry, other);
    }
}
