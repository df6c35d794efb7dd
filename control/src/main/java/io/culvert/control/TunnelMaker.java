package io.culvert.control;

import io.culvert.control.caller.Permission;
import io.culvert.control.event.EventKind;
import io.culvert.gateway.DataPlane;
import io.culvert.gateway.EndReason;
import io.culvert.gateway.OpenTunnel;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Creates tunnels: ports first, rows second, and nothing left behind where either fails. Control thread, inside a change only: it waits. */
final class TunnelMaker {
    private static final Logger log = LoggerFactory.getLogger(TunnelMaker.class);
    private static final int SECRET_BYTES = 32;

    private final DataPlane dataPlane;
    private final InstantSource wallClock;
    private final Ticker ticker;
    private final ControlSettings settings;
    private final StoreDesk desk;
    private final TunnelTable table;
    private final PortBook ports;
    private final PortOpener opener;
    private final TunnelEnder ender;
    private final LeaseKeeper leases;
    private final KeyBook keys;
    private final ProjectGate gate;
    private final QuotaRule quotas;
    private final News news;
    private final SecureRandom random = new SecureRandom();
    private long nextId;

    TunnelMaker(
            DataPlane dataPlane,
            InstantSource wallClock,
            Ticker ticker,
            ControlSettings settings,
            StoreDesk desk,
            TunnelTable table,
            PortBook ports,
            PortOpener opener,
            TunnelEnder ender,
            LeaseKeeper leases,
            KeyBook keys,
            ProjectGate gate,
            QuotaRule quotas,
            News news) {
        this.dataPlane = dataPlane;
        this.wallClock = wallClock;
        this.ticker = ticker;
        this.settings = settings;
        this.desk = desk;
        this.table = table;
        this.ports = ports;
        this.opener = opener;
        this.ender = ender;
        this.leases = leases;
        this.keys = keys;
        this.gate = gate;
        this.quotas = quotas;
        this.news = news;
    }

    /** Says which number the next tunnel has. */
    void continueAt(long id) {
        nextId = id;
    }

    /** A token's secret, in the two forms that are needed of it. */
    record Token(String join, SecretHash hash) {
        @Override
        public String toString() {
            return "Token[MASKED]";
        }
    }

    /** A new token for a tunnel. Any thread. */
    Token token(long id) {
        byte[] secret = new byte[SECRET_BYTES];
        random.nextBytes(secret);
        Token token = new Token(dataPlane.joinToken(id, secret), SecretHash.of(secret));
        Arrays.fill(secret, (byte) 0);
        return token;
    }

    /**
     * What somebody wants to have.
     *
     * @param key by which it is known again
     */
    record Wanted(Caller caller, CreateTunnel request, Optional<IdempotencyKey> key) {}

    /** Creates one tunnel, or throws why not. */
    CreatedTunnel create(Caller caller, CreateTunnel request, Optional<IdempotencyKey> key) {
        Outcome<CreatedTunnel> outcome =
                make(List.of(new Wanted(caller, request, key))).get(0);
        if (outcome.failure().isPresent()) {
            throw outcome.failure().get();
        }
        return outcome.value().orElseThrow();
    }

    /** Creates several, each for itself: a result for each, in order. */
    List<Outcome<CreatedTunnel>> createAll(Caller caller, List<CreateTunnel> requests) {
        List<Wanted> left = requests.stream()
                .map(request -> new Wanted(caller, request, Optional.empty()))
                .toList();
        List<Outcome<CreatedTunnel>> outcomes = new ArrayList<>();
        while (!left.isEmpty()) {
            List<Outcome<CreatedTunnel>> some = make(left);
            outcomes.addAll(some);
            left = left.subList(some.size(), left.size());
        }
        return outcomes;
    }

    /**
     * Creates the first of these tunnels and as many behind it as go with it: all are opened side by side, and all that opened are stored in
     * one transaction. One that is refused while others are being made may be refused for their sake, and they may yet fail: it is not
     * among those that were taken, and has its answer when it is the first.
     *
     * @param wanted one at least
     * @return what came of the first ones, one at least
     */
    List<Outcome<CreatedTunnel>> make(List<Wanted> wanted) {
        Map<Integer, Outcome<CreatedTunnel>> outcomes = new TreeMap<>();
        Map<Integer, Opening> openings = new TreeMap<>();
        Map<Integer, LivingTunnel> opened = new TreeMap<>();
        try {
            int taken = begin(wanted, openings, outcomes);
            taken = finish(openings, opened, outcomes, taken);
            store(opened, outcomes);
            Instant now = wallClock.instant();
            long nanos = ticker.nanos();
            opened.forEach((i, tunnel) -> {
                Opening opening = Objects.requireNonNull(openings.remove(i));
                tunnel.heartbeat = now;
                outcomes.put(i, Outcome.done(new CreatedTunnel(started(opening, tunnel, now, nanos), opening.join)));
            });
            return List.copyOf(outcomes.values()).subList(0, taken);
        } finally {
            // Openings still in the map failed: give their ports back.
            takeBack(openings.values());
        }
    }

