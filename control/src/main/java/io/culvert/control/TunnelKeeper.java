package io.culvert.control;

import io.culvert.control.caller.Permission;
import io.culvert.control.event.EventKind;
import io.culvert.control.event.EventLog;
import io.culvert.control.lease.LeaseBook;
import io.culvert.gateway.DataPlane;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the control thread does: brings tunnels back at the start, sends changes to those who make them, and does what is due. Control thread
 * only, but the getters, {@link #ended} and {@link #draining}: of two things that meet, whichever came first is right.
 */
final class TunnelKeeper implements ControlLoop.Duties {
    private static final Logger log = LoggerFactory.getLogger(TunnelKeeper.class);

    private final DataPlane dataPlane;
    private final InstantSource wallClock;
    private final Ticker ticker;
    private final ControlSettings settings;
    private final ControlLoop loop;
    private final StoreDesk desk;
    private final TunnelTable table;
    private final News news;
    private final PortBook ports;
    private final EndedTunnels ended;
    private final KeyBook keys;
    private final StateKeeper states;
    private final TunnelEnder ender;
    private final LeaseKeeper leases;
    private final TunnelMaker maker;
    private final TunnelChanger changer;
    private final JointCreates creates;
    private final JointChanges changes;
    private final JointEnds ends;
    private final PortDesk portDesk;
    private final AgentNews agentNews;
    private final AgentKeeper agents;
    private final TokenKeeper tokens;
    private final TokenIssuer issuer;
    private final Reopener reopener;
    private volatile boolean draining;

    TunnelKeeper(
            DataPlane dataPlane,
            InstantSource wallClock,
            Ticker ticker,
            ControlSettings settings,
            ControlLoop loop,
            StoreDesk desk,
            TunnelTable table,
            ProjectGate gate,
            EventLog events,
            Consumer<EndedTunnel> finals) {
        this.dataPlane = dataPlane;
        this.wallClock = wallClock;
        this.ticker = ticker;
        this.settings = settings;
        this.loop = loop;
        this.desk = desk;
        this.table = table;
        this.ended = new EndedTunnels(wallClock, ticker);
        this.news = new News(events, wallClock, this::project);
        LeaseBook book = new LeaseBook();
        ClosingPorts closing = new ClosingPorts(loop);
        this.ports =
                new PortBook(table, new PortQuarantine(settings.quarantine(), wallClock, ticker), settings.pools());
        QuotaRule quotas = new QuotaRule(gate, table.use(), ports);
        this.keys = new KeyBook(ticker);
        this.states = new StateKeeper(dataPlane, wallClock, table, desk, news);
        this.ender = new TunnelEnder(
                dataPlane, wallClock, ticker, loop, desk, table, book, ports, closing, ended, states, news, finals);
        this.leases = new LeaseKeeper(wallClock, ticker, desk, table, book, ender, states, news);
        PortOpener opener = new PortOpener(dataPlane, ticker, settings, loop, ports, closing);
        this.maker = new TunnelMaker(
                dataPlane, wallClock, ticker, settings, desk, table, ports, opener, ender, leases, keys, gate, quotas,
                news);
        this.changer = new TunnelChanger(
                dataPlane, wallClock, desk, table, opener, maker, ender, ended, leases, states, keys, gate, news);
        this.creates = new JointCreates(maker, changer, keys, gate, () -> draining);
        this.changes = new JointChanges(changer);
        this.ends = new JointEnds(changer);
        PortMover mover = new PortMover(dataPlane, settings, loop, table, ports, opener);
        this.portDesk = new PortDesk(desk, table, ports, mover, changer, gate, quotas, news);
        this.agentNews = new AgentNews(ticker, table, states, news);
        this.agents = new AgentKeeper(wallClock, ticker, table, leases, states, quotas, news, agentNews);
        TokenBook tokenBook = new TokenBook(wallClock, ticker, desk, table, changer);
        this.tokens = new TokenKeeper(dataPlane, settings.credentialTtl(), table, agents, tokenBook, news);
        this.issuer = new TokenIssuer(dataPlane, table, maker, tokenBook, news);
        this.reopener = new Reopener(dataPlane, loop, table, states, ticker, settings.openRetry());
    }

    private Optional<String> project(long tunnel) {
        return table.find(tunnel)
                .or(() -> ended.find(tunnel).map(EndedTunnel::tunnel))
                .map(Tunnel::project);
    }

    LeaseKeeper leases() {
        return leases;
    }

    TunnelChanger changer() {
        return changer;
    }

    JointCreates creates() {
        return creates;
    }

    JointChanges changes() {
        return changes;
    }

    /** A new token for a tunnel. Any thread. */
    TunnelMaker.Token token(long id) {
        return maker.token(id);
    }

    JointEnds ends() {
        return ends;
    }

    PortDesk portDesk() {
        return portDesk;
    }

    PortBook ports() {
        return ports;
    }

    AgentKeeper agents() {
        return agents;
    }

    TokenKeeper tokens() {
        return tokens;
    }

    TokenIssuer issuer() {
        return issuer;
    }

    EndedTunnels ended() {
        return ended;
    }

    boolean draining() {
        return draining;
    }

    StateKeeper states() {
        return states;
    }

    /**
     * Brings every stored tunnel back, with a fresh lease and the ports it had. One whose port is taken is kept and tried again. Leases
     * start when all of that is done, so that a long restore takes no time away from them. What was ending already, or is past its hard end, ends.
     */
    int restore() {
        assert loop.inLoop();
        List<StoredTunnel> stored = desk.load();
        long highest = stored.stream().mapToLong(StoredTunnel::id).max().orElse(0);
        maker.continueAt(Math.max(desk.nextId(), highest + 1));
        ports.restore(desk.loadPorts());
        draining = desk.loadDraining();
        restoreEnded(stored);
        Instant now = wallClock.instant();
        List<LivingTunnel> back = new ArrayList<>();
        List<CompletableFuture<?>> opened = new ArrayList<>();
        for (StoredTunnel one : stored) {
            LivingTunnel tunnel =
                    new LivingTunnel(one, dataPlane.bridgePort(), LivingTunnel.Ports.DOWN, one.lastHeartbeat());
            one.key().ifPresent(key -> keys.restore(one.owner(), one.project(), key, one.id(), one.createdAt(), now));
            Optional<String> over = over(one, now);
            if (over.isPresent()) {
                ender.endedBefore(ender.record(tunnel, over.get(), now));
                desk.gone(one.id());
                desk.rest(ports.rest(one, one.ports()));
                news.tell(EventKind.EXPIRED, one.id(), over.get());
                continue;
            }
            tunnel.heartbeat = now;
            tunnel.ports = LivingTunnel.Ports.UP;
            tunnel.volumeUsedUp = states.usedUp(tunnel);
            tunnel.serverDrains = draining;
            one.ports().forEach(port -> ports.hold(port, one.id()));
            Tunnel unused = states.settle(tunnel);
            table.add(tunnel);
            back.add(tunnel);
            opened.add(reopener.open(tunnel));
        }
        try {
            loop.await(CompletableFuture.allOf(opened.toArray(CompletableFuture<?>[]::new)), settings.openTimeout());
        } catch (TimeoutException | ExecutionException e) {
            log.warn("Not all restored tunnels are up yet; going on without them", e);
        }
        long start = ticker.nanos();
        Instant restart = wallClock.instant();
        for (LivingTunnel tunnel : back) {
            tunnel.heartbeat = restart;
            leases.start(tunnel, restart, start);
            tokens.restore(tunnel);
            Tunnel unused = states.settle(tunnel);
        }
        return back.size();
    }

    private void restoreEnded(List<StoredTunnel> living) {
        Set<Long> ids = new HashSet<>(living.stream().map(StoredTunnel::id).toList());
        Instant now = wallClock.instant();
        List<EndedTunnel> stored = new ArrayList<>(desk.loadEnded());
        // The end of a tunnel may have been written, and taken back because nobody knew that it was.
        stored.removeIf(record -> ids.contains(record.tunnel().id()));
        ended.restore(stored);
        stored.forEach(record -> record.key()
                .ifPresent(key -> keys.restore(
                        record.tunnel().owner(),
                        record.tunnel().project(),
                        key,
                        record.tunnel().id(),
                        record.tunnel().createdAt(),
                        now)));
    }

    private static Optional<String> over(StoredTunnel stored, Instant now) {
        return stored.ending()
                .map(why -> why + "; a restart cut that short")
                .or(() -> stored.hardEnd()
                        .filter(end -> !end.isAfter(now))
                        .map(end -> "the lease was for no longer than " + StateRule.at(end)));
    }

    List<Outcome<CreatedTunnel>> createAll(Caller caller, List<CreateTunnel> requests) {
        refuseWhileDraining();
        return maker.createAll(caller, requests);
    }

    String check(Caller caller, CreateTunnel request) {
        refuseWhileDraining();
        return maker.check(caller, request);
    }

    ImportResult importTunnels(Caller caller, List<CreateTunnel> wanted) {
        refuseWhileDraining();
        return maker.importTunnels(caller, wanted);
    }

    private void refuseWhileDraining() {
        if (draining) {
            throw new StoreUnavailableException("the server drains: it takes no new tunnels");
        }
    }

    /** Visitors who are there stay: whoever drains a server waits for them. It goes on after a restart. Gives whether it drains now. */
    boolean drainServer(Caller caller, boolean on) {
        if (!caller.grants().anywhere(Permission.ADMIN)) {
            throw new ForbiddenException(Permission.ADMIN.word() + ": not granted");
        }
        if (draining == on) {
            return on;
        }
        try {
            desk.apply(StoreChanges.draining(on));
        } catch (StoreUnavailableException e) {
            desk.draining(draining);
            throw e;
        }
        draining = on;
        for (LivingTunnel tunnel : List.copyOf(table.entries())) {
            boolean shut = tunnel.shut();
            tunnel.serverDrains = on;
            if (on && !shut) {
                CompletionStage<Void> unused = states.shut(tunnel, false);
            } else if (!on) {
                states.open(tunnel);
            }
            Tunnel unused = states.settle(tunnel);
        }
        news.tell(
                EventKind.SERVER_DRAINING,
                on
                        ? "the server drains: no new tunnels and visitors, by " + caller.name()
                        : "the server takes tunnels and visitors again, by " + caller.name());
        log.info("Server drains: {}, by {}", on, caller.name());
        return on;
    }

    @Override
    public OptionalLong urgentDeadline() {
        return ControlLoop.earlier(
                ControlLoop.earlier(leases.deadline(), tokens.deadline()),
                ControlLoop.earlier(reopener.deadline(), agentNews.deadline()));
    }

    @Override
    public void urgent(long nowNanos) {
        assert loop.inLoop();
        leases.expire(nowNanos);
        tokens.expire(nowNanos);
        reopener.tryWhatIsDue();
        agentNews.tellWhatIsDue(nowNanos);
    }

    @Override
    public OptionalLong lazyDeadline() {
        return ControlLoop.earlier(desk.deadline(), ended.deadline());
    }

    @Override
    public void lazy() {
        ended.prune().ifPresent(desk::forget);
        desk.writeWhatIsDue();
    }

    @Override
    public void last() {
        leases.last();
        agentNews.last();
        desk.writeLast();
    }
}
