package io.culvert.web.v1;

import io.culvert.control.Pool;
import io.culvert.control.PortHolding;
import io.culvert.control.Protocol;
import io.culvert.control.TunnelService;
import io.culvert.web.http.JsonPayload;
import io.culvert.web.http.Problem;
import io.culvert.web.http.ProblemException;
import io.culvert.web.http.ProblemType;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/** Public ports as a resource. Thread-safe; never waits. */
final class PortOperations {
    private final TunnelService tunnels;

    PortOperations(TunnelService tunnels) {
        this.tunnels = tunnels;
    }

    Map<String, Work> works() {
        return Map.of(
                "listPorts",
                this::list,
                "reservePort",
                this::reserve,
                "releasePort",
                this::release,
                "listPools",
                this::pools);
    }

    private CompletionStage<Reply> list(Ask ask) {
        return ask.reply(tunnels.ports(ask.caller()), ports -> {
            JsonArray list = new JsonArray();
            ports.forEach(port -> list.add(document(port)));
            return Reply.ok(new JsonObject().put("ports", list));
        });
    }

    private CompletionStage<Reply> reserve(Ask ask) {
        JsonObject body = ask.body();
        return tunnels.reserve(
                        ask.caller(),
                        TunnelReader.text(body, "project"),
                        TunnelReader.protocol(body),
                        TunnelReader.port(body),
                        TunnelReader.text(body, "pool"),
                        body.getString("name"))
                .thenApply(kept -> {
                    String name = TunnelDocument.word(kept.protocol()) + "/" + kept.port();
                    ask.notes().target("port/" + name);
                    ask.notes().after(document(kept));
                    return new Reply.Whole(
                            201, Map.of("Location", "/api/v1/ports/" + name), new JsonPayload(document(kept)));
                });
    }

    private CompletionStage<Reply> release(Ask ask) {
        Protocol protocol = Protocol.valueOf(ask.text("protocol").toUpperCase(Locale.ROOT));
        int port = (int) ask.number("port");
        return tunnels.release(ask.caller(), protocol, port).thenApply(done -> {
            if (!done) {
                throw new ProblemException(Problem.of(
                        ProblemType.NOT_FOUND,
                        "port: " + ask.text("protocol") + " " + port
                                + " (expected: a port that is reserved or rests)"));
            }
            return new Reply.Empty();
        });
    }

    private CompletionStage<Reply> pools(Ask ask) {
        return tunnels.pools(ask.caller()).thenApply(pools -> {
            JsonArray list = new JsonArray();
            for (Pool pool : pools) {
                list.add(new JsonObject()
                        .put("name", pool.name())
                        .put("from", pool.from())
                        .put("to", pool.to())
                        .put("used", pool.used())
                        .put("reserved", pool.reserved())
                        .put("quarantined", pool.quarantined()));
            }
            return Reply.ok(new JsonObject().put("pools", list));
        });
    }

    private static JsonObject document(PortHolding port) {
        return new JsonObject()
                .put("port", port.port())
                .put("protocol", TunnelDocument.word(port.protocol()))
                .put("use", TunnelDocument.word(port.use()))
                .put("project", port.project())
                .put("tunnel", port.tunnel().isPresent() ? port.tunnel().getAsLong() : null)
                .put("reservation", port.reservation().orElse(null))
                .put("until", Units.time(port.until()));
    }
}
