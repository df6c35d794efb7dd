package io.culvert.control;

import io.culvert.control.TunnelMaker.Token;
import io.culvert.control.caller.Permission;
import io.culvert.control.event.EventKind;
import io.culvert.control.lease.Due;
import io.culvert.gateway.Admission;
import io.culvert.gateway.DataPlane;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Changes living tunnels at callers' wishes: the store first, then the act, so that what was answered is still so after a restart. Control
 * thread, inside a change only: it waits.
 */
final class TunnelChanger {
    private static final Logger log = LoggerFactory.getLogger(TunnelChanger.class);

    private final DataPlane dataPlane;
    private final InstantSource wallClock;
    private final StoreDesk desk;
    private final TunnelTable table;
    private final PortOpener opener;
    private final TunnelMaker maker;
    private final TunnelEnder ender;
    private final EndedTunnels ended;
    private final LeaseKeeper leases;
    private final StateKeeper states;
    private final KeyBook keys;
    private final ProjectGate gate;
    private final News news;

    TunnelChanger(
            DataPlane dataPlane,
            InstantSource wallClock,
            StoreDesk desk,
            TunnelTable table,
            PortOpener opener,
            TunnelMaker maker,
            TunnelEnder ender,
            EndedTunnels ended,
            LeaseKeeper leases,
            StateKeeper states,
            KeyBook keys,
            ProjectGate gate,
            News news) {
        this.dataPlane = dataPlane;
        this.wallClock = wallClock;
        this.desk = desk;
        this.table = table;
        this.opener = opener;
        this.maker = maker;
        this.ender = ender;
        this.ended = ended;
        this.leases = leases;
        this.states = states;
        this.keys = keys;
        this.gate = gate;
        this.news = news;
    }

    /** A living tunnel that can still be changed, and by this caller. */
    LivingTunnel changeable(Caller caller, long id) {
        LivingTunnel tunnel = table.entry(caller, Permission.TUNNELS_WRITE, id);
        if (tunnel.drain.isPresent()) {
            throw new ConflictException(tunnel.stored().spoken() + " cannot be changed any more: it drains");
        }
        return tunnel;
    }

    Change change(Caller caller, long id, OptionalLong ifVersion, Function<Tunnel, TunnelPatch> wanted) {
        LivingTunnel tunnel = changeable(caller, id);
        checkVersion(tunnel, ifVersion);
        TunnelPatch patch = wanted.apply(tunnel.view());
        StoredTunnel old = tunnel.stored();
        StoredDraft draft = tunnel.draft();
        patch.name().ifPresent(name -> draft.name = name(tunnel, name));
        patch.labels().ifPresent(labels -> {
            TermRules.checkLabels(labels);
            draft.labels = Map.copyOf(labels);
        });
        patch.comment().ifPresent(comment -> {
            CreateRules.checkComment(comment);
            draft.comment = comment;
        });
        patch.lease().ifPresent(terms -> {
            // A moment that was agreed on and has not been changed is none to complain of.
            boolean sameEnd = terms.expiresAt().equals(old.terms().expiresAt());
            TermRules.checkLease(terms, sameEnd ? Instant.MIN : wallClock.instant());
            draft.terms = CreateRules.terms(terms);
        });
        patch.policies().ifPresent(policies -> {
            TermRules.checkPolicies(policies);
            draft.policies = policies;
        });
        List<String> changed = changed(old, draft);
        return changed.isEmpty()
                ? Change.none(tunnel)
                : Change.to(tunnel, draft, () -> changed(caller, tunnel, changed));
    }

    private Tunnel changed(Caller caller, LivingTunnel tunnel, List<String> changed) {
        long id = tunnel.id();
        if (changed.contains("lease")) {
            leases.change(tunnel);
        }
        if (changed.contains("policies")) {
            CompletionStage<Void> unused =
                    dataPlane.police(id, Specs.of(tunnel.stored().policies()));
            tunnel.volumeUsedUp = states.usedUp(tunnel);
        }
        news.tell(
                EventKind.CHANGED,
                id,
                "changed by " + caller.name() + ": " + String.join(", ", changed),
                Map.of("fields", String.join(",", changed)));
        log.info("Tunnel {} changed by {}: {}", id, caller.name(), changed);
        return states.settle(tunnel);
    }

    private Optional<String> name(LivingTunnel tunnel, String name) {
        if (name.isBlank()) {
            return Optional.empty();
        }
        TermRules.checkName(name);
        Long other = table.named(tunnel.stored().project(), name);
        if (other != null && other != tunnel.id()) {
            throw new ConflictException("name: '" + name + "' is the name of tunnel " + other);
        }
        return Optional.of(name);
    }

