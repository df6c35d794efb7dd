package io.culvert.control;

import io.culvert.control.caller.Permission;
import io.culvert.gateway.DataPlane;
import io.culvert.gateway.LiveConnection;
import io.culvert.gateway.LiveSession;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at what the data plane carries for a tunnel, and ends single connections and sessions of it. Any thread; what it gives completes on the
 * control thread.
 */
final class Inspector {
    private static final Logger log = LoggerFactory.getLogger(Inspector.class);

    private final DataPlane dataPlane;
    private final InstantSource wallClock;
    private final ControlLoop loop;
    private final TunnelTable table;

    Inspector(DataPlane dataPlane, InstantSource wallClock, ControlLoop loop, TunnelTable table) {
        this.dataPlane = dataPlane;
        this.wallClock = wallClock;
        this.loop = loop;
        this.table = table;
    }

    CompletionStage<List<Connection>> connections(Caller caller, long id) {
        return ask(caller, Permission.TUNNELS_READ, id, () -> dataPlane.connections(id), live -> {
            Instant now = wallClock.instant();
            return live.stream().map(one -> connection(one, now)).toList();
        });
    }

    CompletionStage<Boolean> cut(Caller caller, long id, long connection) {
        return ask(caller, Permission.TUNNELS_WRITE, id, () -> dataPlane.cut(id, connection), found -> {
            log.info("Tunnel {}: connection {} cut by {}: {}", id, connection, caller.name(), found);
            return found;
        });
    }

    CompletionStage<List<Session>> sessions(Caller caller, long id) {
        return ask(caller, Permission.TUNNELS_READ, id, () -> dataPlane.sessions(id), live -> {
            Instant now = wallClock.instant();
            return live.stream().map(one -> session(one, now)).toList();
        });
    }

    CompletionStage<Boolean> kick(Caller caller, long id, long session) {
        return ask(caller, Permission.TUNNELS_WRITE, id, () -> dataPlane.kick(id, session), found -> {
            log.info("Tunnel {}: session {} ended by {}: {}", id, session, caller.name(), found);
            return found;
        });
    }

    CompletionStage<List<ProbeStep>> probe(Caller caller, long id, int expose) {
        Optional<Tunnel> tunnel;
        try {
            tunnel = table.find(caller, Permission.TUNNELS_WRITE, id);
        } catch (ForbiddenException e) {
            return CompletableFuture.failedStage(e);
        }
        if (tunnel.isPresent()
                && (expose < 0 || expose >= tunnel.get().exposes().size())) {
            return CompletableFuture.failedStage(new InvalidRequestException(
                    "expose",
                    String.valueOf(expose),
                    "0 to " + (tunnel.get().exposes().size() - 1)));
        }
        return ask(
                caller,
                Permission.TUNNELS_WRITE,
                id,
                () -> dataPlane.probe(id, expose),
                steps -> steps.stream()
                        .map(step ->
                                new ProbeStep(lower(step.place()), lower(step.outcome()), step.text(), step.took()))
                        .toList());
    }

    private <L, T> CompletionStage<T> ask(
            Caller caller, Permission permission, long id, Supplier<CompletionStage<L>> question, Function<L, T> view) {
        try {
            if (table.find(caller, permission, id).isEmpty()) {
                return CompletableFuture.failedStage(new NoSuchTunnelException(id));
            }
        } catch (ForbiddenException e) {
            return CompletableFuture.failedStage(e);
        }
        return question.get().thenCompose(live -> loop.quick(() -> view.apply(live)));
    }

    private static Connection connection(LiveConnection live, Instant now) {
        return new Connection(
                live.id(),
                live.expose(),
                switch (live.protocol()) {
                    case TCP -> Protocol.TCP;
                    case UDP -> Protocol.UDP;
                },
                live.visitor(),
                live.target().toString(),
                live.session(),
                now.minus(live.age()),
                live.quiet(),
                live.bytesIn(),
                live.bytesOut());
    }

    private static Session session(LiveSession live, Instant now) {
        return new Session(
                live.id(),
                lower(live.kind()),
                live.agent().replaceAll("\\p{Cntrl}", "?"),
                live.address(),
                live.epoch(),
                now.minus(live.age()),
                live.roundTrip(),
                live.streams());
    }

    private static String lower(Enum<?> word) {
        return word.name().toLowerCase(Locale.ROOT);
    }
}
