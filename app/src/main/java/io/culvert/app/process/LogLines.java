package io.culvert.app.process;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.spi.ContextAwareBase;
import java.util.List;

/**
 * What is logged, and where: one line for each event on standard error, since standard output belongs to what a command was asked for. Logback finds it as a
 * service, and a configuration file goes before it where there is one ({@code -Dlogback.configurationFile}, or a test's). In code and not in such a
 * file: reading XML takes 600 classes and a fifteenth of a server's start.
 */
public final class LogLines extends ContextAwareBase implements Configurator {
    /** What these say below a warning is about themselves. */
    private static final List<String> LIBRARIES = List.of("io.netty", "io.vertx", "com.zaxxer.hikari", "org.flywaydb");

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        if (System.getProperty("logback.configurationFile") != null
                || LogLines.class.getResource("/logback-test.xml") != null) {
            return ExecutionStatus.INVOKE_NEXT_IF_ANY;
        }
        begin(context);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    /** Sets what is logged from now on. */
    static void begin(LoggerContext context) {
        LogLineEncoder encoder = new LogLineEncoder();
        encoder.setContext(context);
        encoder.start();
        ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
        console.setContext(context);
        console.setName("stderr");
        console.setTarget("System.err");
        console.setEncoder(encoder);
        console.start();
        // CULVERT_LOG is checked like every setting; a command that talks to a person itself asks for less.
        String level = System.getenv().getOrDefault("CULVERT_LOG", System.getProperty("culvert.log", "info"));
        var root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.toLevel(level, Level.INFO));
        root.addAppender(console);
        LIBRARIES.forEach(name -> context.getLogger(name).setLevel(Level.WARN));
    }
}