    private static List<String> changed(StoredTunnel old, StoredDraft draft) {
        Map<String, Boolean> same = new HashMap<>();
        same.put("name", old.name().equals(draft.name));
        same.put("labels", old.labels().equals(draft.labels));
        same.put("comment", old.comment().equals(draft.comment));
        same.put("lease", old.terms().equals(draft.terms));
        same.put("policies", old.policies().equals(draft.policies));
        return same.entrySet().stream()
                .filter(field -> !field.getValue())
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
    }

    Change pause(Caller caller, long id) {
        LivingTunnel tunnel = changeable(caller, id);
        if (tunnel.stored().pausedBy().isPresent()) {
            return Change.none(tunnel);
        }
        StoredDraft draft = tunnel.draft();
        draft.pausedBy = Optional.of(caller.name());
        return Change.to(tunnel, draft, () -> {
            CompletionStage<Void> empty = states.shut(tunnel, true);
            Tunnel paused = states.settle(tunnel);
            news.tell(EventKind.PAUSED, id, "paused by " + caller.name());
            opener.awaitClosed(id, empty);
            return paused;
        });
    }

    Change resume(Caller caller, long id) {
        LivingTunnel tunnel = changeable(caller, id);
        if (tunnel.stored().pausedBy().isEmpty()) {
            return Change.none(tunnel);
        }
        StoredDraft draft = tunnel.draft();
        draft.pausedBy = Optional.empty();
        return Change.to(tunnel, draft, () -> {
            states.open(tunnel);
            Tunnel resumed = states.settle(tunnel);
            news.tell(EventKind.RESUMED, id, "resumed by " + caller.name());
            return resumed;
        });
    }

    /** @param token the new one */
    Change rotate(Caller caller, long id, Token token) {
        LivingTunnel tunnel = changeable(caller, id);
        StoredDraft draft = tunnel.draft();
        draft.secret = token.hash();
        return Change.to(tunnel, draft, () -> {
            dataPlane.revoke(id, Set.of(Admission.OWN_TOKEN));
            keys.rotated(id, token.join());
            news.tell(EventKind.TOKEN_ROTATED, id, "new token for " + caller.name());
            log.info("Tunnel {}: new token for {}", id, caller.name());
            return table.publish(tunnel);
        });
    }

    /** The tunnel that an earlier request with this key created. */
    Optional<CreatedTunnel> known(Caller caller, CreateTunnel request, IdempotencyKey key) {
        String project = gate.find(caller, Permission.TUNNELS_WRITE, request.project());
        KeyBook.Known known = keys.find(caller, project, key).orElse(null);
        if (known == null) {
            return Optional.empty();
        }
        LivingTunnel tunnel = table.entry(known.tunnel());
        if (tunnel == null) {
            return ended.find(known.tunnel()).map(record -> new CreatedTunnel(record.tunnel(), "", true));
        }
        String join = known.join().orElse("");
        if (join.isEmpty() && tunnel.drain.isEmpty()) {
            Token token = maker.token(known.tunnel());
            Outcome<Tunnel> rotated =
                    make(List.of(rotate(caller, known.tunnel(), token))).get(0);
            rotated.failure().ifPresent(failure -> {
                throw failure;
            });
            join = token.join();
        }
        return Optional.of(new CreatedTunnel(tunnel.view(), join, true));
    }

    /**
     * The tunnel's bundle; issued here where there is none, where it nears its end, or where another is wanted. Renewed, it leaves the one
     * before good until that ends; another one does not. A key pair costs about a millisecond of this thread, less than the write that
     * follows it.
     */
    TunnelBundle bundle(Caller caller, long id, boolean reissue) {
        LivingTunnel tunnel = table.entry(caller, Permission.TUNNELS_WRITE, id);
        Optional<TunnelBundle> present = tunnel.stored().bundle();
        Instant now = wallClock.instant();
        boolean renewal = present.isPresent() && !reissue;
        // A renewal has months of time: no reason to answer that the store is dead.
        if (renewal
                && now.isBefore(
                        desk.failing() ? present.get().endsAt() : present.get().renewAt())) {
            return present.get();
        }
        desk.refuseWhileFailing();
        StoredDraft draft = changeable(caller, id).draft();
        TunnelBundle issued = TunnelBundle.of(dataPlane.issueBundle(id));
        TunnelBundle bundle = renewal ? issued.renewing(present.get(), now) : issued;
        draft.bundle = Optional.of(bundle);
        commit(tunnel, draft.done());
        if (present.isPresent() && reissue) {
            dataPlane.revokeCertificates(id);
        }
        String what = renewal ? "renewed" : present.isPresent() ? "replaced" : "issued";
        log.info("Tunnel {}: certificate {} for {}", id, what, caller.name());
        return bundle;
    }

