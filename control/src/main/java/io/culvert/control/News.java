package io.culvert.control;

import io.culvert.control.event.Event;
import io.culvert.control.event.EventKind;
import io.culvert.control.event.EventLog;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongFunction;

/** Puts what happens into the event log. Any thread; called by the control thread, so that events have its order. */
final class News {
    private final EventLog log;
    private final InstantSource wallClock;
    private final LongFunction<Optional<String>> projects;

    /** @param projects of tunnels, living or ended; what is told of a tunnel is told to its project */
    News(EventLog log, InstantSource wallClock, LongFunction<Optional<String>> projects) {
        this.log = log;
        this.wallClock = wallClock;
        this.projects = projects;
    }

    void tell(EventKind kind, long tunnel, String text) {
        tell(kind, tunnel, text, Map.of());
    }

    void tell(EventKind kind, long tunnel, String text, Map<String, String> details) {
        Event unused =
                log.add(wallClock.instant(), kind, OptionalLong.of(tunnel), projects.apply(tunnel), text, details);
    }

    /** Of the server as a whole. */
    void tell(EventKind kind, String text) {
        Event unused = log.add(wallClock.instant(), kind, OptionalLong.empty(), Optional.empty(), text, Map.of());
    }
}