    /** Asks for the ports of as many as go together; gives their number. */
    private int begin(
            List<Wanted> wanted, Map<Integer, Opening> openings, Map<Integer, Outcome<CreatedTunnel>> outcomes) {
        Set<String> names = new HashSet<>();
        for (int i = 0; i < wanted.size(); i++) {
            Wanted one = wanted.get(i);
            try {
                CreateRules.check(one.request(), wallClock.instant());
            } catch (InvalidRequestException e) {
                outcomes.put(i, Outcome.refused(e));
                continue;
            }
            try {
                Opening opening = begin(one, openings.values(), names);
                openings.put(i, opening);
                one.request().name().ifPresent(name -> names.add(inProject(opening.project, name)));
            } catch (RuntimeException e) {
                if (!openings.isEmpty()) {
                    return i;
                }
                if (!(e instanceof ControlException refusal)) {
                    throw e;
                }
                outcomes.put(i, Outcome.refused(refusal));
            }
        }
        return wanted.size();
    }

    /** Waits for the ports; gives how many of the first have them, or are refused. */
    private int finish(
            Map<Integer, Opening> openings,
            Map<Integer, LivingTunnel> opened,
            Map<Integer, Outcome<CreatedTunnel>> outcomes,
            int taken) {
        for (Map.Entry<Integer, Opening> entry : List.copyOf(openings.entrySet())) {
            int i = entry.getKey();
            Opening opening = entry.getValue();
            try {
                opened.put(i, living(opening, opener.finish(opening)));
            } catch (ControlException e) {
                opener.letGo(opening);
                openings.remove(i);
                outcomes.put(i, Outcome.refused(e));
            } catch (RuntimeException e) {
                if (i == 0) {
                    throw e;
                }
                return i;
            }
        }
        return taken;
    }

    private void store(Map<Integer, LivingTunnel> opened, Map<Integer, Outcome<CreatedTunnel>> outcomes) {
        Map<Long, StoreUnavailableException> failed = desk.insertEach(
                opened.values().stream().map(LivingTunnel::stored).toList());
        for (Map.Entry<Integer, LivingTunnel> entry : List.copyOf(opened.entrySet())) {
            StoreUnavailableException why = failed.get(entry.getValue().id());
            if (why != null) {
                opened.remove(entry.getKey());
                outcomes.put(entry.getKey(), Outcome.refused(why));
            }
        }
    }

    /** Refuses what a create would refuse: its ports are bound, as only that tells, and given back. Gives the project that it would go into. */
    String check(Caller caller, CreateTunnel request) {
        CreateRules.check(request, wallClock.instant());
        Opening opening = begin(new Wanted(caller, request, Optional.empty()), List.of(), Set.of());
        try {
            OpenTunnel unused = opener.finish(opening);
        } finally {
            takeBack(List.of(opening));
        }
        return opening.project;
    }

    private Opening begin(Wanted wanted, Collection<Opening> before, Set<String> names) {
        CreateTunnel request = wanted.request();
        String project = refuse(wanted.caller(), request, before, names);
        desk.refuseWhileFailing();
        opener.awaitFree(request);
        long id = nextId++;
        Token token = token(id);
        Opening opening = new Opening(id, wanted.caller(), project, request, wanted.key(), token.join(), token.hash());
        try {
            opener.begin(opening);
        } catch (ControlException e) {
            opener.letGo(opening);
            throw e;
        }
        return opening;
    }

    /**
     * @param before what is being made already
     * @param names of those
     */
    private String refuse(Caller caller, CreateTunnel request, Collection<Opening> before, Set<String> names) {
        String project = gate.find(caller, Permission.TUNNELS_WRITE, request.project());
        int count = table.size() + before.size() + 1;
        if (count > settings.maxTunnels()) {
            throw new QuotaException(count, settings.maxTunnels());
        }
        quotas.refuse(project, request, before);
        request.name().ifPresent(name -> refuseName(project, name, names));
        opener.refuse(request, new PortBook.Asker(caller, project, request.name()));
        return project;
    }

