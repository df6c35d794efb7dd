package io.culvert.agent;

import io.culvert.link.net.Seldom;
import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.event.Level;

/**
 * Writes of one kind of thing that visitors can bring about, thousands of times a second where a target is down: a line a second at most, which tells how many
 * before it got none. A small machine's disk is not for visitors to fill. Lives on one loop.
 */
final class SparseLog {
    private final Logger log;
    private final Level level;
    private final Ticker ticker;
    private final Seldom lines = new Seldom(Duration.ofSeconds(1));
    private long untold;

    SparseLog(Logger log, Level level, Ticker ticker) {
        this.log = log;
        this.level = level;
        this.ticker = ticker;
    }

    void tell(String line) {
        if (!lines.isDue(ticker.nanoTime())) {
            untold++;
            return;
        }
        log.atLevel(level).log(untold == 0 ? line : line + " (and " + untold + " more such lines since the last)");
        untold = 0;
    }
}
