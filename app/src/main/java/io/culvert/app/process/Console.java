package io.culvert.app.process;

import java.io.InputStream;
import java.io.PrintStream;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Where a command reads from and writes to: the process's own streams, or a test's. Immutable, any thread.
 *
 * @param out what the command was asked for
 * @param err what else a person should know
 * @param in where {@code -} is read from
 * @param environment the variables that settings are read from
 * @param terminal what {@code out} leads to; asked for only where it matters, since asking takes some milliseconds
 */
public record Console(
        PrintStream out,
        PrintStream err,
        InputStream in,
        Map<String, String> environment,
        Supplier<Terminal> terminal) {
    public Console {
        environment = Map.copyOf(environment);
    }

    /** One without a terminal. */
    public Console(PrintStream out, PrintStream err, InputStream in, Map<String, String> environment) {
        this(out, err, in, environment, () -> Terminal.NONE);
    }

    /** The process's own. */
    public static Console system() {
        Map<String, String> environment = System.getenv();
        return new Console(System.out, System.err, System.in, environment, () -> Terminal.ask(environment));
    }

    /** Brings what was said to whoever reads; fails where something did not come there, now or before: a full disk, a pipe that is closed. */
    public void deliver() throws CommandFailure {
        if (out.checkError()) {
            throw new CommandFailure(
                    ExitCode.FAILURE, "standard output: cannot be written (expected: a reader, or a disk with room)");
        }
    }

    /** Variables may be secret: they are never shown. */
    @Override
    public String toString() {
        return "Console[environment=" + environment.size() + " MASKED]";
    }
}
