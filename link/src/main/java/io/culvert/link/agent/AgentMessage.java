package io.culvert.link.agent;

import io.culvert.link.bytes.Fields;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;

/**
 * What an agent and the server say to each other before multiplexing starts: the agent says {@link Hello}, the server answers
 * {@link Welcome} or {@link Refused}. Or the agent says {@link Renew} on a connection of its own, and the server answers {@link Renewed} or
 * {@link Refused}. {@link MessageCodec} knows the bytes. Immutable, any thread.
 */
public sealed interface AgentMessage {
    /** Length of a session credential: random bytes that the agent drew. */
    int CREDENTIAL_BYTES = 32;

    /**
     * The agent's first and only message.
     *
     * @param tunnelId the tunnel it wants to serve, at least 0
     * @param secret the join token's secret, {@value JoinToken#MIN_SECRET} to {@value JoinToken#MAX_SECRET} bytes; empty from an agent that has
     *     a credential and shows nothing else
     * @param credential {@value AgentMessage#CREDENTIAL_BYTES} bytes that are to stand for the token from now on, or do so already; empty for none
     * @param instance {@value #INSTANCE_BYTES} random bytes that the agent process drew when it started
     * @param session the number of this session within the agent, 0 to {@value #MAX_SESSION}
     * @param standby true to come in only if no other agent serves the tunnel; false to take it over
     * @param probes whether the agent answers {@linkplain StreamHead#probe probes}; an older one takes them for visitors
     * @param agent name and version, for instance {@code culvert-agent/0.1.0}, 1 to {@value #MAX_NAME} bytes
     */
    // equals, hashCode and toString below look at the content; accessors hand out copies.
    @SuppressWarnings("ArrayRecordComponent")
    record Hello(
            long tunnelId,
            byte[] secret,
            byte[] credential,
            byte[] instance,
            int session,
            boolean standby,
            boolean probes,
            String agent)
            implements AgentMessage {
        /** Length of {@link #instance}. */
        public static final int INSTANCE_BYTES = 16;
        /** Greatest number of a session. */
        public static final int MAX_SESSION = 63;
        /** Greatest length of {@link #agent} in bytes. */
        public static final int MAX_NAME = 64;

        public Hello {
            if (tunnelId < 0) {
                throw new IllegalArgumentException("tunnel id: " + tunnelId + " (expected: at least 0)");
            }
            if (credential.length != 0) {
                requireCredential(credential, "credential");
            }
            if (secret.length > JoinToken.MAX_SECRET
                    || (secret.length < JoinToken.MIN_SECRET && (secret.length != 0 || credential.length == 0))) {
                throw new IllegalArgumentException("secret: " + secret.length + " bytes (expected: "
                        + JoinToken.MIN_SECRET + " to " + JoinToken.MAX_SECRET + ")");
            }
            if (instance.length != INSTANCE_BYTES) {
                throw new IllegalArgumentException(
                        "instance: " + instance.length + " bytes (expected: " + INSTANCE_BYTES + ")");
            }
            if (session < 0 || session > MAX_SESSION) {
                throw new IllegalArgumentException("session: " + session + " (expected: 0 to " + MAX_SESSION + ")");
            }
            Fields.requireText(agent, "agent", 1, MAX_NAME);
            secret = secret.clone();
            credential = credential.clone();
            instance = instance.clone();
        }

        /** Of an agent that answers no probes and has no credential. */
        public Hello(long tunnelId, byte[] secret, byte[] instance, int session, boolean standby, String agent) {
            this(tunnelId, secret, new byte[0], instance, session, standby, false, agent);
        }

        @Override
        public byte[] secret() {
            return secret.clone();
        }

        @Override
        public byte[] credential() {
            return credential.clone();
        }

        @Override
        public byte[] instance() {
            return instance.clone();
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Hello that
                    && tunnelId == that.tunnelId
                    && session == that.session
                    && standby == that.standby
                    && probes == that.probes
                    && Arrays.equals(secret, that.secret)
                    && Arrays.equals(credential, that.credential)
                    && Arrays.equals(instance, that.instance)
                    && agent.equals(that.agent);
        }

        @Override
        public int hashCode() {
            return Long.hashCode(tunnelId) * 31 + Arrays.hashCode(instance) * 31 + session;
        }

        /** Everything but the secrets. */
        @Override
        public String toString() {
            return "Hello[tunnel=" + tunnelId + ", secret=***, session=" + session + ", standby=" + standby
                    + ", probes="
                    + probes + ", agent="
                    + agent + "]";
        }
    }

