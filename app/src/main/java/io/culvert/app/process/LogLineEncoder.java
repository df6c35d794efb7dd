package io.culvert.app.process;

import ch.qos.logback.classic.pattern.ThrowableProxyConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.encoder.EncoderBase;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * An event as one line: {@code 2026-11-29T10:41:48.448Z INFO  Server: serving}. Line ends are folded, those of stack traces too: a message that carries a
 * foreign text cannot forge a line, nor have a terminal obey. Any thread.
 */
final class LogLineEncoder extends EncoderBase<ILoggingEvent> {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSXXX", Locale.ROOT);
    private static final Pattern LINE_ENDS = Pattern.compile("[\r\n\t]+");
    /** What a terminal would obey. */
    private static final Pattern OBEYED = Pattern.compile("[\\p{Cc}\\p{Cf}]");
    /** Of each exception and each of its causes. */
    private static final String FRAMES = "12";

    private final ZoneId zone = ZoneId.systemDefault();
    private final ThrowableProxyConverter traces = new ThrowableProxyConverter();

    @Override
    public void start() {
        traces.setOptionList(List.of(FRAMES));
        traces.start();
        super.start();
    }

    @Override
    public byte[] headerBytes() {
        return new byte[0];
    }

    @Override
    public byte[] encode(ILoggingEvent event) {
        StringBuilder line = new StringBuilder(160);
        TIME.formatTo(Instant.ofEpochMilli(event.getTimeStamp()).atZone(zone), line);
        String level = event.getLevel().toString();
        line.append(' ').append(level).append(" ".repeat(Math.max(0, 5 - level.length())));
        String logger = event.getLoggerName();
        line.append(' ')
                .append(logger, logger.lastIndexOf('.') + 1, logger.length())
                .append(": ");
        line.append(folded(String.valueOf(event.getFormattedMessage())));
        if (event.getThrowableProxy() != null) {
            line.append(" | ").append(folded(traces.convert(event).strip()));
        }
        return line.append('\n').toString().getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public byte[] footerBytes() {
        return new byte[0];
    }

    private static String folded(String text) {
        return OBEYED.matcher(LINE_ENDS.matcher(text).replaceAll(" | ")).replaceAll("\uFFFD");
    }
}
