package io.culvert.link.agent;

import io.culvert.link.bytes.Fields;
import java.time.Duration;
import java.util.Arrays;

/**
 * What an agent and the server say to each other before multiplexing starts: the agent says {@link Hello}, the server answers
 * {@link Welcome} or {@link Refused}. {@link MessageCodec} knows the bytes. Immutable, any thread.
 */
public sealed interface AgentMessage {
    /**
     * The agent's first and only message.
     *
     * @param tunnelId the tunnel it wants to serve, at least 0
     * @param secret the join token's secret, {@value JoinToken#MIN_SECRET} to {@value JoinToken#MAX_SECRET} bytes
     * @param instance {@value #INSTANCE_BYTES} random bytes that the agent process drew when it started
     * @param session the number of this session within the agent, 0 to {@value #MAX_SESSION}
     * @param standby true to come in only if no other agent serves the tunnel; false to take it over
     * @param probes whether the agent answers {@linkplain StreamHead#probe probes}; an older one takes them for visitors
     * @param agent name and version, for instance {@code culvert-agent/0.1.0}, 1 to {@value #MAX_NAME} bytes
     */
    // equals, hashCode and toString below look at the content; accessors hand out copies.
    @SuppressWarnings("ArrayRecordComponent")
    record Hello(
            long tunnelId, byte[] secret, byte[] instance, int session, boolean standby, boolean probes, String agent)
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
            if (secret.length < JoinToken.MIN_SECRET || secret.length > JoinToken.MAX_SECRET) {
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
            instance = instance.clone();
        }

        /** Of an agent that answers no probes. */
        public Hello(long tunnelId, byte[] secret, byte[] instance, int session, boolean standby, String agent) {
            this(tunnelId, secret, instance, session, standby, false, agent);
        }

        @Override
        public byte[] secret() {
            return secret.clone();
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
                    && Arrays.equals(instance, that.instance)
                    && agent.equals(that.agent);
        }

        @Override
        public int hashCode() {
            return Long.hashCode(tunnelId) * 31 + Arrays.hashCode(instance) * 31 + session;
        }

        /** Everything but the secret. */
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
     */
    record Welcome(long epoch, Duration pingEvery, String server) implements AgentMessage {
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
