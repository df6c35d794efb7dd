package io.culvert.web;

import io.culvert.web.http.Fault;
import io.culvert.web.http.HostName;
import io.culvert.web.http.Responses;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.net.URI;
import java.util.Optional;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Answers plain HTTP with the way to HTTPS. Only browsers on their way to a page are led on: a program that calls the API is refused, or it
 * would go on to send its key in the clear, each time, and nobody would notice. Immutable, any thread.
 */
final class WayToHttps implements Handler<HttpServerRequest> {
    private static final int USUAL_PORT = 443;

    private final Optional<URI> publicUrl;
    private final IntSupplier port;

    /**
     * @param publicUrl where browsers reach this server; where nobody said so, the host that they name and the port of HTTPS
     * @param port that of HTTPS
     */
    WayToHttps(Optional<URI> publicUrl, IntSupplier port) {
        this.publicUrl = publicUrl;
        this.port = port;
    }

    @Override
    public void handle(HttpServerRequest request) {
        @Nullable String path = request.path();
        String base = base(request);
        boolean reads =
                request.method().equals(HttpMethod.GET) || request.method().equals(HttpMethod.HEAD);
        if (base.isEmpty() || path == null || !path.startsWith("/")) {
            Responses.last(request, new Fault(400, "Host: none (expected: a name that leads here)"));
        } else if (reads && !path.equals("/api") && !path.startsWith("/api/")) {
            @Nullable String query = request.query();
            request.response()
                    .setStatusCode(308)
                    .putHeader("Location", base + path + (query == null ? "" : "?" + query))
                    .putHeader("Cache-Control", "no-store");
            Responses.send(request.response(), true, new byte[0]);
        } else {
            Responses.last(
                    request,
                    new Fault(
                            403,
                            "http: the API is served by https alone (expected: " + base
                                    + "; a key that was sent here could be read on its way)"));
        }
    }

    private String base(HttpServerRequest request) {
        if (publicUrl.isPresent()) {
            return publicUrl.get().toString().replaceFirst("/+$", "");
        }
        String host = HostName.of(request.getHeader("Host"));
        if (host.equals(HostName.UNKNOWN)) {
            return "";
        }
        int at = port.getAsInt();
        return "https://" + host + (at == USUAL_PORT ? "" : ":" + at);
    }
}
