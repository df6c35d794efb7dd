package io.culvert.web.v1;

import io.culvert.control.Tunnel;
import io.culvert.control.TunnelService;
import io.culvert.control.caller.Permission;
import io.culvert.control.caller.Verdict;
import io.culvert.control.event.EventLog;
import io.culvert.web.caller.Guest;
import io.culvert.web.http.Problem;
import io.culvert.web.http.ProblemException;
import io.culvert.web.http.ProblemType;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/** Lets readers follow the log of events. Thread-safe; never waits. */
final class EventOperations {
    /** Each reader costs a connection and a queue. */
    static final int MOST_READERS = 64;

    private final EventLog events;
    private final TrafficBoard board;
    private final AtomicInteger readers = new AtomicInteger();

    EventOperations(EventLog events, TunnelService tunnels) {
        this.events = events;
        this.board = new TrafficBoard(tunnels);
    }

    Map<String, Work> works() {
        return Map.of("streamEvents", this::stream);
    }

    private CompletionStage<Reply> stream(Ask ask) {
        long last = ask.anyNumber("Last-Event-ID")
                .or(() -> ask.anyNumber("last_event_id"))
                .orElseGet(events::lastId);
        Set<Object> tunnels = Set.copyOf(ask.all("tunnel"));
        Set<Object> kinds = ask.all("kind").stream().collect(Collectors.toUnmodifiableSet());
        if (readers.incrementAndGet() > MOST_READERS) {
            readers.decrementAndGet();
            throw new ProblemException(Problem.of(
                    ProblemType.UNAVAILABLE,
                    "events: " + MOST_READERS + " readers are there already; try again later"));
        }
        Optional<EventStream.Traffic> traffic = ask.flag("traffic")
                ? Optional.of(new EventStream.Traffic(
                        new TrafficReader(board),
                        tunnel -> (tunnels.isEmpty() || tunnels.contains(tunnel.id())) && sees(ask.guest(), tunnel)))
                : Optional.empty();
        EventStream stream = new EventStream(
                events,
                last,
                traffic,
                event -> (kinds.isEmpty() || kinds.contains(TunnelDocument.word(event.kind())))
                        && (tunnels.isEmpty()
                                || (event.tunnel().isPresent()
                                        && tunnels.contains(event.tunnel().getAsLong())))
                        && ask.guest()
                                .now()
                                .get()
                                .filter(caller -> event.isFor(caller.grants()))
                                .isPresent(),
                () -> ask.guest().now().get().isPresent(),
                readers::decrementAndGet);
        return CompletableFuture.completedFuture(stream);
    }

    private static boolean sees(Guest guest, Tunnel tunnel) {
        return guest.now()
                .get()
                .filter(caller ->
                        caller.grants().onTunnel(Permission.TUNNELS_READ, tunnel.id(), tunnel.project(), tunnel.owner())
                                == Verdict.ALLOWED)
                .isPresent();
    }
}
