package io.culvert.web;

import io.culvert.control.TunnelService;
import io.culvert.control.access.AccessService;
import io.culvert.control.audit.AuditLog;
import io.culvert.control.event.EventLog;
import io.culvert.control.hook.Webhooks;
import io.culvert.control.usage.UsageReader;
import io.culvert.web.caller.Doorman;
import io.culvert.web.caller.Reception;
import io.culvert.web.caller.Witness;
import io.culvert.web.contract.Contract;
import io.culvert.web.http.Fault;
import io.culvert.web.http.Responses;
import io.culvert.web.v1.V1Api;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The REST API and the page, on one port. Thread-safe. */
public final class WebServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WebServer.class);
    private static final int LOOPS = 2;
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final Vertx vertx;
    private final int port;

    private WebServer(Vertx vertx, int port) {
        this.vertx = vertx;
        this.port = port;
    }

    /**
     * Binds and serves. Resolves the host, so it may wait for a name service where the host is a name; and waits for the contract.
     *
     * @param contract being read: reading it takes 200 ms in a JVM that has just started, so begin early
     * @return fails where the port cannot be bound
     * @throws UnknownHostException where the host is none of this world
     * @throws IllegalArgumentException where access is open and the host is not a loopback address
     */
    public static CompletionStage<WebServer> start(
            WebSettings settings,
            CompletableFuture<Contract> contract,
            TunnelService tunnels,
            EventLog events,
            UsageReader usage,
            Webhooks webhooks,
            Doorman doorman,
            AccessService access,
            AuditLog audit)
            throws UnknownHostException {
        InetAddress host = InetAddress.getByName(settings.host());
        if (doorman.isOpen() && !host.isLoopbackAddress()) {
            throw new IllegalArgumentException("host: '" + settings.host()
                    + "' (expected: a loopback address, as the API is open to whoever can reach it)");
        }
        Vertx vertx = Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(LOOPS)
                .setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(1)
                // Nothing is served from files, so no cache directory is to be left behind.
                .setFileSystemOptions(
                        new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false)));
        // Each loop binds for itself; a free port has to be one and the same for all.
        String literal = host.getHostAddress();
        SocketAddress address = settings.port() == 0
                ? SocketAddress.sharedRandomPort(1, literal)
                : SocketAddress.inetSocketAddress(settings.port(), literal);
        Reception reception = new Reception(doorman, WebServer::address);
        Witness witness = new Witness(audit::add, tunnels::now);
        Router routes = routes(
                vertx,
                settings.limits(),
                tunnels,
                reception,
                witness,
                new V1Api(contract.join(), tunnels, events, usage, webhooks, access, audit, reception, witness));
        CompletableFuture<Integer> port = new CompletableFuture<>();
        Places places = new Places(settings.limits());
        AtomicInteger number = new AtomicInteger();
        return vertx.deployVerticle(
                        () -> new WebLoop(
                                "culvert-web-" + number.incrementAndGet(),
                                address,
                                settings.limits(),
                                places,
                                routes,
                                port),
                        new DeploymentOptions().setInstances(LOOPS))
                .toCompletionStage()
                .thenCompose(deployed -> port)
                .thenApply(bound -> new WebServer(vertx, bound))
                .whenComplete((server, thrown) -> {
                    if (thrown != null) {
                        vertx.close();
                    }
                });
    }

    /** The bound port, 1 to 65535. */
    public int port() {
        return port;
    }

    /** Closes the port and every connection and waits until that is done, five seconds at most. Must not be called on a web loop. */
    @Override
    public void close() {
        try {
            vertx.close().toCompletionStage().toCompletableFuture().get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (TimeoutException e) {
            LOG.warn("the web server did not close within {}", PATIENCE);
        } catch (ExecutionException e) {
            LOG.warn("the web server did not close well", e.getCause());
        }
    }

    private static Router routes(Vertx vertx, WebLimits limits, TunnelService tunnels, Reception reception, Witness witness, V1Api product) {
        Router router = Router.router(vertx);
        new TunnelApi(tunnels)
                .operations().stream()
                        .collect(Collectors.groupingBy(Operation::path))
                        .forEach((path, operations) ->
                                router.route(path).handler(new ApiHandler(operations, reception, witness, limits.maxBody())));
        product.mount(router);
        Assets.mount(router);
        Fault unknown = new Fault(404, "path: not known (expected: /api/… or /ui/manager)");
        router.route().handler(context -> tell(context, unknown));
        // What is no path at all never gets to a route; without these Vert.x logs each as an error and answers in its
        // own shape.
        router.errorHandler(404, context -> tell(context, unknown));
        router.errorHandler(
                400, context -> tell(context, new Fault(400, "path: broken (expected: a percent-encoded path)")));
        router.errorHandler(500, context -> tell(context, Faults.of(failure(context), "routing")));
        return router;
    }

    private static InetAddress address(HttpServerRequest request) {
        try {
            // A literal: no name server is asked.
            return InetAddress.getByName(request.remoteAddress().hostAddress());
        } catch (UnknownHostException e) {
            throw new IllegalStateException("a connection from no address", e);
        }
    }

    private static Throwable failure(RoutingContext context) {
        @Nullable Throwable failure = context.failure();
        return failure == null ? new IllegalStateException("a failure without a reason") : failure;
    }

    private static void tell(RoutingContext context, Fault fault) {
        Responses.fault(context.request(), fault);
    }
}
