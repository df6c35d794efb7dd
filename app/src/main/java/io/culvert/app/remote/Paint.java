package io.culvert.app.remote;

import io.culvert.app.process.Terminal;
import java.util.List;
import java.util.Map;

/** Colours, where a person looks at a terminal and did not say NO_COLOR. Any thread. */
final class Paint {
    private static final String OFF = "\u001b[0m";
    private static final String BOLD = "\u001b[1m";
    private static final Map<String, String> STATES = Map.of(
            "up", "\u001b[32m",
            "ok", "\u001b[32m",
            "waiting", "\u001b[33m",
            "degraded", "\u001b[33m",
            "unknown", "\u001b[33m",
            "draining", "\u001b[35m",
            "paused", "\u001b[36m",
            "failed", "\u001b[31m",
            "ended", "\u001b[90m",
            "skipped", "\u001b[90m");

    private Paint() {}

    /** A word in its colour, where it has one. */
    static String state(String word, Terminal terminal) {
        String colour = STATES.get(word);
        return terminal.colours() && colour != null ? colour + word + OFF : word;
    }

    /** A table's line with its state in colour; its heads in bold. */
    static String states(String line, List<String> row, List<String> heads, Terminal terminal) {
        if (!terminal.colours()) {
            return line;
        }
        if (row.equals(heads)) {
            return BOLD + line + OFF;
        }
        int column = Math.max(heads.indexOf("STATE"), heads.indexOf("OUTCOME"));
        String word = column < 0 ? "" : row.get(column);
        int at = word.isEmpty() ? -1 : line.indexOf(" " + word + " ");
        return at < 0
                ? line
                : line.substring(0, at + 1) + state(word, terminal) + line.substring(at + 1 + word.length());
    }
}
