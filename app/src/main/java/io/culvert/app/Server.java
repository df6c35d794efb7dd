package io.culvert.app;

import io.culvert.app.config.Address;
import io.culvert.app.config.ConfigException;
import io.culvert.app.config.DatabaseConfig;
import io.culvert.app.config.HttpsConfig;
import io.culvert.app.config.ServerConfig;
import io.culvert.app.process.PrivateFiles;
import io.culvert.app.process.Reasons;
import io.culvert.control.Access;
import io.culvert.control.Caller;
import io.culvert.control.ControlSettings;
import io.culvert.control.CreateTunnel;
import io.culvert.control.ImportResult;
import io.culvert.control.PortPool;
import io.culvert.control.StoreUnavailableException;
import io.culvert.control.Ticker;
import io.culvert.control.TunnelService;
import io.culvert.control.access.AccessService;
import io.culvert.control.access.AccessSettings;
import io.culvert.control.access.Argon2Cost;
import io.culvert.control.access.Throttle;
import io.culvert.control.hook.SecretBox;
import io.culvert.control.hook.Webhooks;
import io.culvert.control.sql.PostgresLogin;
import io.culvert.control.sql.SqlTunnelStore;
import io.culvert.control.usage.MonthLedger;
import io.culvert.gateway.engine.Gateway;
import io.culvert.gateway.engine.GatewaySettings;
import io.culvert.gateway.identity.ServerIdentity;
import io.culvert.gateway.identity.SharedCertificate;
import io.culvert.link.net.Descriptors;
import io.culvert.web.People;
import io.culvert.web.WebCertificate;
import io.culvert.web.WebLimits;
import io.culvert.web.WebServer;
import io.culvert.web.WebSettings;
import io.culvert.web.caller.Doorman;
import io.culvert.web.contract.Contract;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A whole server: bound, restored and serving when {@link #start} returns, stopped in the reverse order by {@link #close}. Any number
 * of them live in one process, each on its own data directory. Any thread.
 *
 * <pre>{@code
 * try (Server server = Server.start(ServerConfig.embedded(directory))) {
 *     connect(server.httpPort());
 * }
 * }</pre>
 */
public final class Server implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Server.class);
    private static final long MOST_START_SECONDS = 60;
    private static final Duration CERTIFICATE_LOOKS = Duration.ofSeconds(10);

    /** In a URL that a driver may quote: among its parameters, or in front of its host. */
    private static final Pattern PASSWORD = Pattern.compile("(?i)(?<=password=)[^\\s&]*|(?<=//)\\S*(?=@)");

    private final ServerConfig config;
    private final Deque<Room> rooms;
    private final Gateway gateway;
    private final TunnelService tunnels;
    private final WebServer web;
    private final Optional<AdminKey> adminKey;
    private final Optional<String> firstPassword;

    /** One thing that was started and must be stopped. */
    private record Room(String name, AutoCloseable door) {}

    private Server(
            ServerConfig config,
            Deque<Room> rooms,
            Gateway gateway,
            TunnelService tunnels,
            WebServer web,
            Optional<AdminKey> adminKey,
            Optional<String> firstPassword) {
        this.config = config;
        this.rooms = rooms;
        this.gateway = gateway;
        this.tunnels = tunnels;
        this.web = web;
        this.adminKey = adminKey;
        this.firstPassword = firstPassword;
    }

    /**
     * Starts everything and returns when it serves.
     *
     * @throws ConfigException where the file to import or one with a password is at fault; what had been started is stopped again
     * @throws StartException where something did not start; what had been started is stopped again
     */
    public static Server start(ServerConfig config) throws ConfigException, StartException {
        List<CreateTunnel> wanted = config.importFile().isPresent()
                ? PermanentFile.read(config.importFile().get())
                : List.of();
        Optional<PostgresLogin> database = config.database().isPresent()
                ? Optional.of(login(config.database().get()))
                : Optional.empty();
        PeopleSecrets people = PeopleSecrets.read(config);
        Deque<Room> rooms = new ArrayDeque<>();
        try {
            return start(config, database, people, wanted, rooms);
        } catch (ConfigException | StartException | RuntimeException | Error e) {
            stop(rooms);
            throw e;
        }
    }

    private static Server start(
            ServerConfig config,
            Optional<PostgresLogin> database,
            PeopleSecrets people,
            List<CreateTunnel> wanted,
            Deque<Room> rooms)
            throws ConfigException, StartException {
        SecureRandom random = new SecureRandom();
        InstantSource clock = InstantSource.system();
        Path data = config.data();

        step("data directory " + data, () -> {
            PrivateFiles.prepare(data);
            return data;
        });
        boolean known = Files.exists(data.resolve(SqlTunnelStore.FILE));
        // Beside identity and gateway, which are all ciphers: a start is half as long again one after the other.
        FutureTask<SqlTunnelStore> opening = beside(() -> store(data, database));
        rooms.push(new Room("store", () -> closeOpened(opening)));
        ServerIdentity identity =
                step("data directory " + data, () -> ServerIdentity.loadOrCreate(data, clock, random));
        if (known) {
            // At once: where this start fails, the next one finds an identity.
            warnOfNewIdentity(identity, data);
        }
        Optional<SharedCertificate> common = commonCertificate(config);
        // Once: the engine would look a name up on its loops, for each port.
        InetAddress exposeHost =
                step("expose-host " + config.exposeHost(), () -> InetAddress.getByName(config.exposeHost()));
        Gateway gateway = enter(
                rooms,
                "gateway",
                step(
                        "bridge port " + config.bridge(),
                        () -> Gateway.start(gatewaySettings(config, exposeHost), identity, common)));
        // Not sooner: all three at once would keep the store waiting, and everything else waits for that.
        CompletableFuture<Contract> contract = CompletableFuture.supplyAsync(Contract::load);
        SqlTunnelStore store = opened(opening);
        Optional<AdminKey> adminKey = config.open()
                ? Optional.empty()
                : Optional.of(step("admin key", () -> AdminKey.loadOrCreate(data, random)));
        Ledger ledger = step("ledger", () -> new Ledger(store, clock));
        SecretBox box = step("webhook key", () -> WebhookKey.loadOrCreate(data, random));
        Access configured = access(config, adminKey);
        AccessService access = step(
                "users",
                () -> AccessService.open(
                        store.access(),
                        configured,
                        new AccessSettings(
                                Argon2Cost.DEFAULT,
                                config.logins().longest(),
                                config.logins().idle()),
                        box,
                        ledger.audit(),
                        clock,
                        Ticker.system(),
                        random));
        Doorman doorman = Doorman.of(access.authenticator(), configured.isOpen());
        TunnelService tunnels = enter(
                rooms,
                "control",
                new TunnelService(
                        gateway,
                        store,
                        clock,
                        Ticker.system(),
                        controlSettings(config),
                        ledger.events(),
                        access.projects()::quotas));
        // Behind the control plane, so closed before it: its last turn needs the store.
        Ledger unused = enter(rooms, "ledger", ledger);
        ledger.hear(tunnels);
        tunnels.watchGuesses(from -> access.throttle().failed(Throttle.Kind.TOKEN, from));
        AccessService unusedAccess = enter(rooms, "access", access);
        MonthLedger months = step("projects' months", () -> ledger.months(gateway, access, tunnels));
        step("stored tunnels", () -> {
            tunnels.start();
            return tunnels;
        });
        if (!known && !tunnels.list(Caller.trusted("server")).isEmpty()) {
            warnOfNewIdentity(identity, data);
        }
        Webhooks webhooks = ledger.begin(tunnels, gateway, access, months, box, random);
        // A password from a file is hashed, which takes a while, beside the web's start.
        CompletableFuture<Void> serves = new CompletableFuture<>();
        rooms.push(new Room("first admin", () -> serves.cancel(false)));
        boolean first = !config.open() && !access.hasUsers();
        Optional<String> given = first ? people.adminPassword() : Optional.empty();
        CompletionStage<Optional<String>> firstAdmin =
                first ? access.firstAdmin(given, serves) : CompletableFuture.completedStage(Optional.empty());
        if (firstAdmin.toCompletableFuture().isCompletedExceptionally()) {
            // A password that will not do, before anything is bound or stored.
            step("user admin", () -> await(firstAdmin));
        }
        access.watchProjects(name -> isUsed(name, tunnels, webhooks));
        importTunnels(tunnels, wanted);
        Optional<WebCertificates> certificates =
                WebCertificates.of(config.https(), config.http(), identity, PublicTrust::ofThisJava);
        WebSettings reached = certificates.isPresent()
                ? by(settings(config), step("https certificate", certificates.get()::load), config.https())
                : settings(config);
        WebServer web = enter(
                rooms,
                "web",
                step(
                        "http port " + config.http()
                                + config.https()
                                        .redirect()
                                        .map(plain -> " or http-redirect " + plain)
                                        .orElse(""),
                        () -> await(WebServer.start(
                                reached,
                                contract,
                                tunnels,
                                ledger.events(),
                                ledger.usage(),
                                webhooks,
                                doorman,
                                new People(access, ledger.audit(), people.provider())))));
        certificates.ifPresent(source ->
                enter(rooms, "https certificate", new CertificateWatch(source, web::show).every(CERTIFICATE_LOOKS)));
        serves.complete(null);
        Optional<String> firstPassword = step("user admin", () -> await(firstAdmin));
        Server server = new Server(
                config,
                rooms,
                gateway,
                tunnels,
                web,
                adminKey,
                // What stands in a file is known already.
                given.isPresent() ? Optional.empty() : firstPassword);
        warnOfPlainHttp(config);
        LOG.info(
                "serving: API on {}://{}, agents on {}, exposes on {} ports {}, {} tunnels",
                config.https().on() ? "https" : "http",
                server.http(),
                server.bridge(),
                config.exposeHost(),
                config.ports().any() ? "as the system gives them" : config.ports(),
                tunnels.list(Caller.trusted("server")).size());
        return server;
    }

    /** Where API and page are served, with the real port. */
    public Address http() {
        return config.http().withPort(httpPort());
    }

    /** Where agents connect, with the real port. */
    public Address bridge() {
        return config.bridge().withPort(bridgePort());
    }

    /** The bound port of API and page. */
    public int httpPort() {
        return web.port();
    }

    /** The bound port that leads from HTTP to HTTPS; empty where there is none. */
    public Optional<Integer> redirectPort() {
        return web.redirectPort();
    }

    /** The bound port for agents. */
    public int bridgePort() {
        return gateway.bridgePort();
    }

    /** The key that the API takes; empty where the server is open. Secret. */
    public Optional<String> adminKey() {
        return adminKey.map(AdminKey::key);
    }

    /** The password of the user {@code admin}, where this start made it. Secret, and told nowhere else. */
    public Optional<String> firstPassword() {
        return firstPassword;
    }

    /** Completes when the server cannot go on: exceptionally where a part of it ended by itself, normally after {@link #close}. */
    public CompletionStage<Void> ended() {
        return tunnels.ended();
    }

    /** Stops everything, last started first. Tunnels stay in the store and are back with the next start. May be called twice. */
    @Override
    public void close() {
        stop(rooms);
    }

    private static void stop(Deque<Room> rooms) {
        // Synchronized: a signal's handler and the owner may both come; the second finds nothing left to do.
        synchronized (rooms) {
            while (!rooms.isEmpty()) {
                Room room = rooms.pop();
                try {
                    room.door().close();
                } catch (Exception e) {
                    LOG.warn("{} did not stop cleanly", room.name(), e);
                }
            }
        }
    }

    private static WebSettings settings(ServerConfig config) {
        HttpsConfig https = config.https();
        WebSettings settings = WebSettings.on(
                        config.http().host(), config.http().port())
                .with(limits(config))
                .behind(address -> https.proxies().stream().anyMatch(block -> block.contains(address)));
        return https.publicUrl().map(settings::reachedBy).orElse(settings);
    }

    /** No more connections than there are descriptors for that nobody else may have: they would be what no lease is renewed by. */
    private static WebLimits limits(ServerConfig config) {
        WebLimits usual = WebLimits.defaults().withMaxPerAddress(config.perAddress());
        Descriptors files = Descriptors.ofProcess();
        WebLimits limits = usual.within(files.api());
        if (!limits.equals(usual)) {
            LOG.warn(
                    "with {} file descriptors API and page take {} connections, {} from one address, and not {} and {} (more descriptors: ulimit -n, or LimitNOFILE of systemd)",
                    files.most(),
                    limits.maxConnections(),
                    limits.maxPerAddress(),
                    usual.maxConnections(),
                    usual.maxPerAddress());
        }
        return limits;
    }

    private static WebSettings by(WebSettings settings, WebCertificate certificate, HttpsConfig https) {
        WebSettings secure = settings.with(certificate);
        return https.redirect()
                .map(address -> secure.with(new WebSettings.Listen(address.host(), address.port())))
                .orElse(secure);
    }

    private static void warnOfPlainHttp(ServerConfig config) {
        HttpsConfig https = config.https();
        if (!https.on() && !config.http().isLoopback() && https.proxies().isEmpty()) {
            LOG.warn(
                    "API and page are served by PLAIN HTTP on {}: whoever is on the way can read keys, and nobody can log in with a password."
                            + " Use --tls self, or --tls-cert and --tls-key, or a proxy with TLS in front and --trusted-proxy",
                    config.http());
        }
    }

    /** The tunnels are there: somebody brought the database back, or named another directory, without what agents know the server by. */
    private static void warnOfNewIdentity(ServerIdentity identity, Path data) {
        if (identity.isNew()) {
            LOG.warn(
                    "the server's identity is new, and its tunnels are not: their agents and goproxy clients know another one, and will not connect."
                            + " Stop the server and put the old {} back, or give each agent a new token ('culvert token create'), and each goproxy client"
                            + " a new bundle",
                    data.resolve("identity"));
        }
    }

    private static ControlSettings controlSettings(ServerConfig config) {
        ControlSettings usual = ControlSettings.defaults();
        List<PortPool> pools = new ArrayList<>();
        pools.add(new PortPool(
                PortPool.DEFAULT, config.ports().from(), config.ports().to()));
        pools.addAll(config.pools());
        return usual.withPorts(pools, config.quarantine());
    }

    private static PostgresLogin login(DatabaseConfig database) throws ConfigException {
        return new PostgresLogin(database.url().text(), database.user(), DatabasePassword.of(database));
    }

    private static SqlTunnelStore store(Path data, Optional<PostgresLogin> database) throws StartException {
        if (database.isEmpty()) {
            return step("data directory " + data, () -> SqlTunnelStore.open(data));
        }
        String url = database.get().url();
        SqlTunnelStore store = step("database " + url, () -> SqlTunnelStore.open(data, database.get()));
        LOG.info("tunnels are kept in {}", url);
        if (Files.exists(data.resolve(SqlTunnelStore.FILE))) {
            LOG.warn("{} is not used while --db is set; its tunnels are not there", data.resolve(SqlTunnelStore.FILE));
        }
        return store;
    }

    private static GatewaySettings gatewaySettings(ServerConfig config, InetAddress exposeHost) {
        GatewaySettings usual = GatewaySettings.of(
                new InetSocketAddress(config.bridge().host(), config.bridge().port()), exposeHost, config.ports());
        return new GatewaySettings(
                        usual.bridge(),
                        usual.exposeHost(),
                        usual.ports(),
                        usual.transport(),
                        usual.loops(),
                        usual.helloDeadline(),
                        usual.strangers(),
                        usual.liveness(),
                        config.udpIdle())
                .with(Descriptors.ofProcess());
    }

    private static Optional<SharedCertificate> commonCertificate(ServerConfig config) throws StartException {
        Optional<CommonCertificate.Pair> files =
                CommonCertificate.find(config, Path.of("").toAbsolutePath());
        if (files.isEmpty()) {
            LOG.info(
                    "bridge ports of tunnels show the server's own certificate; goproxy clients need their tunnel's bundle");
            return Optional.empty();
        }
        return Optional.of(step("bridge certificate " + files.get(), () -> CommonCertificate.load(files.get())));
    }

    private static Access access(ServerConfig config, Optional<AdminKey> adminKey) {
        if (config.open()) {
            return Access.open();
        }
        return adminKey.map(own -> Access.withKeys(own.key(), config.apiKeys()))
                .orElseGet(() -> Access.withKeys(config.apiKeys()));
    }

    /** Whether a project has anything that another one of its name must not come by. Waits a little, on behalf of whoever takes it away. */
    private static boolean isUsed(String project, TunnelService tunnels, Webhooks webhooks) {
        Caller server = Caller.trusted("server");
        try {
            return tunnels.list(server).stream()
                            .anyMatch(tunnel -> tunnel.project().equals(project))
                    || await(tunnels.ports(server)).stream()
                            .anyMatch(port -> port.project().equals(project))
                    || await(webhooks.list(server)).stream()
                            .anyMatch(hook -> hook.project().equals(Optional.of(project)));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        } catch (Exception e) {
            LOG.warn("project {} is taken to be in use: nobody could say", project, e);
            return true;
        }
    }

    private static void importTunnels(TunnelService tunnels, List<CreateTunnel> wanted) throws StartException {
        if (wanted.isEmpty()) {
            return;
        }
        ImportResult result = step("import", () -> await(tunnels.importTunnels(Caller.trusted("import"), wanted)));
        LOG.info(
                "import: {} created, {} there already, {} refused",
                result.created(),
                result.present(),
                result.failed().size());
        result.failed().forEach(why -> LOG.warn("import: {}", why));
    }

    private static <T> FutureTask<T> beside(Callable<T> part) {
        FutureTask<T> task = new FutureTask<>(part);
        Thread thread = new Thread(task, "culvert-start");
        thread.setDaemon(true);
        thread.start();
        return task;
    }

    private static SqlTunnelStore opened(FutureTask<SqlTunnelStore> opening) throws StartException {
        try {
            return opening.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartException("store: interrupted", e);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof StartException told ? told : new StartException("store: " + Reasons.of(e), e);
        }
    }

    /** Also where the start failed, or was interrupted, while the store was being opened: a directory that stays locked would fail the next start, too. */
    private static void closeOpened(FutureTask<SqlTunnelStore> opening) {
        boolean interrupted = false;
        while (true) {
            try {
                opening.get().close();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            } catch (ExecutionException e) {
                // It was not opened, and whoever waited for it was told why.
                LOG.debug("nothing to close", e);
                break;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static <T extends AutoCloseable> T enter(Deque<Room> rooms, String name, T room) {
        rooms.push(new Room(name, room));
        return room;
    }

    private interface Step<T> {
        T take() throws Exception;
    }

    /** Takes a step whose failure is told under a name that a person knows. */
    private static <T> T step(String name, Step<T> step) throws StartException {
        try {
            return step.take();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartException(name + ": interrupted", e);
        } catch (Exception e) {
            throw new StartException(name + ": " + Reasons.of(e) + hidden(e), e);
        }
    }

    /**
     * What a store's refusal does not say, since it is worded for callers of the API: why. Its first line alone, as a database may quote rows
     * behind it, and without passwords of a URL. Other failures speak for themselves, some of them of files with secrets.
     */
    private static String hidden(Exception failure) {
        if (!(failure instanceof StoreUnavailableException)) {
            return "";
        }
        Throwable deepest = failure;
        while (deepest.getCause() != null) {
            deepest = deepest.getCause();
        }
        String why = String.valueOf(deepest.getMessage()).lines().findFirst().orElse("");
        return deepest.equals(failure) || why.isBlank()
                ? ""
                : " (" + PASSWORD.matcher(why).replaceAll("MASKED") + ")";
    }

    private static <T> T await(CompletionStage<T> stage) throws Exception {
        try {
            return stage.toCompletableFuture().get(MOST_START_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | CompletionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        } catch (TimeoutException e) {
            throw new IllegalStateException("no answer within " + MOST_START_SECONDS + " s", e);
        }
    }
}
