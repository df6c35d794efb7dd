package io.culvert.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.culvert.agent.Address;
import io.culvert.agent.Agent;
import io.culvert.agent.AgentEnd;
import io.culvert.agent.AgentListener;
import io.culvert.agent.AgentSettings;
import io.culvert.control.Access;
import io.culvert.control.Caller;
import io.culvert.control.ControlSettings;
import io.culvert.control.Ticker;
import io.culvert.control.TunnelService;
import io.culvert.control.access.AccessService;
import io.culvert.control.access.AccessSettings;
import io.culvert.control.access.Argon2Cost;
import io.culvert.control.audit.AuditLog;
import io.culvert.control.event.EventLog;
import io.culvert.control.hook.SecretBox;
import io.culvert.control.hook.WebhookSettings;
import io.culvert.control.hook.Webhooks;
import io.culvert.control.ledger.LedgerThread;
import io.culvert.control.sql.SqlTunnelStore;
import io.culvert.control.usage.UsageLedger;
import io.culvert.control.usage.UsageReader;
import io.culvert.gateway.Counts;
import io.culvert.gateway.PortRange;
import io.culvert.gateway.engine.Gateway;
import io.culvert.gateway.engine.GatewaySettings;
import io.culvert.gateway.identity.ServerIdentity;
import io.culvert.link.agent.JoinToken;
import io.culvert.web.caller.Doorman;
import io.culvert.web.contract.Contract;
import io.culvert.web.hook.HttpHookSender;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.SocketFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;

/** A whole server on free ports: real gateway, real store, real service, real HTTP. */
final class RunningServer implements AutoCloseable {
    static final String KEY = "correct-horse-battery";

    private static final Access KEYS = Access.withKeys(List.of("other", KEY));

    /** Cheap enough that a test can sign in. */
    private static final AccessSettings PEOPLE =
            new AccessSettings(new Argon2Cost(64, 1, 1), Duration.ofHours(12), Duration.ofHours(1));

    // Two tries within moments, so that a dead letter is soon there; ten webhooks.
    private static final WebhookSettings HOOKS =
            new WebhookSettings(2, Duration.ofMillis(20), Duration.ofMillis(20), 2, 100, 100, 10);

    static final CompletableFuture<Contract> CONTRACT = CompletableFuture.completedFuture(Contract.load());
    static final UsageReader NO_USAGE = (tunnel, grain, from, to) -> CompletableFuture.completedStage(List.of());

    // The data plane gets one second, so that a test in which it says nothing is soon over.
    private static final ControlSettings SETTINGS = new ControlSettings(
            1_000, 1_000, Duration.ofSeconds(5), Duration.ofSeconds(1), Duration.ofSeconds(10), Duration.ofSeconds(1));

    final Gateway gateway;
    final EventLog events = new EventLog(1_000);
    final TunnelService tunnels;
    final AccessService access;
    final AuditLog audit;
    final WebServer web;
    private final boolean open;
    final Webhooks hooks;
    private final HttpHookSender hookSender = new HttpHookSender("test");
    private final LedgerThread ledger = new LedgerThread(System::nanoTime, Duration.ofMillis(100));
    private final HttpClient http;
    private final SocketFactory sockets;
    private final String scheme;

    private RunningServer(Path data, WebSettings settings, Access configured, boolean starts) {
        this(data, settings, configured, starts, SETTINGS);
    }

