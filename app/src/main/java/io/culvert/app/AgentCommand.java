package io.culvert.app;

import io.culvert.agent.Address;
import io.culvert.agent.Agent;
import io.culvert.agent.AgentEnd;
import io.culvert.agent.AgentListener;
import io.culvert.agent.AgentSettings;
import io.culvert.app.config.AgentConfig;
import io.culvert.app.config.ConfigException;
import io.culvert.app.config.Flags;
import io.culvert.app.process.CommandFailure;
import io.culvert.app.process.Console;
import io.culvert.app.process.ExitCode;
import io.culvert.app.process.LongRun;
import io.culvert.app.process.Reasons;
import io.culvert.app.process.SecretFile;
import io.culvert.app.process.Shutdown;
import io.culvert.link.agent.JoinToken;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code culvert agent}: serves one tunnel until the tunnel ends or a signal comes. One thread. */
final class AgentCommand {
    private static final Logger LOG = LoggerFactory.getLogger(AgentCommand.class);

    private final Console console;

    AgentCommand(Console console) {
        this.console = console;
    }

    int run(Flags flags) throws ConfigException, CommandFailure {
        AgentConfig config = AgentConfig.read(flags, console.environment());
        AgentSettings settings = AgentSettings.of(remote(config.server()), token(config.tokenFile()))
                .allowing(config.allow().stream().map(AgentCommand::remote).collect(Collectors.toSet()))
                .withSessions(config.sessions());
        if (config.credentialFile().isPresent()) {
            settings = settings.keepingCredential(config.credentialFile().get());
        }
        Log log = new Log(config);
        try (Agent agent = start(settings, log)) {
            return exitCode(Shutdown.during(() -> LongRun.until(log.ended), agent::close));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return ExitCode.OK;
        } catch (CommandFailure e) {
            throw e;
        } catch (Exception e) {
            throw new CommandFailure(ExitCode.FAILURE, Reasons.of(e), e);
        }
    }

    private static Agent start(AgentSettings settings, Log log) throws CommandFailure {
        try {
            return Agent.start(settings, log);
        } catch (UncheckedIOException e) {
            throw new CommandFailure(ExitCode.USAGE, "--credential-file: " + Reasons.of(e), e);
        }
    }

    private JoinToken token(Path file) throws CommandFailure {
        String text = SecretFile.read("the join token", file, console.in());
        try {
            return JoinToken.parse(text);
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(ExitCode.USAGE, SecretFile.name(file) + ": " + e.getMessage(), e);
        }
    }

    static Address remote(io.culvert.app.config.Address address) {
        return new Address(address.host(), address.port());
    }

    private static int exitCode(AgentEnd end) {
        return end == AgentEnd.CLOSED ? ExitCode.OK : ExitCode.REFUSED;
    }

    /** Tells a person what happens. Called on the agent's loops. */
    private static final class Log implements AgentListener {
        private final AgentConfig config;
        private final CompletableFuture<AgentEnd> ended = new CompletableFuture<>();

        Log(AgentConfig config) {
            this.config = config;
        }

        @Override
        public void connected(int session, long epoch) {
            LOG.info("session {} with {} is up", session, config.server());
        }

        @Override
        public void disconnected(int session, String why, Duration retryIn) {
            LOG.warn(
                    "session {} with {} is down: {}; next try in {} ms",
                    session,
                    config.server(),
                    why,
                    retryIn.toMillis());
        }

        @Override
        public void ended(AgentEnd end, String why) {
            LOG.info("stopped: {}", why);
            ended.complete(end);
        }
    }
}
