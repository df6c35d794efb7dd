package io.culvert.agent;

import io.netty.util.concurrent.Ticker;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.event.Level;

/**
 * Writes of one kind of thing that visitors can bring about, thousands of times a second where a target is down: a line a second at most, which tells how many
 * before it got none. A small machine's disk is not for visitors to fill. Lives on one loop.
 */
final class SparseLog {
    private static final long PAUSE = TimeUnit.SECONDS.toNanos(1);

    private final Logger log;
    private final Level level;
    private final Ticker ticker;
    private boolean begun;
    private long told;
    private long untold;

    SparseLog(Logger log, Level level, Ticker ticker) {
        this.log = log;
        this.level = level;
        this.ticker = ticker;
    }

    void tell(String line) {
        long now = ticker.nanoTime();
        if (begun && now - told < PAUSE) {
            untold++;
            return;
        }
        log.atLevel(level).log(untold == 0 ? line : line + " (and " + untold + " more such lines since the last)");
        begun = true;
        told = now;
        untold = 0;
    }
}
