package io.culvert.web.v1;

import io.culvert.control.NoSuchTunnelException;
import io.culvert.control.Tunnel;
import io.culvert.control.TunnelService;
import io.culvert.web.http.JsonPayload;
import io.culvert.web.http.Payload;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/** What stock goproxy clients serve a tunnel with. Thread-safe; never waits. */
final class BundleOperations {
    private final TunnelService tunnels;

    BundleOperations(TunnelService tunnels) {
        this.tunnels = tunnels;
    }

    Map<String, Work> works() {
        return Map.of("getBundle", ask -> bundle(ask, false), "reissueBundle", ask -> bundle(ask, true));
    }

    private CompletionStage<Reply> bundle(Ask ask, boolean reissue) {
        return ask.reply(tunnels.bundle(ask.caller(), ask.id(), reissue), bundle -> {
            Tunnel tunnel = tunnels.find(ask.caller(), ask.id()).orElseThrow(() -> new NoSuchTunnelException(ask.id()));
            Payload files = ask.text("format").equals("zip")
                    ? new BundleZip(tunnel, bundle, ask.sender().host(), tunnels.bridgePort())
                    : new JsonPayload(new JsonObject()
                            .put("certificates", bundle.certificates())
                            .put("key", bundle.key())
                            .put("renew_at", Units.time(bundle.renewAt()))
                            .put("ends_at", Units.time(bundle.endsAt())));
            return new Reply.Whole(200, Map.of(), files);
        });
    }
}
