package io.culvert.app;

import io.culvert.app.config.ConfigException;
import io.culvert.app.config.Flags;
import io.culvert.app.config.ServerConfig;
import io.culvert.app.process.CommandFailure;
import io.culvert.app.process.Console;
import io.culvert.app.process.ExitCode;
import io.culvert.app.process.LongRun;
import io.culvert.app.process.Reasons;
import io.culvert.app.process.Shutdown;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code culvert server}: runs until a signal comes. One thread. */
final class ServerCommand {
    private static final Logger LOG = LoggerFactory.getLogger(ServerCommand.class);

    private final Console console;

    ServerCommand(Console console) {
        this.console = console;
    }

    int run(Flags flags) throws ConfigException, CommandFailure {
        ServerConfig config = ServerConfig.read(flags, console.environment());
        try (Server server = start(config)) {
            Shutdown.during(() -> serve(config, server), () -> stop(server));
            return ExitCode.OK;
        } catch (ConfigException | CommandFailure e) {
            throw e;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return ExitCode.OK;
        } catch (Exception e) {
            Throwable cause = e instanceof ExecutionException && e.getCause() != null ? e.getCause() : e;
            throw new CommandFailure(ExitCode.FAILURE, "the server cannot go on: " + Reasons.of(cause), e);
        }
    }

    private Void serve(ServerConfig config, Server server) throws ExecutionException, InterruptedException {
        // Not by the log: what is logged is kept and sent about.
        server.firstPassword()
                .ifPresent(password -> console.err()
                        .println("first start: user admin, password " + password
                                + " (told this once; it must be changed at the first login)"));
        if (config.printReady()) {
            console.out()
                    .println("ready http=" + server.http() + " bridge=" + server.bridge() + " pid="
                            + ProcessHandle.current().pid());
            console.out().flush();
        }
        return LongRun.until(server.ended().toCompletableFuture());
    }

    private static void stop(Server server) {
        server.close();
        LOG.info("stopped");
    }

    private static Server start(ServerConfig config) throws ConfigException, CommandFailure {
        try {
            return Server.start(config);
        } catch (StartException e) {
            throw new CommandFailure(ExitCode.FAILURE, Objects.requireNonNull(e.getMessage()), e);
        }
    }
}
