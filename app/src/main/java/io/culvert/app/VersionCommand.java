package io.culvert.app;

import io.culvert.app.config.ConfigException;
import io.culvert.app.config.Flags;
import io.culvert.app.process.Console;
import io.culvert.app.process.ExitCode;
import java.util.Optional;

/** {@code culvert version}. One thread. */
final class VersionCommand {
    private final Console console;

    VersionCommand(Console console) {
        this.console = console;
    }

    int run(Flags flags) throws ConfigException {
        if (!flags.faults().isEmpty()) {
            throw new ConfigException(flags.faults());
        }
        console.out().println("culvert " + version() + " (Java " + System.getProperty("java.version") + ")");
        return ExitCode.OK;
    }

    /** As the jar's manifest says; {@code unpackaged} where the classes lie loose. */
    static String version() {
        return Optional.ofNullable(VersionCommand.class.getPackage().getImplementationVersion())
                .orElse("unpackaged");
    }
}
