package io.culvert.web;

import io.culvert.web.http.Fault;
import io.culvert.web.http.Responses;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import io.vertx.ext.web.Router;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** One event loop of the web server with its share of the connections. Vert.x calls, on that loop. */
final class WebLoop extends VerticleBase {
    private final String name;
    private final SocketAddress address;
    private final WebLimits limits;
    private final Places places;
    private final Router routes;
    private final CompletableFuture<Integer> port;

    /**
     * @param name what the loop's thread is called
     * @param places the connections of all loops
     * @param port completed with the bound port
     */
    WebLoop(
            String name,
            SocketAddress address,
            WebLimits limits,
            Places places,
            Router routes,
            CompletableFuture<Integer> port) {
        this.name = name;
        this.address = address;
        this.limits = limits;
        this.places = places;
        this.routes = routes;
        this.port = port;
    }

    @Override
    public Future<?> start() {
        Thread.currentThread().setName(name);
        Connections connections = new Connections(vertx, limits, places);
        HttpServer server = vertx.createHttpServer(options())
                .connectionHandler(connections::opened)
                .invalidRequestHandler(WebLoop::refuse)
                .requestHandler(request -> take(request, connections));
        return server.listen(address).onSuccess(bound -> port.complete(bound.actualPort()));
    }

    private void take(HttpServerRequest request, Connections connections) {
        HttpConnection connection = request.connection();
        connections.began(request);
        request.response().endHandler(end -> connections.answered(connection));
        routes.handle(request);
    }

    private HttpServerOptions options() {
        return new HttpServerOptions()
                .setIdleTimeout(Math.toIntExact(limits.idle().toMillis()))
                .setIdleTimeoutUnit(TimeUnit.MILLISECONDS)
                .setMaxHeaderSize(16 << 10)
                .setMaxInitialLineLength(8 << 10)
                // With it a silent connection would be no connection yet, and be neither counted nor timed.
                .setHttp2ClearTextEnabled(false);
    }

    /** A request that is not even HTTP. */
    private static void refuse(HttpServerRequest request) {
        Throwable cause = request.decoderResult().cause();
        Fault fault;
        if (cause instanceof TooLongHttpLineException) {
            fault = new Fault(414, "request line: too long (expected: at most 8192 bytes)");
        } else if (cause instanceof TooLongHttpHeaderException) {
            fault = new Fault(431, "headers: too long (expected: at most 16384 bytes)");
        } else {
            fault = new Fault(400, "request: broken HTTP (expected: HTTP/1.1)");
        }
        Responses.last(request, fault);
    }
}
