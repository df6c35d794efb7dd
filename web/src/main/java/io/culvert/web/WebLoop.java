package io.culvert.web;

import io.culvert.web.http.Cut;
import io.culvert.web.http.Fault;
import io.culvert.web.http.Guard;
import io.culvert.web.http.Responses;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** One event loop of the web server with its share of the connections. Vert.x calls, on that loop. */
final class WebLoop extends VerticleBase {
    private final String name;
    private final SocketAddress address;
    private final HttpServerOptions options;
    private final WebLimits limits;
    private final BooleanSupplier httpsOnly;
    private final Handler<HttpServerRequest> routes;
    private final Consumer<HttpServer> bound;

    /**
     * @param name what the loop's thread is called
     * @param options TLS, where it speaks it; the limits are put there
     * @param httpsOnly whether browsers are to come by HTTPS alone
     * @param bound called on the loop when it listens
     */
    WebLoop(
            String name,
            SocketAddress address,
            HttpServerOptions options,
            WebLimits limits,
            BooleanSupplier httpsOnly,
            Handler<HttpServerRequest> routes,
            Consumer<HttpServer> bound) {
        this.name = name;
        this.address = address;
        this.options = options;
        this.limits = limits;
        this.httpsOnly = httpsOnly;
        this.routes = routes;
        this.bound = bound;
    }

    @Override
    public Future<?> start() {
        Thread.currentThread().setName(name);
        Connections connections = new Connections(vertx, limits);
        HttpServer server = vertx.createHttpServer(limited())
                .connectionHandler(connections::opened)
                .invalidRequestHandler(this::refuse)
                .requestHandler(request -> Cut.onFailure(request, () -> take(request, connections)));
        return server.listen(address).onSuccess(bound::accept);
    }

    private void take(HttpServerRequest request, Connections connections) {
        HttpConnection connection = request.connection();
        connections.began(request);
        request.response().endHandler(end -> connections.answered(connection));
        Guard.on(request.response(), httpsOnly.getAsBoolean());
        routes.handle(request);
    }

    private HttpServerOptions limited() {
        return options.setIdleTimeout(Math.toIntExact(limits.idle().toMillis()))
                .setIdleTimeoutUnit(TimeUnit.MILLISECONDS)
                .setMaxHeaderSize(16 << 10)
                .setMaxInitialLineLength(8 << 10)
                // With it a silent connection would be no connection yet, and not be timed.
                .setHttp2ClearTextEnabled(false);
    }

    /** A request that is not even HTTP. */
    private void refuse(HttpServerRequest request) {
        Guard.on(request.response(), httpsOnly.getAsBoolean());
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
