package io.culvert.app.config;

import io.culvert.app.config.Setting.Section;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How an agent runs, checked and frozen. Immutable, any thread.
 *
 * @param server the server's bridge port
 * @param tokenFile the join token's file, or {@code -} for standard input
 * @param allow the targets that the agent will dial; empty where it dials whatever the tunnel says
 * @param sessions how many connections to the server carry the visitors
 * @param credentialFile where the agent keeps what it was given for its join token; empty to forget that at its end
 */
public record AgentConfig(
        Address server, Path tokenFile, List<Address> allow, int sessions, Optional<Path> credentialFile) {

    static final Setting<Address> SERVER =
            Setting.of(Section.AGENT, "server", ValueType.REMOTE, "The server's address for agents (its --bridge).");
    static final Setting<Path> TOKEN_FILE = Setting.of(
            Section.AGENT,
            "token-file",
            ValueType.FILE_OR_STDIN,
            "File with a join token of the tunnel; - reads standard input.");
    static final Setting<Address> ALLOW = Setting.many(
            Section.AGENT,
            "allow",
            ValueType.REMOTE,
            "A target that may be dialled; may be given several times. Without it, whatever the tunnel says.");
    static final Setting<Integer> SESSIONS = Setting.of(
            Section.AGENT,
            "sessions",
            ValueType.SESSIONS,
            "1",
            "How many connections to the server carry the visitors.");

    static final Setting<Path> CREDENTIAL_FILE = Setting.of(
            Section.AGENT,
            "credential-file",
            ValueType.PATH,
            "File of the agent's own, where it keeps what its token was exchanged for; needed to start again with a token that is used up"
                    + " or has expired.");

    /** Every setting of the agent. */
    public static final List<Setting<?>> SETTINGS = List.of(SERVER, TOKEN_FILE, ALLOW, SESSIONS, CREDENTIAL_FILE);

    public AgentConfig {
        allow = List.copyOf(allow);
    }

    /** Reads every source, or tells everything that is wrong. */
    public static AgentConfig read(Flags flags, Map<String, String> environment) throws ConfigException {
        Reading reading = new Reading(flags, environment);
        Optional<Address> server = reading.require(SERVER);
        Optional<Path> tokenFile = reading.require(TOKEN_FILE);
        List<Address> allow = reading.findAll(ALLOW);
        Optional<Integer> sessions = reading.find(SESSIONS);
        Optional<Path> credentialFile = reading.find(CREDENTIAL_FILE);
        reading.finish();
        return new AgentConfig(
                server.orElseThrow(), tokenFile.orElseThrow(), allow, sessions.orElseThrow(), credentialFile);
    }
}
