package io.culvert.app.process;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LogLinesTest {
    private final LoggerContext context = new LoggerContext();

    @Test
    void anEventIsOneLine() {
        assertThat(line(Level.INFO, "serving: API on {}", null, "127.0.0.1:8000"))
                .matches(
                        "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}(Z|[+-]\\d\\d:\\d\\d) INFO  Server: serving: API on 127\\.0\\.0\\.1:8000\n");
        assertThat(line(Level.ERROR, "ö 隧道", null)).endsWith(" ERROR Server: ö 隧道\n");
    }

    @Test
    void aForeignTextForgesNoLine() {
        assertThat(line(
                        Level.WARN,
                        "client says {}",
                        null,
                        "x\r\n2026-01-01T00:00:00.000Z INFO  Server: all is well\t$1\\"))
                .endsWith(" WARN  Server: client says x | 2026-01-01T00:00:00.000Z INFO  Server: all is well | $1\\\n")
                .containsOnlyOnce("\n");
    }

    @Test
    void aForeignTextIsObeyedByNoTerminal() {
        assertThat(line(Level.WARN, "agent {}", null, "\u001b[2Ja\u009b1mb\u202Ec"))
                .endsWith(" WARN  Server: agent \uFFFD[2Ja\uFFFD1mb\uFFFDc\n");
    }

    @Test
    void anExceptionWithoutAMessageIsTold() {
        assertThat(line(Level.WARN, null, new IllegalStateException()))
                .contains(
                        " WARN  Server: null | java.lang.IllegalStateException | at io.culvert.app.process.LogLinesTest.");
    }

    @Test
    void aTraceIsFoldedAndCut() {
        String line = line(Level.WARN, "it failed", deep(40));
        assertThat(line)
                .contains(
                        " WARN  Server: it failed | java.lang.IllegalStateException: two | lines | at io.culvert.app.process.LogLinesTest.deep(")
                .containsOnlyOnce("\n")
                .endsWith("\n");
        assertThat(line.split(" \\| at ", -1)).hasSize(13);
    }

    @Test
    void logbackFindsItBehindAConfigurationFile() {
        assertThat(ServiceLoader.load(Configurator.class)).hasAtLeastOneElementOfType(LogLines.class);
        // The tests have such a file.
        Logger root = (Logger) org.slf4j.LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        assertThat(root.getAppender("out")).isNotNull();
        assertThat(root.getAppender("stderr")).isNull();
    }

    @Test
    void goesToStandardErrorAndKeepsLibrariesQuiet() {
        LogLines.begin(context);
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        assertThat(root.getAppender("stderr"))
                .isInstanceOfSatisfying(
                        ConsoleAppender.class,
                        console -> assertThat(console.getTarget()).isEqualTo("System.err"));
        assertThat(context.getLogger("io.netty.channel").isInfoEnabled()).isFalse();
        assertThat(context.getLogger("io.culvert.app.Server").isInfoEnabled()).isTrue();
        assertThat(context.getLogger("io.culvert.app.Server").isDebugEnabled()).isFalse();
    }

    private static Throwable deep(int frames) {
        return frames == 0 ? new IllegalStateException("two\nlines") : deep(frames - 1);
    }

    private String line(Level level, @Nullable String message, @Nullable Throwable thrown, Object... values) {
        LogLineEncoder encoder = new LogLineEncoder();
        encoder.start();
        ILoggingEvent event = new LoggingEvent(
                LogLinesTest.class.getName(),
                context.getLogger("io.culvert.app.Server"),
                level,
                message,
                thrown,
                values);
        return new String(encoder.encode(event), UTF_8);
    }
}
