package io.culvert.app;

import java.io.InputStream;
import java.io.PrintStream;
import java.util.Map;

/**
 * Where a command reads from and writes to: the process's own streams, or a test's. Immutable, any thread.
 *
 * @param out what the command was asked for
 * @param err what else a person should know
 * @param in where {@code -} is read from
 * @param environment the variables that settings are read from
 */
public record Console(PrintStream out, PrintStream err, InputStream in, Map<String, String> environment) {
    public Console {
        environment = Map.copyOf(environment);
    }

    /** The process's own. */
    public static Console system() {
        return new Console(System.out, System.err, System.in, System.getenv());
    }

    /** Variables may be secret: they are never shown. */
    @Override
    public String toString() {
        return "Console[environment=" + environment.size() + " MASKED]";
    }
}
