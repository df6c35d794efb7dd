package io.culvert.control;

import io.culvert.gateway.Admission;
import io.culvert.gateway.DataPlane;
import io.culvert.gateway.EndReason;
import io.culvert.gateway.ExposeSpec;
import io.culvert.gateway.OpenTunnel;
import io.culvert.gateway.PortUnavailableException;
import io.culvert.gateway.Target;
import io.culvert.gateway.TunnelSpec;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Creates, renews and ends tunnels. Control thread only: of two things that meet, whichever came first is right. */
final class TunnelKeeper implements ControlLoop.Duties {
    private static final Logger log = LoggerFactory.getLogger(TunnelKeeper.class);
    private static final int SECRET_BYTES = 32;

    private final DataPlane dataPlane;
    private final InstantSource wallClock;
    private final Ticker ticker;
    private final ControlSettings settings;
    private final ControlLoop loop;
    private final StoreDesk desk;
    private final TunnelTable table;
    private final LeaseBook leases = new LeaseBook();
    private final ClosingPorts closing;
    private final Reopener reopener;
    private final SecureRandom random = new SecureRandom();
    private long nextId;

    TunnelKeeper(
            DataPlane dataPlane,
            InstantSource wallClock,
            Ticker ticker,
            ControlSettings settings,
            ControlLoop loop,
            StoreDesk desk,
            TunnelTable table) {
        this.dataPlane = dataPlane;
        this.wallClock = wallClock;
        this.ticker = ticker;
        this.settings = settings;
        this.loop = loop;
        this.desk = desk;
        this.table = table;
        this.closing = new ClosingPorts(loop);
        this.reopener = new Reopener(dataPlane, loop, table, ticker, settings.openRetry());
    }

    /**
     * Brings every stored tunnel back, with a fresh lease and the ports it had. One whose port is taken is kept and tried again. Leases
     * start when all of that is done, so that a long restore takes no time away from them.
     */
    int restore() {
        assert loop.inLoop();
        List<StoredTunnel> stored = desk.load();
        long highest = stored.stream().mapToLong(StoredTunnel::id).max().orElse(0);
        nextId = Math.max(desk.nextId(), highest + 1);
        Instant now = wallClock.instant();
        List<CompletableFuture<?>> opened = new ArrayList<>();
        for (StoredTunnel tunnel : stored) {
            table.add(tunnel, snapshot(tunnel, now), TunnelTable.State.DOWN);
            opened.add(reopener.open(tunnel));
        }
        try {
            loop.await(CompletableFuture.allOf(opened.toArray(CompletableFuture<?>[]::new)), settings.openTimeout());
        } catch (TimeoutException | ExecutionException e) {
            log.warn("Not all restored tunnels are up yet; going on without them", e);
        }
        long start = ticker.nanos();
        Instant restart = wallClock.instant();
        for (StoredTunnel tunnel : stored) {
            startLease(tunnel, start);
            Tunnel unused = table.renewed(tunnel.id(), restart);
        }
        return stored.size();
    }

    CreatedTunnel create(Caller caller, CreateTunnel request) {
        assert loop.inLoop();
        CreateRules.check(request);
        if (table.size() >= settings.maxTunnels()) {
            throw new InvalidRequestException(
                    "tunnels",
                    String.valueOf(table.size() + 1),
                    "at most " + settings.maxTunnels() + " living at a time");
        }
        refuseHeldPorts(request);
        desk.refuseWhileFailing();
        request.exposes().forEach(expose -> closing.awaitFree(expose.port(), settings.openTimeout()));

        long id = nextId++;
        byte[] secret = new byte[SECRET_BYTES];
        random.nextBytes(secret);
        String join = dataPlane.joinToken(id, secret);
        SecretHash hash = SecretHash.of(secret);
        Arrays.fill(secret, (byte) 0);

        List<Expose> exposes = open(id, request);
        Tunnel snapshot;
        try {
            refuseReservedPorts(id, request, exposes);
            Instant now = wallClock.instant();
            StoredTunnel stored =
                    new StoredTunnel(id, exposes, request.comment(), CreateRules.ttl(request), now, now, hash);
            desk.insert(stored);
            Instant answered = wallClock.instant();
            snapshot = snapshot(stored, answered);
            table.add(stored, snapshot, TunnelTable.State.UP);
            startLease(stored, ticker.nanos());
        } catch (RuntimeException e) {
            // Nothing may be left behind, and the ports are free when the caller hears of it.
            awaitClosed(id, close(id, exposes, EndReason.REMOVED));
            throw e;
        }
        log.info("Tunnel {} created by {}: {}, ttl {}", id, caller.name(), exposes, request.ttl());
        return new CreatedTunnel(snapshot, join);
    }

