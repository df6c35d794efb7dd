package io.culvert.web;

import io.culvert.control.Caller;
import io.culvert.control.LiveTraffic;
import io.culvert.control.NoSuchTunnelException;
import io.culvert.control.Tunnel;
import io.culvert.control.TunnelService;
import io.culvert.web.input.Parameters;
import io.culvert.web.input.TunnelForm;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** The seed's five calls. Thread-safe; never waits. */
final class TunnelApi {
    private static final LiveTraffic NONE = new LiveTraffic(0, 0, 0, 0);

    private final TunnelService tunnels;

    TunnelApi(TunnelService tunnels) {
        this.tunnels = tunnels;
    }

    /** Path, method, parameters and work of each call. */
    List<Operation> operations() {
        return List.of(
                new Operation("/api/list", false, List.of("key"), this::list),
                new Operation("/api/query", false, List.of("id", "key"), this::query),
                new Operation("/api/create", true, TunnelForm.PARAMETERS, this::create),
                new Operation("/api/remove", true, List.of("id", "key"), this::remove),
                new Operation("/api/heartbeat", true, List.of("id", "key"), this::heartbeat));
    }

    private CompletionStage<Answer> list(Caller caller, Parameters parameters) {
        List<Tunnel> living = tunnels.list();
        return CompletableFuture.completedFuture(json -> {
            json.writeStartObject();
            json.writeStringField("status", "success");
            json.writeArrayFieldStart("data");
            for (Tunnel tunnel : living) {
                json.writeStartObject();
                view(tunnel).write(json);
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
        });
    }

    private CompletionStage<Answer> query(Caller caller, Parameters parameters) {
        long id = parameters.id();
        Tunnel tunnel = tunnels.find(id).orElseThrow(() -> new NoSuchTunnelException(id));
        return CompletableFuture.completedFuture(json -> {
            json.writeStartObject();
            json.writeStringField("status", "success");
            view(tunnel).write(json);
            json.writeEndObject();
        });
    }

    private CompletionStage<Answer> create(Caller caller, Parameters parameters) {
        return tunnels.create(caller, TunnelForm.read(parameters)).thenApply(created -> json -> {
            json.writeStartObject();
            json.writeStringField("status", "success");
            view(created.tunnel()).write(json);
            json.writeStringField("join", created.join());
            json.writeEndObject();
        });
    }

    private CompletionStage<Answer> remove(Caller caller, Parameters parameters) {
        long id = parameters.id();
        return tunnels.remove(caller, id).thenApply(removed -> done(id));
    }

    private CompletionStage<Answer> heartbeat(Caller caller, Parameters parameters) {
        long id = parameters.id();
        return tunnels.heartbeat(caller, id).thenApply(renewed -> done(id));
    }

    private static Answer done(long id) {
        return json -> {
            json.writeStartObject();
            json.writeStringField("status", "success");
            json.writeNumberField("id", id);
            json.writeEndObject();
        };
    }

    private TunnelView view(Tunnel tunnel) {
        return new TunnelView(tunnel, tunnels.traffic(tunnel.id()).orElse(NONE), tunnels.now());
    }
}
