package io.culvert.agent;

import io.culvert.link.agent.JoinToken;
import io.culvert.link.net.Transport;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * What an {@link Agent} is told at its start. Immutable.
 *
 * @param server the server's bridge port
 * @param token says which tunnel to serve, and pins the server's identity
 * @param allow the only targets that may be dialled; empty allows what the server asks
 * @param sessions connections to keep, 1 to 64
 * @param dialTimeout most time to look a target's name up, and again for each of its addresses to answer; 1 ms to 1 h
 * @param firstRetry most wait before the first try to come back, 1 ms to 1 h
 * @param mostRetry what the wait may grow to, {@code firstRetry} to 1 h
 * @param transport how sockets are driven
 * @param linger most time without progress while a target whose connection has ended both ways is sent its last bytes, 1 ms to 1 h
 * @param credentialFile where the session credential is kept over a restart of the agent; empty to forget it
 */
public record AgentSettings(
        Address server,
        JoinToken token,
        Set<Address> allow,
        int sessions,
        Duration dialTimeout,
        Duration firstRetry,
        Duration mostRetry,
        Transport transport,
        Duration linger,
        Optional<Path> credentialFile) {
    private static final Duration SHORTEST = Duration.ofMillis(1);
    private static final Duration LONGEST = Duration.ofHours(1);

    public AgentSettings {
        allow = Set.copyOf(allow);
        if (sessions < 1 || sessions > 64) {
            throw new IllegalArgumentException("sessions: " + sessions + " (expected: 1 to 64)");
        }
        check("dial timeout", dialTimeout, SHORTEST);
        check("first retry", firstRetry, SHORTEST);
        check("most retry", mostRetry, firstRetry);
        check("linger", linger, SHORTEST);
    }

    /** Last bytes have a minute without progress. */
    public AgentSettings(
            Address server,
            JoinToken token,
            Set<Address> allow,
            int sessions,
            Duration dialTimeout,
            Duration firstRetry,
            Duration mostRetry,
            Transport transport) {
        this(
                server,
                token,
                allow,
                sessions,
                dialTimeout,
                firstRetry,
                mostRetry,
                transport,
                Duration.ofSeconds(60),
                Optional.empty());
    }

    private static void check(String name, Duration value, Duration least) {
        if (value.compareTo(least) < 0 || value.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: " + least + " to " + LONGEST + ")");
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
        return new AgentSettings(
                server,
                token,
                targets,
                sessions,
                dialTimeout,
                firstRetry,
                mostRetry,
                transport,
                linger,
                credentialFile);
    }

    /** The same with another number of sessions. */
    public AgentSettings withSessions(int count) {
        return new AgentSettings(
                server, token, allow, count, dialTimeout, firstRetry, mostRetry, transport, linger, credentialFile);
    }

    /** The same with sockets driven another way. */
    public AgentSettings over(Transport other) {
        return new AgentSettings(
                server, token, allow, sessions, dialTimeout, firstRetry, mostRetry, other, linger, credentialFile);
    }

    /** The same with another time for last bytes. */
    public AgentSettings lingering(Duration time) {
        return new AgentSettings(
                server, token, allow, sessions, dialTimeout, firstRetry, mostRetry, transport, time, credentialFile);
    }

    /** The same with a file for the session credential. */
    public AgentSettings keepingCredential(Path file) {
        return new AgentSettings(
                server,
                token,
                allow,
                sessions,
                dialTimeout,
                firstRetry,
                mostRetry,
                transport,
                linger,
                Optional.of(file));
    }
}