    private void refuseName(String project, String name, Set<String> names) {
        Long other = table.named(project, name);
        if (other != null || names.contains(inProject(project, name))) {
            throw new ConflictException("name: '" + name + "' is "
                    + (other == null ? "in this request twice" : "the name of tunnel " + other));
        }
    }

    private static String inProject(String project, String name) {
        return project + " " + name;
    }

    private LivingTunnel living(Opening opening, OpenTunnel open) {
        CreateTunnel request = opening.request;
        List<Expose> exposes = new ArrayList<>();
        for (int i = 0; i < open.ports().size(); i++) {
            exposes.add(request.exposes().get(i).on(open.ports().get(i)));
        }
        Instant now = wallClock.instant();
        StoredTunnel stored = new StoredTunnel(
                opening.id,
                1,
                request.name(),
                request.labels(),
                opening.project,
                opening.caller.owner(),
                exposes,
                request.bridge().map(bridge -> bridge.on(open.bridgePort())),
                request.comment(),
                CreateRules.terms(request.lease()),
                request.policies(),
                Optional.empty(),
                now,
                now,
                opening.secret,
                Optional.empty(),
                opening.key,
                List.of(),
                StoredCounts.ZERO,
                Optional.empty());
        LivingTunnel tunnel = new LivingTunnel(stored, dataPlane.bridgePort(), LivingTunnel.Ports.UP, now);
        boolean unused = tunnel.settle(now);
        tunnel.stored(tunnel.draft().done());
        return tunnel;
    }

    private Tunnel started(Opening opening, LivingTunnel tunnel, Instant now, long nanos) {
        table.add(tunnel);
        leases.start(tunnel, now, nanos);
        for (HeldPort port : tunnel.stored().ports()) {
            if (ports.wake(port)) {
                desk.wake(port);
            }
        }
        opening.key.ifPresent(key -> keys.add(opening.caller, opening.project, key, tunnel.id(), opening.join));
        StoredTunnel stored = tunnel.stored();
        news.tell(
                EventKind.CREATED,
                tunnel.id(),
                stored.spoken() + " created by " + opening.caller.name(),
                Map.of("owner", stored.owner()));
        log.info(
                "Tunnel {} created by {}: {}, {}",
                tunnel.id(),
                opening.caller.name(),
                stored.exposes().stream().map(Expose::spoken).collect(Collectors.joining(", ")),
                ends(stored.ttl()));
        return tunnel.view();
    }

    private static String ends(Duration ttl) {
        // PT1M30S
        return ttl.isZero() || ttl.isNegative()
                ? "until it is removed"
                : "for " + ttl.toString().substring(2).toLowerCase(Locale.ROOT) + " unless it is renewed";
    }

    /** Nothing may be left behind, and the ports are free when the caller hears of it. */
    private void takeBack(Collection<Opening> openings) {
        for (Opening opening : openings) {
            List<HeldPort> held = List.copyOf(opening.held);
            opener.letGo(opening);
            opener.awaitClosed(opening.id, ender.close(opening.id, held, EndReason.REMOVED));
        }
    }

    /** Creates what is wanted and not there yet. */
    ImportResult importTunnels(Caller caller, List<CreateTunnel> wanted) {
        List<Tunnel> unclaimed = new ArrayList<>(table.list(caller));
        int created = 0;
        int present = 0;
        List<String> failed = new ArrayList<>();
        for (int i = 0; i < wanted.size(); i++) {
            CreateTunnel request = wanted.get(i);
            Tunnel fulfilling = unclaimed.stream()
                    .filter(tunnel -> tunnel.project().equals(request.project().orElse(Projects.DEFAULT)))
                    .filter(tunnel -> ImportMatch.fulfils(tunnel, request))
                    .findFirst()
                    .orElse(null);
            if (fulfilling != null) {
                unclaimed.remove(fulfilling);
                present++;
                continue;
            }
            try {
                CreatedTunnel unused = create(caller, request, Optional.empty());
                created++;
            } catch (ControlException e) {
                failed.add("entry " + (i + 1) + " of " + wanted.size() + ": " + e.getMessage());
            }
        }
        log.info("Import by {}: {} created, {} present, {} failed", caller.name(), created, present, failed.size());
        return new ImportResult(created, present, failed);
    }
}
