package io.culvert.web;

import io.culvert.control.Ticker;
import io.culvert.control.TunnelService;
import io.culvert.control.event.EventLog;
import io.culvert.control.hook.Webhooks;
import io.culvert.control.usage.UsageReader;
import io.culvert.web.caller.Doorman;
import io.culvert.web.caller.Reception;
import io.culvert.web.caller.Witness;
import io.culvert.web.contract.Contract;
import io.culvert.web.http.Fault;
import io.culvert.web.http.Peers;
import io.culvert.web.http.Responses;
import io.culvert.web.http.Turns;
import io.culvert.web.http.Unsent;
import io.culvert.web.oidc.ProviderRoutes;
import io.culvert.web.v1.V1Api;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.transport.Transport;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
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
    private final WebLimits limits;
    private volatile Optional<WebCertificate> certificate;
    private final List<HttpServer> servers = new CopyOnWriteArrayList<>();
    private final CompletableFuture<Integer> port = new CompletableFuture<>();
    private final CompletableFuture<Integer> redirectPort = new CompletableFuture<>();

    private WebServer(Vertx vertx, WebSettings settings) {
        this.vertx = vertx;
        this.limits = settings.limits();
        this.certificate = settings.certificate();
    }

    /**
     * Binds and serves. Resolves the host, so it may wait for a name service where the host is a name; and waits for the contract.
     *
     * @param contract being read: reading it takes 200 ms in a JVM that has just started, so begin while there is something else to wait for
     * @param people who they are; the doorman is to know them too
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
            People people)
            throws UnknownHostException {
        InetAddress host = InetAddress.getByName(settings.host());
        if (doorman.isOpen() && !host.isLoopbackAddress()) {
            throw new IllegalArgumentException("host: '" + settings.host()
                    + "' (expected: a loopback address, as the API is open to whoever can reach it)");
        }
        Places places = new Places(settings.limits());
        Unsent unsent = new Unsent(settings.limits().maxUnsent());
        Ticker ticker = Ticker.system();
        Turns turns = new Turns(ticker::nanos);
        Vertx vertx = Vertx.builder()
                .with(new VertxOptions()
                        .setEventLoopPoolSize(LOOPS)
                        .setWorkerPoolSize(1)
                        .setInternalBlockingPoolSize(1)
                        // Nothing is served from files, so no cache directory is to be left behind.
                        .setFileSystemOptions(new FileSystemOptions()
                                .setFileCachingEnabled(false)
                                .setClassPathResolvingEnabled(false)))
                .withTransport(new Doors(Transport.NIO, places, settings.proxies()))
                .build();
        WebServer server = new WebServer(vertx, settings);
        Reception reception = new Reception(doorman, new Peers(settings.proxies()));
        Witness witness = new Witness(people.audit()::add, tunnels::now);
        Router routes = routes(
                vertx,
                settings.limits(),
                unsent,
                turns,
                tunnels,
                reception,
                witness,
                people.provider()
                        .map(provider -> new ProviderRoutes(
                                provider,
                                people.access().logins(),
                                reception,
                                witness,
                                InstantSource.system(),
                                ticker,
                                new SecureRandom())),
                new V1Api(
                        contract.join(),
                        tunnels,
                        events,
                        usage,
                        webhooks,
                        people.access(),
                        people.audit(),
                        people.provider().isPresent(),
                        reception,
                        witness,
                        unsent,
                        turns));
        return server.serve(settings, host, routes)
                .toCompletionStage()
                .thenApply(deployed -> server)
                .whenComplete((started, thrown) -> {
                    if (thrown != null) {
                        vertx.close();
                    }
                });
    }

    private Future<?> serve(WebSettings settings, InetAddress host, Router routes) throws UnknownHostException {
        SocketAddress address = address(host, settings.port());
        AtomicInteger number = new AtomicInteger();
        Future<?> main = vertx.deployVerticle(
                () -> new WebLoop(
                        "culvert-web-" + number.incrementAndGet(),
                        address,
                        options(),
                        limits,
                        this::httpsOnly,
                        routes,
                        bound -> {
                            servers.add(bound);
                            port.complete(bound.actualPort());
                        }),
                new DeploymentOptions().setInstances(LOOPS));
        if (settings.redirect().isEmpty()) {
            return main;
        }
        WebSettings.Listen plain = settings.redirect().get();
        // One loop alone: a free port of its own, not the one that the loops of HTTPS share.
        SocketAddress plainAddress = SocketAddress.inetSocketAddress(
                plain.port(), InetAddress.getByName(plain.host()).getHostAddress());
        return main.compose(deployed -> vertx.deployVerticle(new WebLoop(
                "culvert-web-1",
                plainAddress,
                plainOptions(),
                limits,
                () -> false,
                new WayToHttps(settings.publicUrl(), this::port),
                bound -> redirectPort.complete(bound.actualPort()))));
    }

    private HttpServerOptions options() {
        return certificate
                .map(shown -> Tls.options(plainOptions(), shown, limits.head()))
                .orElseGet(WebServer::plainOptions);
    }

    /**
     * Nobody speaks WebSocket here, and Netty's handler for its extensions, which stands in each pipeline otherwise, fails at each request beyond the
     * 128th that waits for its answer: a log line each, with a trace (Netty 4.2.18, Vert.x 5). Who reads no answers is read from no more without it, too.
     */
    private static HttpServerOptions plainOptions() {
        return new HttpServerOptions()
                .setPerFrameWebSocketCompressionSupported(false)
                .setPerMessageWebSocketCompressionSupported(false);
    }

    /** Each loop binds for itself; a free port has to be one and the same for all. */
    private static SocketAddress address(InetAddress host, int port) {
        String literal = host.getHostAddress();
        return port == 0 ? SocketAddress.sharedRandomPort(1, literal) : SocketAddress.inetSocketAddress(port, literal);
    }

    /**
     * Shows another certificate to whoever comes from now on; connections that are there stay.
     *
     * @return fails where it cannot be used: then the old one goes on to be shown
     * @throws IllegalStateException where this server speaks plain HTTP
     */
    public CompletionStage<Void> show(WebCertificate other) {
        if (certificate.isEmpty()) {
            throw new IllegalStateException("a server of plain HTTP (expected: one of HTTPS)");
        }
        List<Future<Boolean>> all = servers.stream()
                .map(server -> server.updateSSLOptions(Tls.renewed(other, limits.head())))
                .toList();
        return Future.all(all)
                .onSuccess(done -> certificate = Optional.of(other))
                .<Void>mapEmpty()
                .toCompletionStage();
    }

    private boolean httpsOnly() {
        return certificate.filter(WebCertificate::publiclyTrusted).isPresent();
    }

    /** The bound port that leads to HTTPS, 1 to 65535; empty where there is none. */
    public Optional<Integer> redirectPort() {
        return Optional.ofNullable(redirectPort.getNow(null));
    }

    /** The bound port, 1 to 65535. */
    public int port() {
        return port.join();
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

    private static Router routes(
            Vertx vertx,
            WebLimits limits,
            Unsent unsent,
            Turns turns,
            TunnelService tunnels,
            Reception reception,
            Witness witness,
            Optional<ProviderRoutes> provider,
            V1Api product) {
        Router router = Router.router(vertx);
        new TunnelApi(tunnels)
                .operations().stream()
                        .collect(Collectors.groupingBy(Operation::path))
                        .forEach((path, operations) -> router.route(path)
                                .handler(new ApiHandler(
                                        operations, reception, witness, limits.maxBody(), unsent, turns)));
        product.mount(router);
        // Before the last one, which answers for whatever nobody has answered for.
        provider.ifPresent(routes -> routes.mount(router));
        // Anybody may ask for these: of the API's answers they take nothing.
        Assets.mount(router, new Unsent(limits.maxUnsent()));
        Fault unknown = new Fault(404, "path: not known (expected: /api/… or /ui/manager)");
        router.route().handler(context -> tell(context, unknown));
        // What is no path at all never gets to a route; without these
        // Vert.x logs each as an error and answers in its own shape.
        router.errorHandler(404, context -> tell(context, unknown));
        router.errorHandler(
                400, context -> tell(context, new Fault(400, "path: broken (expected: a percent-encoded path)")));
        router.errorHandler(500, context -> tell(context, Faults.of(failure(context), "routing")));
        return router;
    }

    private static Throwable failure(RoutingContext context) {
        @Nullable Throwable failure = context.failure();
        return failure == null ? new IllegalStateException("a failure without a reason") : failure;
    }

    private static void tell(RoutingContext context, Fault fault) {
        Responses.fault(context.request(), fault);
    }
}
