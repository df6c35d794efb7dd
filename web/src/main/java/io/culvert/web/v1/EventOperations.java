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
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;

/** Lets readers follow the log of events. Thread-safe; never waits. */
final class EventOperations {
    /** Each reader costs a connection and a queue. */
    static final int MOST_READERS = 64;

    /** So that one alone, with a key that only reads, shuts out neither others' pages nor their programs. */
    private static final int MOST_OF_ONE = MOST_READERS / 2;

    private final EventLog events;
    private final TrafficBoard board;
    private final Map<String, Integer> readers = new HashMap<>();

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
        String owner = ask.guest().caller().owner();
        takePlace(owner);
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
                () -> givePlace(owner));
        return CompletableFuture.completedFuture(stream);
    }

    private void takePlace(String owner) {
        synchronized (readers) {
            if (readers.values().stream().mapToInt(Integer::intValue).sum() >= MOST_READERS) {
                throw full(MOST_READERS + " readers are there already");
            }
            if (readers.getOrDefault(owner, 0) >= MOST_OF_ONE) {
                throw full(MOST_OF_ONE + " readers of yours are there already");
            }
            readers.merge(owner, 1, Integer::sum);
        }
    }

    private void givePlace(String owner) {
        synchronized (readers) {
            readers.computeIfPresent(owner, (who, held) -> held == 1 ? null : held - 1);
        }
    }

    private static ProblemException full(String why) {
        return new ProblemException(Problem.of(ProblemType.UNAVAILABLE, "events: " + why + "; try again later"));
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
