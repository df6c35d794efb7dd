package io.culvert.web;

import io.culvert.control.NoSuchTunnelException;
import io.culvert.control.Tunnel;
import io.culvert.control.TunnelBundle;
import io.culvert.control.TunnelService;
import io.culvert.control.caller.Permission;
import io.culvert.web.http.Answer;
import io.culvert.web.http.Payload;
import io.culvert.web.input.BundleForm;
import io.culvert.web.input.TunnelForm;
import io.culvert.web.v1.BundleZip;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** The seed's five calls, and the bundles of its stock agents. Thread-safe; never waits. */
final class TunnelApi {

    private final TunnelService tunnels;

    TunnelApi(TunnelService tunnels) {
        this.tunnels = tunnels;
    }

    /** Path, method, parameters and work of each call. */
    List<Operation> operations() {
        return List.of(
                new Operation("/api/list", false, Permission.TUNNELS_READ, List.of("key"), this::list),
                new Operation("/api/query", false, Permission.TUNNELS_READ, List.of("id", "key"), this::query),
                new Operation("/api/create", true, Permission.TUNNELS_WRITE, TunnelForm.PARAMETERS, this::create),
                new Operation("/api/remove", true, Permission.TUNNELS_WRITE, List.of("id", "key"), this::remove),
                new Operation("/api/heartbeat", true, Permission.TUNNELS_RENEW, List.of("id", "key"), this::heartbeat),
                new Operation("/api/bundle", false, Permission.TUNNELS_WRITE, BundleForm.PARAMETERS, this::bundle),
                new Operation(
                        "/api/bundle", true, Permission.TUNNELS_WRITE, BundleForm.CHANGING_PARAMETERS, this::bundle));
    }

    private CompletionStage<Answer> list(Call call) {
        List<Tunnel> living = tunnels.list(call.caller());
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

    private CompletionStage<Answer> query(Call call) {
        long id = call.parameters().id();
        Tunnel tunnel = tunnels.find(call.caller(), id).orElseThrow(() -> new NoSuchTunnelException(id));
        return CompletableFuture.completedFuture(json -> {
            json.writeStartObject();
            json.writeStringField("status", "success");
            view(tunnel).write(json);
            json.writeEndObject();
        });
    }

    private CompletionStage<Answer> create(Call call) {
        return tunnels.create(call.caller(), TunnelForm.read(call.parameters())).thenApply(created -> json -> {
            json.writeStartObject();
            json.writeStringField("status", "success");
            view(created.tunnel()).write(json);
            json.writeStringField("join", created.join());
            json.writeEndObject();
        });
    }

    private CompletionStage<Answer> remove(Call call) {
        long id = call.parameters().id();
        return tunnels.remove(call.caller(), id).thenApply(removed -> done(id));
    }

    private CompletionStage<Answer> heartbeat(Call call) {
        long id = call.parameters().id();
        return tunnels.heartbeat(call.caller(), id).thenApply(renewed -> done(id));
    }

    private CompletionStage<Payload> bundle(Call call) {
        BundleForm form = call.post() ? BundleForm.changing(call.parameters()) : BundleForm.read(call.parameters());
        Tunnel tunnel = tunnels.find(call.caller(), form.id()).orElseThrow(() -> new NoSuchTunnelException(form.id()));
        return tunnels.bundle(call.caller(), form.id(), form.reissue())
                .thenApply(bundle -> form.zip()
                        ? new BundleZip(tunnel, bundle, call.host(), tunnels.bridgePort())
                        : shown(form.id(), bundle));
    }

    private static Answer shown(long id, TunnelBundle bundle) {
        return json -> {
            json.writeStartObject();
            json.writeStringField("status", "success");
            json.writeNumberField("id", id);
            json.writeStringField("cert", bundle.certificates());
            json.writeStringField("key", bundle.key());
            json.writeEndObject();
        };
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
        return new TunnelView(tunnel, tunnels.traffic(tunnel), tunnels.bridgePort(), tunnels.now());
    }
}