    /**
     * Ends several tunnels, each for itself, in one transaction.
     *
     * @param ifVersion for each of them; empty for any
     */
    List<Outcome<Tunnel>> endAll(Caller caller, List<Long> ids, OptionalLong ifVersion, Duration drain) {
        TermRules.checkDrain(drain);
        Map<Long, LivingTunnel> wanted = new HashMap<>();
        Map<Long, ControlException> refused = new HashMap<>();
        for (long id : ids) {
            try {
                LivingTunnel tunnel = table.entry(caller, Permission.TUNNELS_WRITE, id);
                checkVersion(tunnel, ifVersion);
                if (drain.isZero() || tunnel.drain.isEmpty()) {
                    wanted.put(id, tunnel);
                }
            } catch (ControlException e) {
                refused.put(id, e);
            }
        }
        try {
            if (drain.isZero()) {
                cut(caller, List.copyOf(wanted.values()));
            } else {
                drain(caller, List.copyOf(wanted.values()), drain);
            }
        } catch (StoreUnavailableException e) {
            wanted.keySet().forEach(id -> refused.put(id, e));
        }
        List<Outcome<Tunnel>> outcomes = new ArrayList<>();
        for (long id : ids) {
            ControlException failure = refused.get(id);
            Optional<Tunnel> now = table.find(id).or(() -> ended.find(id).map(EndedTunnel::tunnel));
            outcomes.add(
                    failure == null && now.isPresent()
                            ? Outcome.done(now.get())
                            : Outcome.refused(failure == null ? new NoSuchTunnelException(id) : failure));
        }
        return outcomes;
    }

    /** Deletes the rows before it closes the ports: an end that cannot be remembered is refused, and nothing was changed then. */
    private void cut(Caller caller, List<LivingTunnel> tunnels) {
        if (tunnels.isEmpty()) {
            return;
        }
        String why = TunnelEnder.byCaller(caller.name());
        StoreChanges ending = ender.ending(tunnels, why);
        store(tunnels, ending);
        List<LivingTunnel> left = tunnels.stream()
                .filter(tunnel -> table.entry(tunnel.id()) == tunnel)
                .toList();
        if (left.isEmpty()) {
            return;
        }
        CompletionStage<?> closed = ender.removed(left, why, ending);
        opener.awaitClosed(left.get(0).id(), closed);
        left.forEach(tunnel -> log.info("Tunnel {} removed by {}", tunnel.id(), caller.name()));
    }

    private void drain(Caller caller, List<LivingTunnel> tunnels, Duration drain) {
        if (tunnels.isEmpty()) {
            return;
        }
        Map<Long, StoredTunnel> before = stored(tunnels);
        Map<LivingTunnel, StoredTunnel> next = new HashMap<>();
        for (LivingTunnel tunnel : tunnels) {
            StoredDraft draft = tunnel.draft();
            draft.ending = Optional.of(TunnelEnder.byCaller(caller.name()));
            draft.version++;
            next.put(tunnel, draft.done());
        }
        store(tunnels, StoreChanges.put(List.copyOf(next.values())));
        next.forEach((tunnel, stored) -> {
            if (table.entry(tunnel.id()) != tunnel) {
                desk.gone(tunnel.id());
            } else if (tunnel.drain.isEmpty()) {
                adopt(tunnel, before, stored);
                ender.drain(tunnel, drain, Due.End.WISH, Optional.of(caller.name()));
            }
        });
    }

    void checkVersion(LivingTunnel tunnel, OptionalLong ifVersion) {
        if (ifVersion.isPresent() && ifVersion.getAsLong() != tunnel.stored().version()) {
            throw new StaleVersionException(
                    tunnel.id(), ifVersion.getAsLong(), tunnel.stored().version());
        }
    }