    /** Deletes the row before it closes the ports: a removal that cannot be remembered is refused, and nothing was changed then. */
    void remove(Caller caller, long id) {
        assert loop.inLoop();
        TunnelTable.Entry entry = table.entry(id);
        if (entry == null) {
            throw new NoSuchTunnelException(id);
        }
        try {
            desk.delete(id);
        } catch (StoreUnavailableException e) {
            // Whether the row is gone is not known, and the lease may have ended meanwhile.
            if (table.entry(id) != null) {
                desk.put(entry.stored());
            } else {
                desk.gone(id);
            }
            throw e;
        }
        if (table.drop(id) == null) {
            return;
        }
        leases.end(id);
        awaitClosed(id, close(id, entry.stored().exposes(), EndReason.REMOVED));
        log.info("Tunnel {} removed by {}", id, caller.name());
    }

    /**
     * Renews a lease.
     *
     * @param nanos when the heartbeat came in, by the ticker: it may have waited since, and that is not the caller's fault
     * @param at the same by the wall clock
     */
    Tunnel heartbeat(long id, long nanos, Instant at) {
        assert loop.inLoop();
        if (table.entry(id) == null || leases.isDue(id, nanos)) {
            throw new NoSuchTunnelException(id);
        }
        leases.renew(id, nanos);
        desk.heartbeat(id, at);
        return table.renewed(id, at);
    }

    ImportResult importTunnels(Caller caller, List<CreateTunnel> wanted) {
        List<Tunnel> unclaimed = new ArrayList<>(table.list());
        int created = 0;
        int present = 0;
        List<String> failed = new ArrayList<>();
        for (int i = 0; i < wanted.size(); i++) {
            CreateTunnel request = wanted.get(i);
            Tunnel fulfilling = unclaimed.stream()
                    .filter(tunnel -> ImportMatch.fulfils(tunnel, request))
                    .findFirst()
                    .orElse(null);
            if (fulfilling != null) {
                unclaimed.remove(fulfilling);
                present++;
                continue;
            }
            try {
                CreatedTunnel unused = create(caller, request);
                created++;
            } catch (ControlException e) {
                failed.add("entry " + (i + 1) + " of " + wanted.size() + ": " + e.getMessage());
            }
        }
        log.info("Import by {}: {} created, {} present, {} failed", caller.name(), created, present, failed.size());
        return new ImportResult(created, present, failed);
    }

    Admission admit(long id, SecretHash secret) {
        assert loop.inLoop();
        TunnelTable.Entry entry = table.entry(id);
        if (entry == null || !entry.stored().secret().matches(secret)) {
            return new Admission.Refused(false, "no living tunnel takes this token");
        }
        if (entry.state() != TunnelTable.State.UP) {
            return new Admission.Refused(true, "the tunnel waits for its port, which is taken");
        }
        return new Admission.Admitted(id);
    }

    @Override
    public OptionalLong urgentDeadline() {
        OptionalLong lease = leases.nextDeadline();
        OptionalLong reopen = reopener.deadline();
        return ControlLoop.earlier(lease, reopen);
    }

    @Override
    public void urgent(long nowNanos) {
        assert loop.inLoop();
        expire(nowNanos);
        reopener.tryWhatIsDue();
    }

    @Override
    public OptionalLong lazyDeadline() {
        return desk.deadline();
    }

    @Override
    public void lazy() {
        desk.writeWhatIsDue();
    }

    @Override
    public void last() {
        desk.writeLast();
    }

