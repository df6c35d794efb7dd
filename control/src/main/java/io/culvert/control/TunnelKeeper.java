package io.culvert.control;

import io.culvert.gateway.Admission;
import io.culvert.gateway.DataPlane;
import io.culvert.gateway.EndReason;
import io.culvert.gateway.OpenTunnel;
import io.culvert.gateway.PortUnavailableException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
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
        request.exposes().forEach(expose -> closing.awaitFree(HeldPort.of(expose), settings.openTimeout()));
        request.bridge().ifPresent(bridge -> closing.awaitFree(HeldPort.of(bridge), settings.openTimeout()));

        long id = nextId++;
        byte[] secret = new byte[SECRET_BYTES];
        random.nextBytes(secret);
        String join = dataPlane.joinToken(id, secret);
        SecretHash hash = SecretHash.of(secret);
        Arrays.fill(secret, (byte) 0);

        StoredTunnel stored = open(id, request, hash);
        Tunnel snapshot;
        try {
            refuseReservedPorts(request, stored);
            desk.insert(stored);
            Instant answered = wallClock.instant();
            snapshot = snapshot(stored, answered);
            table.add(stored, snapshot, TunnelTable.State.UP);
            startLease(stored, ticker.nanos());
        } catch (RuntimeException e) {
            // Nothing may be left behind, and the ports are free when the caller hears of it.
            awaitClosed(id, close(List.of(id), stored.ports(), EndReason.REMOVED));
            throw e;
        }
        log.info(
                "Tunnel {} created by {}: {}, ttl {}",
                id,
                caller.name(),
                stored.exposes(),
                request.lease().ttl());
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
        awaitClosed(id, close(List.of(id), entry.stored().ports(), EndReason.REMOVED));
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

    /**
     * The tunnel's bundle; issued here where there is none, where it nears its end, or where another is wanted. Renewed, it leaves the one
     * before good until that ends; another one does not. A key pair costs about a millisecond of this thread, less than the write that
     * follows it.
     */
    TunnelBundle bundle(Caller caller, long id, boolean reissue) {
        assert loop.inLoop();
        TunnelTable.Entry entry = table.entry(id);
        Tunnel snapshot = table.find(id).orElse(null);
        if (entry == null || snapshot == null) {
            throw new NoSuchTunnelException(id);
        }
        Optional<TunnelBundle> present = entry.stored().bundle();
        Instant now = wallClock.instant();
        boolean renewal = present.isPresent() && !reissue;
        // A renewal has months of time: no reason to answer that the store is dead.
        if (renewal
                && now.isBefore(
                        desk.failing() ? present.get().endsAt() : present.get().renewAt())) {
            return present.get();
        }
        desk.refuseWhileFailing();
        TunnelBundle issued = TunnelBundle.of(dataPlane.issueBundle(id));
        TunnelBundle bundle = renewal ? issued.renewing(present.get(), now) : issued;
        StoredTunnel stored = entry.stored().with(bundle, snapshot.lease().lastHeartbeat());
        try {
            desk.replace(stored);
        } catch (StoreUnavailableException e) {
            // Which of the two is on disk is not known, and the lease may have ended meanwhile.
            if (table.entry(id) != null) {
                desk.put(entry.stored());
            } else {
                desk.gone(id);
            }
            throw e;
        }
        if (table.entry(id) == null) {
            // Ended while the disk worked: its row, which was just written again, must go.
            desk.gone(id);
            throw new NoSuchTunnelException(id);
        }
        table.replace(stored);
        if (present.isPresent() && reissue) {
            dataPlane.revokeCertificates(id);
        }
        String what = renewal ? "renewed" : present.isPresent() ? "replaced" : "issued";
        log.info("Tunnel {}: certificate {} for {}", id, what, caller.name());
        return bundle;
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
        return admit(entry);
    }

    Admission admitCertificate(long id, SecretHash fingerprint) {
        assert loop.inLoop();
        TunnelTable.Entry entry = table.entry(id);
        Instant now = wallClock.instant();
        if (entry == null
                || entry.stored()
                        .bundle()
                        .filter(bundle -> bundle.admits(fingerprint, now))
                        .isEmpty()) {
            return new Admission.Refused(false, "no living tunnel takes this certificate");
        }
        return admit(entry);
    }

    private static Admission admit(TunnelTable.Entry entry) {
        return entry.state() == TunnelTable.State.UP
                ? new Admission.Admitted(entry.stored().id())
                : new Admission.Refused(true, "the tunnel waits for its port, which is taken");
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

    /** The data plane is told of all of them at once, tables and store follow; the log waits until the ports are closed. */
    private void expire(long nowNanos) {
        List<Long> due = leases.due(nowNanos);
        if (due.isEmpty()) {
            return;
        }
        CompletionStage<Void> closed = close(due, portsOf(due), EndReason.EXPIRED);
        for (long id : due) {
            table.drop(id);
            desk.gone(id);
        }
        closed.whenComplete((done, failure) -> loop.report(() -> due.forEach(id -> log.info("Tunnel {} expired", id))));
    }

    private void startLease(StoredTunnel tunnel, long nanos) {
        if (tunnel.ttl().compareTo(Duration.ZERO) > 0) {
            leases.start(tunnel.id(), tunnel.ttl(), nanos);
        }
    }

    private Tunnel snapshot(StoredTunnel stored, Instant heartbeat) {
        Transition waiting = new Transition(TunnelState.WAITING, "no agent is connected", heartbeat);
        return new Tunnel(
                stored.id(),
                1,
                Optional.empty(),
                Map.of(),
                "",
                stored.exposes(),
                stored.bridge().map(Bridge::port).orElseGet(dataPlane::bridgePort),
                stored.bridge(),
                stored.comment(),
                new Lease(stored.ttl(), heartbeat),
                Policies.NONE,
                stored.createdAt(),
                waiting,
                List.of(waiting));
    }

    private void refuseHeldPorts(CreateTunnel request) {
        for (Expose expose : request.exposes()) {
            refuseHeld(CreateRules.portField(request), HeldPort.of(expose));
        }
        request.bridge().ifPresent(bridge -> refuseHeld(CreateRules.BRIDGE, HeldPort.of(bridge)));
    }

    private void refuseHeld(String field, HeldPort port) {
        Long holder = port.number() == 0 ? null : table.holder(port);
        if (holder != null) {
            throw new PortTakenException(field + ": " + port.number() + " is held by tunnel " + holder);
        }
    }

    /** The data plane knows only bound ports: it may give away one that a restored tunnel waits to have back. */
    private void refuseReservedPorts(CreateTunnel request, StoredTunnel opened) {
        for (Expose expose : opened.exposes()) {
            refuseReserved(CreateRules.portField(request), opened.id(), HeldPort.of(expose));
        }
        opened.bridge().ifPresent(bridge -> refuseReserved(CreateRules.BRIDGE, opened.id(), HeldPort.of(bridge)));
    }

    private void refuseReserved(String field, long id, HeldPort port) {
        Long holder = table.holder(port);
        if (holder != null) {
            throw new PortTakenException(field + ": tunnel " + id + " was given port " + port.number()
                    + ", which tunnel " + holder + " waits to have back; try again");
        }
    }

    /** The tunnel on its real ports. */
    private StoredTunnel open(long id, CreateTunnel request, SecretHash secret) {
        CompletionStage<OpenTunnel> opening = dataPlane.open(Specs.of(id, request.exposes(), request.bridge()));
        OpenTunnel open;
        try {
            open = loop.await(opening, settings.openTimeout());
        } catch (TimeoutException e) {
            CompletionStage<Void> unused = opening.thenCompose(late -> dataPlane.close(id, EndReason.REMOVED));
            log.error("Tunnel {} could not be opened: the data plane does not answer", id, e);
            throw new StoreUnavailableException("the data plane does not answer; nothing was changed, try again");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof PortUnavailableException taken) {
                throw new PortTakenException(Specs.inWordsOfTheApi(taken, request));
            }
            throw new IllegalStateException("tunnel " + id + " could not be opened", e.getCause());
        }
        List<Expose> exposes = new ArrayList<>();
        for (int i = 0; i < open.ports().size(); i++) {
            exposes.add(request.exposes().get(i).on(open.ports().get(i)));
        }
        Instant now = wallClock.instant();
        return new StoredTunnel(
                id,
                exposes,
                request.bridge().map(bridge -> bridge.on(open.bridgePort())),
                request.comment(),
                CreateRules.ttl(request),
                now,
                now,
                secret,
                Optional.empty());
    }

    private List<HeldPort> portsOf(List<Long> ids) {
        return ids.stream()
                .map(table::entry)
                .filter(Objects::nonNull)
                .flatMap(entry -> entry.stored().ports().stream())
                .toList();
    }

    private CompletionStage<Void> close(List<Long> ids, List<HeldPort> ports, EndReason reason) {
        CompletionStage<Void> closed;
        try {
            closed = dataPlane.close(ids, reason);
        } catch (RuntimeException e) {
            log.error("Tunnels {} could not be closed", ids, e);
            return CompletableFuture.failedStage(e);
        }
        closing.add(ports, closed);
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