    /** Stores changes of different tunnels with one write, and does what follows: a result for each, in order. A write that fails refuses all of them. */
    List<Outcome<Tunnel>> make(List<Change> changes) {
        List<Change> written =
                changes.stream().filter(change -> change.next().isPresent()).toList();
        List<LivingTunnel> tunnels = written.stream().map(Change::tunnel).toList();
        Map<Long, StoredTunnel> before = stored(tunnels);
        Optional<ControlException> failure = Optional.empty();
        if (!written.isEmpty()) {
            try {
                store(
                        tunnels,
                        StoreChanges.put(written.stream()
                                .flatMap(change -> change.next().stream())
                                .toList()));
            } catch (StoreUnavailableException e) {
                failure = Optional.of(e);
            }
        }
        Map<Long, ControlException> refused = new HashMap<>();
        for (Change change : written) {
            try {
                failure.ifPresent(why -> {
                    throw why;
                });
                stored(change.tunnel(), before, change.next().orElseThrow());
            } catch (ControlException e) {
                refused.put(change.tunnel().id(), e);
            }
        }
        return changes.stream()
                .map(change -> act(change, refused.get(change.tunnel().id())))
                .toList();
    }

    private Outcome<Tunnel> act(Change change, @Nullable ControlException refused) {
        if (refused != null) {
            return Outcome.refused(refused);
        }
        // Those before it may have waited for visitors to go.
        return table.entry(change.tunnel().id()) == change.tunnel()
                ? Outcome.done(change.act().get())
                : Outcome.refused(new NoSuchTunnelException(change.tunnel().id()));
    }

    /** Stores a tunnel otherwise, and makes that the truth; or throws, and the truth is what it was. */
    void commit(LivingTunnel tunnel, StoredTunnel next) {
        Map<Long, StoredTunnel> before = stored(List.of(tunnel));
        store(List.of(tunnel), StoreChanges.put(List.of(next)));
        stored(tunnel, before, next);
    }

    /** The same also where the tunnel drains. */
    void commitAlsoAtItsEnd(LivingTunnel tunnel, StoredTunnel next) {
        Map<Long, StoredTunnel> before = stored(List.of(tunnel));
        store(List.of(tunnel), StoreChanges.put(List.of(next)));
        refuseWhereGone(tunnel);
        adopt(tunnel, before, next);
    }

    /** The rows that changes of tunnels are drawn up from, by id. */
    private static Map<Long, StoredTunnel> stored(List<LivingTunnel> tunnels) {
        Map<Long, StoredTunnel> rows = new HashMap<>();
        tunnels.forEach(tunnel -> rows.put(tunnel.id(), tunnel.stored()));
        return rows;
    }

    /** The store has a tunnel otherwise: makes that the truth, unless the tunnel ended while the disk worked. */
    private void stored(LivingTunnel tunnel, Map<Long, StoredTunnel> before, StoredTunnel next) {
        refuseWhereGone(tunnel);
        if (tunnel.drain.isPresent()) {
            // A drain began while the disk worked and our write overwrote its row: write the drain again.
            desk.put(tunnel.draft().done());
            throw new ConflictException(tunnel.stored().spoken() + " cannot be changed any more: it drains");
        }
        adopt(tunnel, before, next);
    }

    private void refuseWhereGone(LivingTunnel tunnel) {
        if (table.entry(tunnel.id()) != tunnel) {
            // Ended while the disk worked: its row, which was just written again, must go.
            desk.gone(tunnel.id());
            throw new NoSuchTunnelException(tunnel.id());
        }
    }

    /** Makes what the store has the truth, with what became of the tunnel while the disk worked. */
    @SuppressWarnings("ReferenceEquality")
    private void adopt(LivingTunnel tunnel, Map<Long, StoredTunnel> before, StoredTunnel next) {
        StoredTunnel old = before.getOrDefault(tunnel.id(), next);
        StoredTunnel now = tunnel.stored();
        // Whoever changes a row makes another one: the same one,
        // not an equal one, means that nothing waits to be written.
        if (now == old) {
            table.replace(tunnel, next);
            return;
        }
        // An agent showed its new credential, a credential ended or a drain began: rows that were drawn
        // up without this change wait to be written over it, and one with both takes their place.
        StoredDraft draft = new StoredDraft(next);
        draft.tokens = TokenMerge.of(old.tokens(), now.tokens(), next.tokens());
        if (!now.ending().equals(old.ending())) {
            draft.ending = now.ending();
        }
        draft.lastHeartbeat = tunnel.heartbeat;
        draft.transitions = tunnel.transitions();
        StoredTunnel both = draft.done();
        table.replace(tunnel, both);
        desk.put(both);
    }

    private void store(List<LivingTunnel> tunnels, StoreChanges changes) {
        try {
            desk.apply(changes);
        } catch (StoreUnavailableException e) {
            // What of it is on disk is not known, and leases may have ended meanwhile.
            for (LivingTunnel tunnel : tunnels) {
                if (table.entry(tunnel.id()) == tunnel) {
                    desk.put(tunnel.draft().done());
                } else {
                    desk.gone(tunnel.id());
                }
            }
            throw e;
        }
    }
}