    /**
     * The agent is in; the next byte both ways is yamux.
     *
     * @param epoch which incarnation of the tunnel's agent this is; a greater one replaces a smaller one. At least 0
     * @param pingEvery how often each side pings the other, {@link #MIN_PING} to {@link #MAX_PING}, whole milliseconds
     * @param server name and version, for instance {@code culvert/0.1.0}, 1 to {@value #MAX_NAME} bytes
     * @param renewIn when the agent should renew its credential, 1 ms to {@link Renewed#MAX_RENEW}; empty where the server keeps none for it
     */
    record Welcome(long epoch, Duration pingEvery, String server, Optional<Duration> renewIn) implements AgentMessage {
        /** Least time between pings. */
        public static final Duration MIN_PING = Duration.ofMillis(1);
        /** Greatest time between pings. */
        public static final Duration MAX_PING = Duration.ofHours(1);
        /** Greatest length of {@link #server} in bytes. */
        public static final int MAX_NAME = 64;

        public Welcome {
            if (epoch < 0) {
                throw new IllegalArgumentException("epoch: " + epoch + " (expected: at least 0)");
            }
            if (pingEvery.compareTo(MIN_PING) < 0 || pingEvery.compareTo(MAX_PING) > 0) {
                throw new IllegalArgumentException(
                        "ping: " + pingEvery + " (expected: " + MIN_PING + " to " + MAX_PING + ")");
            }
            if (pingEvery.toNanosPart() % 1_000_000 != 0) {
                throw new IllegalArgumentException("ping: " + pingEvery + " (expected: whole milliseconds)");
            }
            Fields.requireText(server, "server", 1, MAX_NAME);
            renewIn.ifPresent(Renewed::check);
        }

        /** To an agent that shows its token each time. */
        public Welcome(long epoch, Duration pingEvery, String server) {
            this(epoch, pingEvery, server, Optional.empty());
        }
    }

    /**
     * The agent wants another credential in place of the one it has; the first and only message of its connection.
     *
     * @param tunnelId the tunnel it serves, at least 0
     * @param credential the one it has
     * @param next the one that is to take its place
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Renew(long tunnelId, byte[] credential, byte[] next) implements AgentMessage {
        public Renew {
            if (tunnelId < 0) {
                throw new IllegalArgumentException("tunnel id: " + tunnelId + " (expected: at least 0)");
            }
            requireCredential(credential, "credential");
            requireCredential(next, "next");
            credential = credential.clone();
            next = next.clone();
        }

        @Override
        public byte[] credential() {
            return credential.clone();
        }

        @Override
        public byte[] next() {
            return next.clone();
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Renew that
                    && tunnelId == that.tunnelId
                    && Arrays.equals(credential, that.credential)
                    && Arrays.equals(next, that.next);
        }

        @Override
        public int hashCode() {
            return Long.hashCode(tunnelId);
        }

        @Override
        public String toString() {
            return "Renew[tunnel=" + tunnelId + "]";
        }
    }

    /**
     * The next credential is good.
     *
     * @param renewIn when that one should be renewed, 1 ms to {@link #MAX_RENEW}, whole milliseconds
     */
    record Renewed(Duration renewIn) implements AgentMessage {
        /** Greatest time to the next renewal. */
        public static final Duration MAX_RENEW = Duration.ofDays(40);

        public Renewed {
            check(renewIn);
        }

        private static void check(Duration renewIn) {
            if (renewIn.toMillis() < 1 || renewIn.compareTo(MAX_RENEW) > 0 || renewIn.toNanosPart() % 1_000_000 != 0) {
                throw new IllegalArgumentException(
                        "renew in: " + renewIn + " (expected: PT0.001S to " + MAX_RENEW + ", whole milliseconds)");
            }
        }
    }

    private static void requireCredential(byte[] value, String name) {
        if (value.length != CREDENTIAL_BYTES) {
            throw new IllegalArgumentException(
                    name + ": " + value.length + " bytes (expected: " + CREDENTIAL_BYTES + ")");
        }
    }

    /**
     * The agent is not let in; the server closes the connection behind this message.
     *
     * @param code what the agent should make of it
     * @param text one line for the agent's user, at most {@value #MAX_TEXT} bytes; may be empty
     */
    record Refused(RefusalCode code, String text) implements AgentMessage {
        /** Greatest length of {@link #text} in bytes. */
        public static final int MAX_TEXT = 200;

        public Refused {
            Fields.requireText(text, "text", 0, MAX_TEXT);
        }
    }
}
