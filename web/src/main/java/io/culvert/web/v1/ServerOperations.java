package io.culvert.web.v1;

import io.culvert.control.Traffic;
import io.culvert.control.Tunnel;
import io.culvert.control.TunnelService;
import io.culvert.control.TunnelState;
import io.culvert.web.contract.Contract;
import io.culvert.web.http.JsonPayload;
import io.culvert.web.http.Payload;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** The server itself, and its contract. Thread-safe; never waits. */
final class ServerOperations {
    private final TunnelService tunnels;
    private final Contract contract;
    private final JsonObject limits;
    private final Instant started;
    private final String version;

    /** @param limits what is told of them */
    ServerOperations(TunnelService tunnels, Contract contract, JsonObject limits) {
        this.tunnels = tunnels;
        this.contract = contract;
        this.limits = limits;
        this.started = tunnels.now();
        this.version = Optional.ofNullable(ServerOperations.class.getPackage().getImplementationVersion())
                .orElse("development");
    }

    Map<String, Work> works() {
        return Map.of(
                "getServer",
                ask -> CompletableFuture.completedFuture(Reply.ok(server(ask))),
                "drainServer",
                this::drain,
                "getContract",
                ask -> CompletableFuture.completedFuture(new Reply.Whole(200, Map.of(), yaml())),
                "getContractAsJson",
                ask -> CompletableFuture.completedFuture(
                        new Reply.Whole(200, Map.of(), new JsonPayload(contract.document()))));
    }

    private JsonObject server(Ask ask) {
        Map<TunnelState, Integer> states = new EnumMap<>(TunnelState.class);
        int sessions = 0;
        int visitors = 0;
        int count = 0;
        for (Tunnel tunnel : tunnels.list(ask.caller())) {
            count++;
            states.merge(tunnel.status().state(), 1, Integer::sum);
            Traffic traffic = tunnels.traffic(tunnel);
            sessions += traffic.sessions();
            visitors += traffic.visitors();
        }
        JsonObject counts = new JsonObject().put("tunnels", count);
        for (TunnelState state : TunnelState.values()) {
            if (state != TunnelState.ENDED) {
                counts.put(TunnelDocument.word(state), states.getOrDefault(state, 0));
            }
        }
        Duration up = Duration.between(started, tunnels.now());
        return new JsonObject()
                .put("version", version)
                .put("started_at", Units.time(started))
                // A clock that was set back must not show a server from the future.
                .put("uptime_seconds", Units.seconds(up.isNegative() ? Duration.ZERO : up))
                .put("draining", tunnels.draining())
                .put("agent_port", tunnels.bridgePort())
                .put("limits", limits)
                .put("counts", counts.put("sessions", sessions).put("visitors", visitors));
    }

    private CompletionStage<Reply> drain(Ask ask) {
        return tunnels.drainServer(ask.caller(), ask.body().getBoolean("on"))
                .thenApply(draining -> Reply.ok(new JsonObject().put("draining", draining)));
    }

    private Payload yaml() {
        return new Payload() {
            @Override
            public byte[] bytes() {
                return contract.yaml();
            }

            @Override
            public Map<String, String> headers() {
                return Map.of("Content-Type", "application/yaml");
            }
        };
    }
}