    /** Every data plane is told first; tables, store and log follow. A lease never waits for the one before it. */
    private void expire(long nowNanos) {
        List<Long> due = leases.due(nowNanos);
        if (due.isEmpty()) {
            return;
        }
        for (long id : due) {
            TunnelTable.Entry entry = table.entry(id);
            if (entry != null) {
                CompletionStage<Void> unused = close(id, entry.stored().exposes(), EndReason.EXPIRED);
            }
        }
        for (long id : due) {
            table.drop(id);
            desk.gone(id);
        }
        due.forEach(id -> log.info("Tunnel {} expired", id));
    }

    private void startLease(StoredTunnel tunnel, long nanos) {
        if (tunnel.ttl().compareTo(Duration.ZERO) > 0) {
            leases.start(tunnel.id(), tunnel.ttl(), nanos);
        }
    }

    private Tunnel snapshot(StoredTunnel stored, Instant heartbeat) {
        return new Tunnel(
                stored.id(),
                stored.exposes(),
                dataPlane.bridgePort(),
                stored.comment(),
                new Lease(stored.ttl(), heartbeat),
                stored.createdAt());
    }

    private void refuseHeldPorts(CreateTunnel request) {
        for (Expose expose : request.exposes()) {
            Long holder = expose.port() == 0 ? null : table.holder(expose.port());
            if (holder != null) {
                throw new PortTakenException(
                        CreateRules.portField(request) + ": " + expose.port() + " is held by tunnel " + holder);
            }
        }
    }

    /** The data plane knows only bound ports: it may give away one that a restored tunnel waits to have back. */
    private void refuseReservedPorts(long id, CreateTunnel request, List<Expose> exposes) {
        for (Expose expose : exposes) {
            Long holder = table.holder(expose.port());
            if (holder != null) {
                throw new PortTakenException(CreateRules.portField(request) + ": tunnel " + id + " was given port "
                        + expose.port() + ", which tunnel " + holder + " waits to have back; try again");
            }
        }
    }

    private List<Expose> open(long id, CreateTunnel request) {
        TunnelSpec spec = spec(id, request.exposes());
        CompletionStage<OpenTunnel> opening = dataPlane.open(spec);
        OpenTunnel open;
        try {
            open = loop.await(opening, settings.openTimeout());
        } catch (TimeoutException e) {
            CompletionStage<Void> unused = opening.thenCompose(late -> dataPlane.close(id, EndReason.REMOVED));
            log.error("Tunnel {} could not be opened: the data plane does not answer", id, e);
            throw new StoreUnavailableException("the data plane does not answer; nothing was changed, try again");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof PortUnavailableException taken) {
                throw new PortTakenException(CreateRules.portField(request) + ": " + taken.getMessage());
            }
            throw new IllegalStateException("tunnel " + id + " could not be opened", e.getCause());
        }
        List<Expose> exposes = new ArrayList<>();
        for (int i = 0; i < open.ports().size(); i++) {
            Expose wanted = request.exposes().get(i);
            exposes.add(new Expose(
                    wanted.targetHost(), wanted.targetPort(), open.ports().get(i)));
        }
        return exposes;
    }

    static TunnelSpec spec(long id, List<Expose> exposes) {
        return new TunnelSpec(
                id,
                exposes.stream()
                        .map(expose ->
                                new ExposeSpec(expose.port(), new Target(expose.targetHost(), expose.targetPort())))
                        .toList());
    }

    private CompletionStage<Void> close(long id, List<Expose> exposes, EndReason reason) {
        CompletionStage<Void> closed;
        try {
            closed = dataPlane.close(id, reason);
        } catch (RuntimeException e) {
            log.error("Tunnel {} could not be closed", id, e);
            return CompletableFuture.failedStage(e);
        }
        closing.add(exposes, closed);
        return closed;
    }

    private void awaitClosed(long id, CompletionStage<@Nullable Void> closed) {
        try {
            Void unused = loop.await(closed, settings.openTimeout());
        } catch (TimeoutException | ExecutionException e) {
            log.error("Tunnel {} was ended, but its ports may not be free yet", id, e);
        }
    }
}