    private RunningServer(Path data, WebSettings settings, Access configured, boolean starts, ControlSettings control) {
        open = configured.isOpen();
        scheme = settings.certificate().isPresent() ? "https" : "http";
        HttpClient.Builder client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1);
        if (settings.certificate().isPresent()) {
            SSLContext trusting = TestTls.trusting(settings.certificate().get());
            client.sslContext(trusting);
            sockets = trusting.getSocketFactory();
        } else {
            sockets = SocketFactory.getDefault();
        }
        http = client.build();
        try {
            gateway = Gateway.start(
                    GatewaySettings.of(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                            InetAddress.getLoopbackAddress(),
                            PortRange.ANY),
                    ServerIdentity.loadOrCreate(data, InstantSource.system(), new SecureRandom()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        SqlTunnelStore store = SqlTunnelStore.open(data);
        UsageLedger usage = UsageLedger.open(store.usage(), InstantSource.system(), ledger);
        SecretBox box = new SecretBox(new byte[SecretBox.KEY_BYTES], new SecureRandom());
        audit = AuditLog.open(store.audit(), InstantSource.system(), ledger, ledger::hurry);
        access = AccessService.open(
                store.access(),
                configured,
                PEOPLE,
                box,
                audit,
                InstantSource.system(),
                Ticker.system(),
                new SecureRandom());
        tunnels = new TunnelService(
                gateway, store, InstantSource.system(), Ticker.system(), control, events, access.projects()::quotas);
        access.watchProjects(name -> tunnels.list(Caller.trusted("test")).stream()
                .anyMatch(tunnel -> tunnel.project().equals(name)));
        usage.watch(() -> counts(tunnels, gateway));
        hooks = Webhooks.open(
                events,
                store.webhooks(),
                hookSender,
                tunnel -> Map.of(),
                access.projects()::quotas,
                box,
                InstantSource.system(),
                new SecureRandom(),
                HOOKS,
                ledger);
        ledger.begin(List.of(usage, hooks, hooks.sending(), audit, access));
        if (starts) {
            tunnels.start();
        }
        try {
            web = WebServer.start(settings, CONTRACT, tunnels, events, usage, hooks, doorman(), people())
                    .toCompletableFuture()
                    .get(20, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** Who is let in, with what this server was started with. */
    Doorman doorman() {
        return Doorman.of(access.authenticator(), open);
    }

    People people() {
        return new People(access, audit, Optional.empty());
    }

    private static Map<Long, Counts> counts(TunnelService tunnels, Gateway gateway) {
        Map<Long, Counts> counts = new HashMap<>();
        tunnels.list(Caller.trusted("test"))
                .forEach(tunnel ->
                        gateway.status(tunnel.id()).ifPresent(status -> counts.put(tunnel.id(), status.counts())));
        return counts;
    }

    static RunningServer keyed(Path data) {
        return keyed(data, WebLimits.defaults());
    }

    static RunningServer keyed(Path data, WebLimits limits) {
        return with(data, plain(limits));
    }

    /** By HTTPS, with a certificate that its own clients trust. */
    static RunningServer secure(Path data, WebLimits limits) {
        return with(data, plain(limits).with(TestTls.certificate("127.0.0.1")));
    }

    /** However it is to be reached. */
    static RunningServer with(Path data, WebSettings settings) {
        return new RunningServer(data, settings, KEYS, true);
    }

    /** A server whose session credentials live so long. */
    static RunningServer renewing(Path data, Duration credentialTtl) {
        return new RunningServer(
                data, plain(WebLimits.defaults()), KEYS, true, SETTINGS.withCredentialTtl(credentialTtl));
    }

    static RunningServer open(Path data) {
        return new RunningServer(data, plain(WebLimits.defaults()), Access.open(), true);
    }

    /** A server that has not read its store yet, and so takes no changes. */
    static RunningServer deaf(Path data) {
        return new RunningServer(data, plain(WebLimits.defaults()), KEYS, false);
    }

    static WebSettings plain(WebLimits limits) {
        return WebSettings.on("127.0.0.1", 0).with(limits);
    }

    /** A request to a path of this server, without a credential. */
    HttpRequest.Builder to(String path) {
        return HttpRequest.newBuilder(URI.create(scheme + "://127.0.0.1:" + web.port() + path))
                .timeout(Duration.ofSeconds(20));
    }

    HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Sends a request whose answer may not end: the body of one that is refused, the empty text for the others. */
    HttpResponse<String> head(HttpRequest.Builder request) {
        try {
            return http.send(
                    request.build(),
                    info -> info.statusCode() == 200
                            ? HttpResponse.BodySubscribers.mapping(
                                    HttpResponse.BodySubscribers.ofInputStream(), RunningServer::left)
                            : HttpResponse.BodySubscribers.ofString(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static String left(InputStream stream) {
        try {
            stream.close();
            return "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    HttpResponse<String> get(String pathAndQuery) {
        return send(to(pathAndQuery).header("Authorization", "Bearer " + KEY));
    }

    HttpResponse<String> post(String path, String type, byte[] body) {
        return send(to(path).header("Authorization", "Bearer " + KEY)
                .header("Content-Type", type)
                .POST(HttpRequest.BodyPublishers.ofByteArray(body)));
    }

    HttpResponse<String> form(String path, String body) {
        return post(path, "application/x-www-form-urlencoded", body.getBytes(StandardCharsets.UTF_8));
    }

    HttpResponse<String> json(String path, String body) {
        return post(path, "application/json", body.getBytes(StandardCharsets.UTF_8));
    }

    /** A multipart body with boundary {@code b}; every second argument is a value. */
    static String multipart(String... namesAndValues) {
        StringBuilder body = new StringBuilder();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            body.append("--b\r\nContent-Disposition: form-data; name=\"")
                    .append(namesAndValues[i])
                    .append("\"\r\n\r\n")
                    .append(namesAndValues[i + 1])
                    .append("\r\n");
        }
        return body.append("--b--\r\n").toString();
    }

    /** Says exactly these bytes on a connection of its own, one per char, and gives back all that is said until it is closed. */
    String raw(String request) throws IOException {
        try (Socket socket = connect()) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            socket.getOutputStream().flush();
            return rest(socket);
        }
    }

    /** As {@link #raw}, and what comes back is one char for each byte, too. */
    String rawBytes(String request) throws IOException {
        try (Socket socket = connect()) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            socket.getOutputStream().flush();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    Socket connect() throws IOException {
        Socket socket = sockets.createSocket(InetAddress.getLoopbackAddress(), web.port());
        socket.setSoTimeout(10_000);
        return socket;
    }

    /** Everything until the server closes. */
    static String rest(Socket socket) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        try {
            socket.getInputStream().transferTo(all);
        } catch (SSLException e) {
            // TLS that ends without a goodbye; what was said before it counts
        }
        return all.toString(StandardCharsets.UTF_8);
    }

    static JsonObject json(HttpResponse<String> response) {
        return new JsonObject(response.body());
    }

    /** An agent that serves a tunnel for as long as it is open; the server knows of it when this returns. */
    Agent agent(String join) {
        Connected connected = new Connected();
        JoinToken token = JoinToken.parse(join);
        Agent agent = Agent.start(AgentSettings.of(new Address("127.0.0.1", gateway.bridgePort()), token), connected);
        connected.first.orTimeout(20, TimeUnit.SECONDS).join();
        await().until(() -> tunnels.find(Caller.trusted("test"), token.tunnelId())
                .map(tunnels::traffic)
                .filter(traffic -> traffic.sessions() > 0)
                .isPresent());
        return agent;
    }

    /** Waits for an agent's first session. */
    private static final class Connected implements AgentListener {
        private final CompletableFuture<Void> first = new CompletableFuture<>();

        @Override
        public void connected(int session, long epoch) {
            first.complete(null);
        }

        @Override
        public void disconnected(int session, String why, Duration retryIn) {}

        @Override
        public void ended(AgentEnd end, String why) {
            first.completeExceptionally(new IllegalStateException(end + ": " + why));
        }
    }

    /** A visitor; it waits at most 10 s for a byte. */
    Socket visitor(int port) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(10_000);
        return socket;
    }

    /** Keeps the control thread busy until the result is closed: nothing that goes through it gets an answer meanwhile. */
    AutoCloseable busy() {
        CountDownLatch free = new CountDownLatch(1);
        // What was done before anybody could be told of it is told right here: then the control thread got away.
        await().until(() -> {
            Thread caller = Thread.currentThread();
            CompletableFuture<Boolean> held = new CompletableFuture<>();
            tunnels.importTunnels(Caller.trusted("test"), List.of()).thenRun(() -> {
                held.complete(!Thread.currentThread().equals(caller));
                if (!Thread.currentThread().equals(caller)) {
                    hold(free);
                }
            });
            return held.join();
        });
        return free::countDown;
    }

    private static void hold(CountDownLatch free) {
        try {
            assertThat(free.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        web.close();
        access.close();
        ledger.close();
        hookSender.close();
        tunnels.close();
        gateway.close();
    }
}
