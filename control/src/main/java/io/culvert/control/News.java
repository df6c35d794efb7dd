package io.culvert.control;

import io.culvert.control.event.Event;
import io.culvert.control.event.EventKind;
import io.culvert.control.event.EventLog;
import java.time.InstantSource;
import java.util.Map;
import java.util.OptionalLong;

/** Puts what happens into the event log. Any thread; called by the control thread, so that events have its order. */
final class News {
    private final EventLog log;
    private final InstantSource wallClock;

    News(EventLog log, InstantSource wallClock) {
        this.log = log;
        this.wallClock = wallClock;
    }

    void tell(EventKind kind, long tunnel, String text) {
        tell(kind, tunnel, text, Map.of());
    }

    void tell(EventKind kind, long tunnel, String text, Map<String, String> details) {
        Event unused = log.add(wallClock.instant(), kind, OptionalLong.of(tunnel), text, details);
    }

    /** Of the server as a whole. */
    void tell(EventKind kind, String text) {
        Event unused = log.add(wallClock.instant(), kind, OptionalLong.empty(), text, Map.of());
    }
}
