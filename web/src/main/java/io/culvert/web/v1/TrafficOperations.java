package io.culvert.web.v1;

import io.culvert.control.Connection;
import io.culvert.control.NoSuchTunnelException;
import io.culvert.control.ProbeStep;
import io.culvert.control.Session;
import io.culvert.control.TunnelService;
import io.culvert.control.usage.Grain;
import io.culvert.control.usage.UsageReader;
import io.culvert.control.usage.UsageSlot;
import io.culvert.web.http.Problem;
import io.culvert.web.http.ProblemException;
import io.culvert.web.http.ProblemType;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** Who is connected to a tunnel, what it carried and where its way is broken. Thread-safe; never waits. */
final class TrafficOperations {
    private static final Map<Grain, Duration> SPANS =
            Map.of(Grain.MINUTE, Duration.ofHours(1), Grain.HOUR, Duration.ofDays(1), Grain.DAY, Duration.ofDays(30));

    private final TunnelService tunnels;
    private final UsageReader usage;

    TrafficOperations(TunnelService tunnels, UsageReader usage) {
        this.tunnels = tunnels;
        this.usage = usage;
    }

    Map<String, Work> works() {
        return Map.of(
                "listConnections",
                ask -> ask.reply(
                        tunnels.connections(ask.caller(), ask.id()),
                        found -> list("connections", found, TrafficOperations::connection)),
                "cutConnection",
                ask -> tunnels.cut(ask.caller(), ask.id(), ask.number("connection"))
                        .thenApply(done -> gone(done, "connection", ask)),
                "listSessions",
                ask -> ask.reply(
                        tunnels.sessions(ask.caller(), ask.id()),
                        found -> list("sessions", found, TrafficOperations::session)),
                "kickSession",
                ask -> tunnels.kick(ask.caller(), ask.id(), ask.number("session"))
                        .thenApply(done -> gone(done, "session", ask)),
                "probeTunnel",
                this::probe,
                "getUsage",
                this::usage);
    }

    private static <T> Reply list(String name, List<T> found, Function<T, JsonObject> view) {
        JsonArray list = new JsonArray();
        found.forEach(each -> list.add(view.apply(each)));
        return Reply.ok(new JsonObject().put(name, list));
    }

    private static Reply gone(boolean done, String what, Ask ask) {
        if (!done) {
            throw new ProblemException(Problem.of(
                    ProblemType.NOT_FOUND,
                    what + ": " + ask.number(what) + " (expected: one that tunnel " + ask.id() + " has now)"));
        }
        return new Reply.Empty();
    }

    private static JsonObject connection(Connection connection) {
        return new JsonObject()
                .put("id", connection.id())
                .put("expose", connection.expose())
                .put("protocol", TunnelDocument.word(connection.protocol()))
                .put("visitor", connection.visitor())
                .put("target", connection.target())
                .put("session", connection.session())
                .put("since", Units.time(connection.since()))
                .put("quiet_seconds", Units.seconds(connection.quiet()))
                .put("bytes_in", connection.bytesIn())
                .put("bytes_out", connection.bytesOut());
    }

    private static JsonObject session(Session session) {
        return new JsonObject()
                .put("id", session.id())
                .put("kind", session.kind())
                .put("agent", session.agent())
                .put("address", session.address())
                .put("epoch", session.epoch())
                .put("since", Units.time(session.since()))
                .put(
                        "round_trip_seconds",
                        session.roundTrip().map(Units::seconds).orElse(null))
                .put("streams", session.streams());
    }

    private CompletionStage<Reply> probe(Ask ask) {
        int expose = (int) Units.bound(ask.body(), "expose");
        int count = tunnels.find(ask.caller(), ask.id())
                .orElseThrow(() -> new NoSuchTunnelException(ask.id()))
                .exposes()
                .size();
        if (expose >= count) {
            throw ProblemException.invalid("/expose", String.valueOf(expose), "0 to " + (count - 1));
        }
        return tunnels.probe(ask.caller(), ask.id(), expose).thenApply(steps -> {
            JsonArray list = new JsonArray();
            for (ProbeStep step : steps) {
                list.add(new JsonObject()
                        .put("step", step.step())
                        .put("outcome", step.outcome())
                        .put("text", step.text())
                        .put("took_seconds", Units.seconds(step.took())));
            }
            boolean ok = steps.stream().noneMatch(step -> step.outcome().equals("failed"));
            return Reply.ok(new JsonObject().put("ok", ok).put("steps", list));
        });
    }

    private CompletionStage<Reply> usage(Ask ask) {
        if (tunnels.findAny(ask.caller(), ask.id()).isEmpty()) {
            throw NoSuchTunnelException.evenEnded(ask.id());
        }
        Grain grain = Grain.valueOf(ask.text("grain").toUpperCase(Locale.ROOT));
        Instant to = time(ask, "to", tunnels.now());
        Instant from = time(ask, "from", to.minus(span(grain)));
        if (!from.isBefore(to)) {
            throw ProblemException.invalid("from", Units.time(from), "before to, " + Units.time(to));
        }
        return ask.reply(usage.usage(ask.id(), grain, from, to), slots -> {
            JsonArray list = new JsonArray();
            for (UsageSlot slot : slots) {
                list.add(new JsonObject()
                        .put("start", Units.time(slot.start()))
                        .put("bytes_in", slot.bytesIn())
                        .put("bytes_out", slot.bytesOut())
                        .put("connections", slot.connections())
                        .put("refused", slot.refused()));
            }
            return Reply.ok(new JsonObject()
                    .put("grain", TunnelDocument.word(grain))
                    .put("from", Units.time(from))
                    .put("to", Units.time(to))
                    .put("slots", list));
        });
    }

    private static Duration span(Grain grain) {
        return SPANS.getOrDefault(grain, Duration.ofDays(1));
    }

    private static Instant time(Ask ask, String name, Instant otherwise) {
        return ask.anyText(name)
                .map(said -> Units.instant(said)
                        .orElseThrow(() ->
                                ProblemException.invalid(name, said, "a time like 2026-11-23T12:00:00Z, since 1970")))
                .orElse(otherwise);
    }
}
