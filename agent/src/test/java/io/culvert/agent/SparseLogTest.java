package io.culvert.agent;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.slf4j.event.Level;

/** What visitors bring about is told, and not more often than somebody could read it. */
class SparseLogTest {
    private final MockTicker ticker = Ticker.newMockTicker();
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
    private final SparseLog log = new SparseLog(logger(), Level.WARN, ticker);

    private Logger logger() {
        Logger logger = new LoggerContext().getLogger(SparseLogTest.class);
        lines.start();
        logger.addAppender(lines);
        return logger;
    }

    private List<String> told() {
        return lines.list.stream().map(Object::toString).toList();
    }

    @Test
    void aLineASecondWithTheNumberOfThoseThatGotNone() {
        log.tell("visitor 1");
        log.tell("visitor 2");
        ticker.advance(999, TimeUnit.MILLISECONDS);
        log.tell("visitor 3");
        assertThat(told()).containsExactly("[WARN] visitor 1");
        ticker.advance(1, TimeUnit.MILLISECONDS);
        log.tell("visitor {}");
        ticker.advance(1, TimeUnit.SECONDS);
        log.tell("visitor 5");
        assertThat(told())
                .containsExactly(
                        "[WARN] visitor 1",
                        "[WARN] visitor {} (and 2 more such lines since the last)",
                        "[WARN] visitor 5");
    }
}
