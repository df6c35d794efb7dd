package io.culvert.app;

import io.culvert.app.config.ConfigException;
import io.culvert.app.config.ExposeConfig;
import io.culvert.app.config.Flags;
import io.culvert.app.process.CommandFailure;
import io.culvert.app.process.Console;
import io.culvert.app.process.ExitCode;
import io.culvert.app.process.Reasons;
import io.culvert.app.process.Shutdown;
import io.culvert.app.remote.Profile;
import java.time.Duration;
import java.util.List;

/** {@code culvert expose}: one tunnel for as long as this process lives. One thread. */
final class ExposeCommand {
    /** For one call; less than a process that is asked to end may take, so that the tunnel can still be removed then. */
    private static final Duration PATIENCE = Duration.ofSeconds(8);

    private final Console console;

    ExposeCommand(Console console) {
        this.console = console;
    }

    int run(Flags flags, List<String> operands) throws ConfigException, CommandFailure {
        ExposeConfig config = ExposeConfig.read(flags, operands, console.environment());
        Profile profile = Profile.of(config.client(), console);
        Exposure exposure = new Exposure(config, profile.server(), profile.client(PATIENCE), console);
        try {
            return Shutdown.during(exposure::run, exposure::stop);
        } catch (CommandFailure e) {
            throw e;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return ExitCode.OK;
        } catch (Exception e) {
            throw new CommandFailure(ExitCode.FAILURE, Reasons.of(e), e);
        }
    }
}
