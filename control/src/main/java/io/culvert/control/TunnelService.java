package io.culvert.control;

import io.culvert.control.caller.MonthUse;
import io.culvert.control.caller.Permission;
import io.culvert.control.caller.Verdict;
import io.culvert.control.event.EventKind;
import io.culvert.control.event.EventLog;
import io.culvert.gateway.DataPlane;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a server does with tunnels: creates, renews, ends and restores them. Changes are made one after the other by the thread
 * {@code culvert-control}, which also ends leases on time; readers see immutable snapshots and never wait.
 *
 * <p>Every method may be called from any thread. The stages it returns complete on the control thread with a result or a
 * {@link ControlException}; whoever continues them there must not wait.
 */
public final class TunnelService implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(TunnelService.class);
    private static final int MOST_AT_ONCE = 1_000;

    private final DataPlane dataPlane;
    private final InstantSource wallClock;
    private final Ticker ticker;
    private final TunnelTable table = new TunnelTable();
    private final ControlLoop loop;
    private final StoreDesk desk;
    private final TunnelKeeper keeper;
    private final Inspector inspector;
    private final EventLog events;
    private final AtomicBoolean started = new AtomicBoolean();
    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile boolean restored;
    /** Projects that have carried anything in this month, or may not carry everything. */
    private volatile Map<String, MonthUse> months = Map.of();

    private volatile Function<InetAddress, Optional<Duration>> guesses = from -> Optional.empty();
    private volatile Consumer<EndedTunnel> finals = record -> {};

    /**
     * Starts the control thread; nothing is restored yet, and changes are refused until {@link #start} has returned.
     *
     * @param dataPlane stays the caller's to close, after this service
     * @param store closed together with this service
     * @param wallClock for the times that people see
     * @param ticker for leases
     * @param events is told of all that happens; stays the caller's
     * @param projects asked by the control thread whether there is such a project, and what it may have
     */
    public TunnelService(
            DataPlane dataPlane,
            TunnelStore store,
            InstantSource wallClock,
            Ticker ticker,
            ControlSettings settings,
            EventLog events,
            Projects projects) {
        this.dataPlane = dataPlane;
        this.wallClock = wallClock;
        this.ticker = ticker;
        this.loop = new ControlLoop(ticker, settings.maxWaiting());
        this.desk = new StoreDesk(store, loop, ticker, settings);
        this.events = events;
        this.keeper = new TunnelKeeper(
                dataPlane,
                wallClock,
                ticker,
                settings,
                loop,
                desk,
                table,
                new ProjectGate(projects),
                events,
                record -> finals.accept(record));
        this.inspector = new Inspector(dataPlane, wallClock, loop, table);
        loop.start(keeper);
    }

    /**
     * Tells of each tunnel that ends, with what it had carried in the end: once nothing is counted for it any more, which is a moment
     * behind its event. Called before {@link #start}, which may find some that have ended.
     *
     * @param listener called by the control thread: must be quick, and must not throw
     */
    public void watchEnds(Consumer<EndedTunnel> listener) {
        finals = listener;
    }

    /**
     * Has agents watched that show unknown tokens or credentials. Called before {@link #start}.
     *
     * @param listener told of each address that has shown one; says how long it waits for its answer, of which 5 s at most count. Called by
     *     any thread: must be quick
     */
    public void watchGuesses(Function<InetAddress, Optional<Duration>> listener) {
        guesses = listener;
    }

    /**
     * Says what projects have carried in this month. Tunnels of those that have nothing left say so. By one thread at a time.
     *
     * @param now those that have carried anything, or may not carry everything
     */
    public void months(Map<String, MonthUse> now) {
        Map<String, Long> before = spent(months);
        months = Map.copyOf(now);
        Map<String, Long> after = spent(now);
        if (!after.equals(before)) {
            loop.report(() -> keeper.states().spent(after));
        }
    }

    private static Map<String, Long> spent(Map<String, MonthUse> all) {
        return all.entrySet().stream()
                .filter(each -> each.getValue().spent())
                .collect(Collectors.toUnmodifiableMap(
                        Map.Entry::getKey, each -> each.getValue().most().orElseThrow()));
    }

    /** What a project has carried in this month, in bytes of both directions, as of a second or two ago. Never waits. */
    public long carriedThisMonth(String project) {
        MonthUse use = months.get(project);
        return use == null ? 0 : use.bytes();
    }

    /**
     * Restores every stored tunnel on the ports it had, with one fresh time to live each, then lets agents in. Waits until that is
     * done. A tunnel whose port is taken at the moment is kept, listed, and tried again.
     *
     * <p>The last heartbeat of a restored tunnel is shown as the time of this start: while the server was down nobody could renew, so
     * the lease counts from here, and deadline and last heartbeat go on to agree.
     *
     * @throws StoreUnavailableException where the store cannot be read
     * @throws IllegalStateException where it is called a second time
     */
    public void start() {
        if (!started.compareAndSet(false, true)) {
            throw new IllegalStateException("start() was called before");
        }
        int count;
        try {
            count = loop.change(keeper::restore).toCompletableFuture().join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof ControlException refused) {
                throw refused;
            }
            throw e;
        }
        restored = true;
        dataPlane.serve(
                new Doorkeeper(loop, keeper.agents(), keeper.tokens(), guesses),
                new AgentReports(loop, keeper.agents()));
        events.add(
                wallClock.instant(),
                EventKind.SERVER_STARTED,
                OptionalLong.empty(),
                Optional.empty(),
                "the server has started, " + count + " tunnels are back",
                Map.of("tunnels", String.valueOf(count)));
        log.info("{} tunnels restored", count);
    }

    /**
     * Creates a tunnel. When the stage completes its ports are bound and it is on disk.
     *
     * <p>Fails with {@link InvalidRequestException}, {@link PortTakenException} or {@link StoreUnavailableException}; nothing is left
     * behind then.
     */
    public CompletionStage<CreatedTunnel> create(Caller caller, CreateTunnel request) {
        return change(keeper.creates(), new TunnelMaker.Wanted(caller, request, Optional.empty()));
    }

    /**
     * Ends a tunnel. When the stage completes its ports are free and it does not come back with a restart.
     *
     * <p>Fails with {@link NoSuchTunnelException}, or with {@link StoreUnavailableException}: the tunnel goes on then.
     */
    public CompletionStage<Void> remove(Caller caller, long id) {
        return end(caller, id, OptionalLong.empty(), Duration.ZERO).thenAccept(ended -> {});
    }

    /**
     * Gives a lease its whole time again, counted from this call: a heartbeat that came in time counts, however long it waits here.
     * Needs no disk; the time is stored a little later.
     *
     * <p>Fails with {@link NoSuchTunnelException}, or with {@link StoreUnavailableException} where too many wait already.
     */
    public CompletionStage<Tunnel> heartbeat(Caller caller, long id) {
        long nanos = ticker.nanos();
        Instant at = wallClock.instant();
        return restored ? loop.quick(() -> keeper.leases().renew(caller, id, nanos, at)) : starting();
    }

    /**
     * Creates what is wanted and not there yet. A request is there where a tunnel has the same targets and holds every port it names;
     * one that names no port, where a tunnel has the same targets, comment and time to live. Each tunnel counts for one request. A
     * request that cannot be carried out is reported and stops no other.
     */
    public CompletionStage<ImportResult> importTunnels(Caller caller, List<CreateTunnel> wanted) {
        List<CreateTunnel> requests = List.copyOf(wanted);
        return change(() -> keeper.importTunnels(caller, requests));
    }

    /** The living tunnels that the caller may see at this moment, ordered by id. Never waits. */
    public List<Tunnel> list(Caller caller) {
        return table.list(caller);
    }

    /**
     * One living tunnel; empty where there is none that the caller may know of. Never waits.
     *
     * @throws ForbiddenException where it may know of it and may not look at it
     */
    public Optional<Tunnel> find(Caller caller, long id) {
        return table.find(caller, Permission.TUNNELS_READ, id);
    }

    /**
     * What a tunnel carries now and has carried over its life, also one that ended within the last day; {@link Traffic#NONE} where it is
     * not there any more. Never waits.
     *
     * @param tunnel as it was found: whoever has it may see this of it
     */
    public Traffic traffic(Tunnel tunnel) {
        long id = tunnel.id();
        return table.find(id)
                .flatMap(living -> dataPlane.status(id))
                .map(live -> new Traffic(
                        live.sessions(),
                        live.visitors(),
                        live.counts().bytesIn(),
                        live.counts().bytesOut(),
                        live.counts().connections(),
                        live.counts().refused(),
                        live.counts().datagramsDropped()))
                .or(() -> keeper.ended().find(id).map(EndedTunnel::traffic))
                .orElse(Traffic.NONE);
    }

    /**
     * Creates a tunnel, or finds the one that an earlier call of this caller with this key created: its answer is the same for a day, and has
     * another join token where the server was started anew since (the token is stored as a hash only).
     *
     * <p>Fails as {@link #create(Caller, CreateTunnel)}, and with {@link ConflictException} where the key came with another request before.
     */
    public CompletionStage<CreatedTunnel> create(Caller caller, CreateTunnel request, IdempotencyKey key) {
        return change(keeper.creates(), new TunnelMaker.Wanted(caller, request, Optional.of(key)));
    }

    /**
     * Says what {@link #create} would refuse: the stage fails as it would. The ports are bound for the moment, and free again when the stage completes; nothing else is
     * left of it but a tunnel number that is skipped. Gives the project that it would go into.
     */
    public CompletionStage<String> check(Caller caller, CreateTunnel request) {
        return change(() -> keeper.check(caller, request));
    }

    /** Creates several in one go, each for itself: a result for each, in order. At most 1,000. */
    public CompletionStage<List<Outcome<CreatedTunnel>>> createAll(Caller caller, List<CreateTunnel> requests) {
        List<CreateTunnel> all = List.copyOf(requests);
        return all.size() <= MOST_AT_ONCE ? change(() -> keeper.createAll(caller, all)) : refuseMany("tunnels", all);
    }

    /** Renews several, likewise. */
    public CompletionStage<List<Outcome<Tunnel>>> renewAll(Caller caller, List<Long> ids) {
        long nanos = ticker.nanos();
        Instant at = wallClock.instant();
        List<Long> all = List.copyOf(ids);
        return restored && all.size() <= MOST_AT_ONCE
                ? loop.quick(() -> keeper.leases().renewAll(caller, all, nanos, at))
                : refuseMany("ids", all);
    }

    /** Ends several, likewise. */
    public CompletionStage<List<Outcome<Tunnel>>> endAll(Caller caller, List<Long> ids, Duration drain) {
        List<Long> all = List.copyOf(ids);
        return all.size() <= MOST_AT_ONCE
                ? change(() -> keeper.changer().endAll(caller, all, OptionalLong.empty(), drain))
                : refuseMany("ids", all);
    }

    /**
     * Changes a living tunnel. Fails with {@link InvalidRequestException}, {@link NoSuchTunnelException}, {@link ConflictException} (name),
     * {@link StaleVersionException} or {@link StoreUnavailableException}; nothing was changed then.
     *
     * @param ifVersion the {@link Tunnel#version} that the change was made for; empty for any
     */
    public CompletionStage<Tunnel> change(Caller caller, long id, OptionalLong ifVersion, TunnelPatch patch) {
        return change(caller, id, ifVersion, seen -> patch);
    }

    /**
     * The same with a patch that is made of the tunnel as it is when its turn comes, so that changes which meet are all taken.
     *
     * @param patch called on the control thread, perhaps more than once: must be quick, and may throw a {@link ControlException}
     */
    public CompletionStage<Tunnel> change(
            Caller caller, long id, OptionalLong ifVersion, Function<Tunnel, TunnelPatch> patch) {
        return change(keeper.changes(), () -> keeper.changer().change(caller, id, ifVersion, patch));
    }

    /**
     * Ends a tunnel at a caller's wish. With a drain it completes when the tunnel is {@link TunnelState#DRAINING}, otherwise when its ports are
     * free. Gives the tunnel as it is then.
     *
     * @param ifVersion as in {@link #change}
     * @param drain zero to cut visitors at once; at most a day
     */
    public CompletionStage<Tunnel> end(Caller caller, long id, OptionalLong ifVersion, Duration drain) {
        return change(keeper.ends(), new JointEnds.Wanted(caller, id, ifVersion, drain));
    }

    /** Gives a lease its whole time again, as {@link #heartbeat}; also brings back a tunnel that is in its grace. */
    public CompletionStage<Tunnel> renew(Caller caller, long id) {
        return heartbeat(caller, id);
    }

    /** Shuts visitors out, and cuts those who are in, until {@link #resume}; survives a restart. Its lease runs on. Repeating it changes nothing. */
    public CompletionStage<Tunnel> pause(Caller caller, long id) {
        return change(keeper.changes(), () -> keeper.changer().pause(caller, id));
    }

    /** Takes a {@link #pause} back. Repeating it changes nothing. */
    public CompletionStage<Tunnel> resume(Caller caller, long id) {
        return change(keeper.changes(), () -> keeper.changer().resume(caller, id));
    }

    /** Makes a new join token: the old one is good no more, and sessions that came in by it are cut. */
    public CompletionStage<CreatedTunnel> rotateToken(Caller caller, long id) {
        TunnelMaker.Token token = keeper.token(id);
        return change(keeper.changes(), () -> keeper.changer().rotate(caller, id, token))
                .thenApply(tunnel -> new CreatedTunnel(tunnel, token.join()));
    }

    /** The join tokens of a living tunnel beside the one that its creation answered, the oldest first. Fails with {@link NoSuchTunnelException}. */
    public CompletionStage<List<IssuedToken>> joinTokens(Caller caller, long id) {
        return restored ? loop.quick(() -> keeper.issuer().list(caller, id)) : starting();
    }

    /**
     * Makes a join token. When the stage completes it is on disk. Fails with {@link InvalidRequestException}, {@link NoSuchTunnelException},
     * {@link ConflictException} where the tunnel has 100 that are good, or {@link StoreUnavailableException}; nothing was changed then.
     *
     * @param ttl how long it can be exchanged, at most ten years; empty for as long as the tunnel lives
     * @param uses how often, 1 to 100; empty for any number
     */
    public CompletionStage<NewJoinToken> createJoinToken(
            Caller caller, long id, Optional<Duration> ttl, OptionalInt uses) {
        return change(() -> keeper.issuer().create(caller, id, ttl, uses));
    }

    /**
     * Ends a join token and the credentials that it was exchanged for; their sessions are cut. Repeating it changes nothing. Fails with
     * {@link NoSuchTunnelException}, {@link NoSuchTokenException} or {@link StoreUnavailableException}; nothing was changed then.
     */
    public CompletionStage<IssuedToken> revokeJoinToken(Caller caller, long id, String token) {
        return change(() -> keeper.issuer().revoke(caller, id, token));
    }

    /**
     * Moves an expose to another port; visitors who are connected stay. Fails as {@link #create(Caller, CreateTunnel)}.
     *
     * @param expose which, from 0
     * @param port 1 to 65535, or 0 for a free one of its pool
     */
    public CompletionStage<Tunnel> movePort(Caller caller, long id, int expose, int port) {
        return change(() -> keeper.portDesk().move(caller, id, expose, port));
    }

    /** Open connections, oldest first. Fails with {@link NoSuchTunnelException}. */
    public CompletionStage<List<Connection>> connections(Caller caller, long id) {
        return inspector.connections(caller, id);
    }

    /** Cuts one connection; false where there is no such. Fails with {@link NoSuchTunnelException}. */
    public CompletionStage<Boolean> cut(Caller caller, long id, long connection) {
        return inspector.cut(caller, id, connection);
    }

    /** Connected sessions, oldest first. Fails with {@link NoSuchTunnelException}. */
    public CompletionStage<List<Session>> sessions(Caller caller, long id) {
        return inspector.sessions(caller, id);
    }

    /** Ends one session; the agent may come back. False where there is no such. Fails with {@link NoSuchTunnelException}. */
    public CompletionStage<Boolean> kick(Caller caller, long id, long session) {
        return inspector.kick(caller, id, session);
    }

    /** Walks the way of a visitor of one expose (from 0): listener, session, target. Fails with {@link NoSuchTunnelException}. */
    public CompletionStage<List<ProbeStep>> probe(Caller caller, long id, int expose) {
        return inspector.probe(caller, id, expose);
    }

    /** Tunnels that ended within the last day and that the caller may see, ordered by id. Never waits. */
    public List<Tunnel> endedTunnels(Caller caller) {
        return keeper.ended().list(caller);
    }

    /** One tunnel, living or ended within the last day; rules as in {@link #find}. Never waits. */
    public Optional<Tunnel> findAny(Caller caller, long id) {
        return find(caller, id).or(() -> keeper.ended().find(caller, id).map(EndedTunnel::tunnel));
    }

    /** The ports that are not free for everybody, of the projects in which the caller may see them, ordered by number. */
    public CompletionStage<List<PortHolding>> ports(Caller caller) {
        return restored
                ? loop.quick(() -> keeper.ports().holdings().stream()
                        .filter(port ->
                                caller.grants().inProject(Permission.PORTS_READ, port.project()) == Verdict.ALLOWED)
                        .toList())
                : starting();
    }

    /** The pools, the server's default first. How full they are is told of all projects together: whoever asks for a port finds out anyway. */
    public CompletionStage<List<Pool>> pools(Caller caller) {
        if (!caller.grants().anywhere(Permission.PORTS_READ)) {
            return CompletableFuture.failedStage(
                    new ForbiddenException(Permission.PORTS_READ.word() + ": not granted"));
        }
        return restored ? loop.quick(() -> keeper.ports().pools()) : starting();
    }

    /**
     * Keeps a port for a name in a project: only a tunnel of that name gets it. Fails with {@link ConflictException} where another name or tunnel has it.
     *
     * @param project as in {@link CreateTunnel#project}
     * @param port 1 to 65535, or 0 for a free one of the pool
     */
    public CompletionStage<PortHolding> reserve(
            Caller caller, Optional<String> project, Protocol protocol, int port, Optional<String> pool, String name) {
        return change(() -> keeper.portDesk().reserve(caller, project, protocol, port, pool, name));
    }

    /** Takes a reservation back, or ends a quarantine; false where there is neither. */
    public CompletionStage<Boolean> release(Caller caller, Protocol protocol, int port) {
        return change(() -> keeper.portDesk().release(caller, protocol, port));
    }

    /**
     * True: no new tunnels are taken and no new visitors let in, until it is taken back; for upgrades. Survives a restart. Gives whether the server
     * drains now. Fails with {@link ForbiddenException} or {@link StoreUnavailableException}; nothing was changed then.
     */
    public CompletionStage<Boolean> drainServer(Caller caller, boolean on) {
        return change(() -> keeper.drainServer(caller, on));
    }

    /** Whether the server drains. Never waits. */
    public boolean draining() {
        return keeper.draining();
    }

    /**
     * What a stock goproxy agent needs to serve this tunnel. It is issued at the first call, and the same from then on; it ends with
     * the tunnel. When the stage completes it is on disk.
     *
     * <p>Fails with {@link NoSuchTunnelException} or {@link StoreUnavailableException}; nothing was changed then.
     *
     * @param reissue true for a new one: the old one is good no more, and sessions that came in by it are cut
     */
    public CompletionStage<TunnelBundle> bundle(Caller caller, long id, boolean reissue) {
        return change(() -> keeper.changer().bundle(caller, id, reissue));
    }

    /** Where agents connect that come to no tunnel's own bridge port, 1 to 65535. */
    public int bridgePort() {
        return dataPlane.bridgePort();
    }

    /** The wall clock, for views. */
    public Instant now() {
        return wallClock.instant();
    }

    /** Completes normally after {@link #close}, exceptionally where the control thread ended by itself: the server cannot go on then. */
    public CompletionStage<Void> ended() {
        return loop.ended();
    }

    /**
     * Takes no more changes, refuses those that wait, writes what is behind and closes the store. Waits for the change that is being
     * made, so at most for the bounds in {@link ControlSettings}. Tunnels stay open in the data plane. A second call does nothing.
     */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            loop.stop("the server is stopping; nothing was changed");
            desk.close();
        }
    }

    private <T> CompletionStage<T> change(Supplier<T> command) {
        return restored ? loop.change(command) : starting();
    }

    private <Q, A> CompletionStage<A> change(Together<Q, A> kind, Q wanted) {
        return restored ? loop.change(kind, wanted) : starting();
    }

    private static <T> CompletionStage<T> refuseMany(String field, List<?> all) {
        return all.size() <= MOST_AT_ONCE
                ? starting()
                : CompletableFuture.failedStage(
                        new InvalidRequestException(field, all.size() + " entries", "at most " + MOST_AT_ONCE));
    }

    private static <T> CompletionStage<T> starting() {
        return CompletableFuture.failedStage(
                new StoreUnavailableException("the server is starting; nothing was changed, try again"));
    }
}
