package io.culvert.control;

import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who holds which public port, which are kept for a name, which rest, and which one to try next. It knows what this server knows: whether
 * a port can be bound is told by binding it. Control thread only.
 */
final class PortBook {
    /**
     * Who asks for ports.
     *
     * @param project of the tunnel
     * @param name of the tunnel
     */
    record Asker(Caller caller, String project, Optional<String> name) {
        /** Whether others may be named to it: who they are is told to those who may know of them. */
        boolean knows(String other) {
            return caller.grants().sees(other);
        }

        private boolean isFor(Reservation reservation) {
            return project.equals(reservation.project())
                    && name.filter(reservation.name()::equals).isPresent();
        }
    }

    private static final int LOWEST_PICKED = 1_024;
    /** Each is looked at when a port is picked for a name. */
    private static final int MOST_RESERVATIONS = 10_000;

    private static final DateTimeFormatter CLOCK =
            DateTimeFormatter.ofPattern("HH:mm:ss'Z'").withZone(ZoneOffset.UTC);

    private final TunnelTable table;
    private final PortQuarantine quarantine;
    private final List<PortPool> pools;
    private final Map<String, Integer> cursors = new HashMap<>();
    private final PortMap<Long> holders = new PortMap<>();
    private final PortMap<Reservation> reservations = new PortMap<>();

    PortBook(TunnelTable table, PortQuarantine quarantine, List<PortPool> pools) {
        this.table = table;
        this.quarantine = quarantine;
        this.pools = pools;
    }

    void restore(PortChanges stored) {
        stored.reserved().forEach(reservation -> reservations.put(HeldPort.of(reservation), reservation));
        quarantine.restore(stored.resting());
    }

    /** The pool of that name, the default one for none. */
    Optional<PortPool> pool(Optional<String> name) {
        return name.isEmpty()
                ? Optional.of(pools.get(0))
                : pools.stream().filter(pool -> pool.name().equals(name.get())).findFirst();
    }

    /** Gives a port to a tunnel, living or being made. */
    void hold(HeldPort port, long id) {
        holders.put(port, id);
    }

    /** Takes a port from a tunnel; one that another holds stays. */
    void letGo(HeldPort port, long id) {
        Long holder = holders.get(port);
        if (holder != null && holder == id) {
            holders.remove(port);
        }
    }

    /** The rests of a tunnel's ports as they would begin now. */
    List<RestingPort> planned(StoredTunnel tunnel, List<HeldPort> ports) {
        return quarantine.planned(tunnel, ports);
    }

    /** Takes ports from a tunnel, and lets them rest from now on. */
    List<RestingPort> rest(StoredTunnel tunnel, List<HeldPort> ports) {
        List<RestingPort> planned = planned(tunnel, ports);
        ports.forEach(port -> letGo(port, tunnel.id()));
        quarantine.rest(planned);
        return planned;
    }

    /** A port that was asked for by its number: says why this asker cannot have it. */
    Optional<String> refusal(HeldPort port, Asker asker) {
        Long holder = holders.get(port);
        if (holder != null) {
            return Optional.of(port.number() + " is held" + byWhom(holder, asker));
        }
        Reservation reservation = reservations.get(port);
        if (reservation != null) {
            String who = asker.knows(reservation.project()) ? " for '" + reservation.name() + "'" : "";
            return asker.isFor(reservation) ? Optional.empty() : Optional.of(port.number() + " is reserved" + who);
        }
        return rest(port, asker);
    }

    /** Why this asker cannot have a port that rests, though it asks for it by its number. */
    private Optional<String> rest(HeldPort port, Asker asker) {
        return quarantine
                .of(port)
                .filter(rest -> !rest.owner().equals(asker.caller().owner())
                        || !rest.project().equals(asker.project()))
                .filter(rest -> !isBack(rest, asker))
                .map(rest -> port.number() + " rests until "
                        + CLOCK.format(rest.until())
                        + (asker.knows(rest.project()) ? " after tunnel " + rest.tunnel() : ""));
    }

    /** True where a port that the system picked is somebody's. */
    boolean isTaken(HeldPort port, Asker asker) {
        Reservation reservation = reservations.get(port);
        return holders.has(port) || (reservation != null && !asker.isFor(reservation));
    }

    /** True where a port that the system picked rests, and not for this asker. */
    boolean rests(HeldPort port, Asker asker) {
        return quarantine.of(port).filter(rest -> !isBack(rest, asker)).isPresent();
    }

    /**
     * The next port to try, which is noted by {@link #tried}, for who asks for any: one that is reserved for the name, one that rests and was the same name's, the next free one of the
     * pool, and only where there is none, the one whose rest ends next.
     *
     * @param avoid those that were tried
     * @return 0 where the system picks; empty where none is left
     */
    Optional<Integer> pick(PortPool pool, Protocol protocol, Asker asker, Set<HeldPort> avoid) {
        if (asker.name().isPresent()) {
            Optional<Integer> kept = kept(pool, protocol, asker, avoid);
            if (kept.isPresent()) {
                return kept;
            }
        }
        if (pool.system()) {
            return Optional.of(0);
        }
        int cursor = cursors.getOrDefault(cursor(pool, protocol), pool.from());
        Optional<Integer> free =
                free(protocol, cursor, pool.to(), avoid).or(() -> free(protocol, pool.from(), cursor - 1, avoid));
        if (free.isPresent()) {
            return free;
        }
        return quarantine
                .nextToEnd(rest -> rest.protocol() == protocol
                        && pool.contains(rest.port())
                        && isFree(HeldPort.of(rest))
                        && !reservations.has(HeldPort.of(rest))
                        && !avoid.contains(HeldPort.of(rest)))
                .map(HeldPort::number);
    }

    /** The first port from {@code from} to {@code to} that is nobody's, kept for nobody, and does not rest. */
    private Optional<Integer> free(Protocol protocol, int from, int to, Set<HeldPort> avoid) {
        int number = from;
        while (number <= to) {
            int skipped = holders.nextWithout(protocol, number);
            skipped = reservations.nextWithout(protocol, skipped);
            skipped = quarantine.nextAwake(protocol, skipped);
            if (skipped == number && !avoid.contains(new HeldPort(protocol, number))) {
                return Optional.of(number);
            }
            number = Math.max(skipped, number + 1);
        }
        return Optional.empty();
    }

    /** A port of the pool is tried: the next one who asks begins behind it, so that a port that was given back rests the longest. */
    void tried(PortPool pool, HeldPort port) {
        if (!pool.system() && pool.contains(port.number())) {
            cursors.put(cursor(pool, port.protocol()), port.number() == pool.to() ? pool.from() : port.number() + 1);
        }
    }

    private static String cursor(PortPool pool, Protocol protocol) {
        return pool.name() + " " + protocol;
    }

    private Optional<Integer> kept(PortPool pool, Protocol protocol, Asker asker, Set<HeldPort> avoid) {
        Optional<Integer> reserved = reservations.values().stream()
                .filter(one -> one.protocol() == protocol && asker.isFor(one))
                .filter(one -> fits(pool, one.port()))
                .map(HeldPort::of)
                .filter(port -> isFree(port) && !avoid.contains(port))
                .map(HeldPort::number)
                .min(Comparator.naturalOrder());
        return reserved.or(() -> quarantine
                .nextToEnd(rest -> rest.protocol() == protocol
                        && isBack(rest, asker)
                        && fits(pool, rest.port())
                        && isFree(HeldPort.of(rest))
                        && !reservations.has(HeldPort.of(rest))
                        && !avoid.contains(HeldPort.of(rest)))
                .map(HeldPort::number));
    }

    /** Keeps a port for a name in a project. */
    Reservation reserve(
            Caller caller, String project, Protocol protocol, int wanted, Optional<String> poolName, String name) {
        Asker asker = new Asker(caller, project, Optional.empty());
        PortPool pool =
                pool(poolName).orElseThrow(() -> new InvalidRequestException("pool", poolName.orElse(""), poolNames()));
        int number = wanted;
        if (number == 0) {
            // Nobody binds it now, so somebody must choose a number even where the system picks.
            PortPool range = pool.system() ? new PortPool(pool.name(), LOWEST_PICKED, 65_535) : pool;
            number = pick(range, protocol, asker, Set.of())
                    .orElseThrow(() -> new PortTakenException("port: no port of " + pool + " is free"));
        }
        if (!fits(pool, number)) {
            throw new InvalidRequestException(
                    "port",
                    String.valueOf(number),
                    pool.system()
                            ? "a port that lies in no other pool"
                            : "a port of " + pool + ", or 0 for a free one");
        }
        HeldPort port = new HeldPort(protocol, number);
        if (!reservations.has(port) && reservations.size() >= MOST_RESERVATIONS) {
            throw new ConflictException(
                    "port: " + MOST_RESERVATIONS + " ports are reserved already, and no more can be");
        }
        Long holder = holders.get(port);
        Reservation there = reservations.get(port);
        if (holder != null && !isFor(holder, project, name, there)) {
            throw new ConflictException("port: " + number + " is held" + byWhom(holder, asker));
        }
        if (there != null && (!there.name().equals(name) || !there.project().equals(project))) {
            throw new ConflictException("port: " + number + " is reserved"
                    + (asker.knows(there.project()) ? " for '" + there.name() + "'" : ""));
        }
        if (there != null) {
            return there;
        }
        if (wanted != 0) {
            // Its name could have it at once, and with it the visitors of the last tunnel.
            rest(port, new Asker(caller, project, Optional.of(name))).ifPresent(why -> {
                throw new ConflictException("port: " + why);
            });
        }
        return new Reservation(protocol, number, project, name, caller.owner());
    }

    /** Whether a port can be kept for a name though it is held: by a tunnel of that name, or, where it is kept already, by one that is being made. */
    private boolean isFor(long holder, String project, String name, @Nullable Reservation there) {
        LivingTunnel tunnel = table.entry(holder);
        return tunnel == null
                ? there != null
                : tunnel.stored().project().equals(project)
                        && tunnel.stored().name().filter(name::equals).isPresent();
    }

    /** For whom a port is kept. */
    Optional<Reservation> reservation(HeldPort port) {
        return Optional.ofNullable(reservations.get(port));
    }

    /** Notes a reservation that is stored. */
    void add(Reservation reservation) {
        reservations.put(HeldPort.of(reservation), reservation);
    }

    /** Whose claim there is to a port that no tunnel needs to hold: a reservation's project, else that of a rest; empty for nobody's. */
    Optional<String> claim(HeldPort port) {
        return reservation(port)
                .map(Reservation::project)
                .or(() -> quarantine.of(port).map(RestingPort::project));
    }

    /** What would have to be forgotten to make a port free; empty where it is. */
    Optional<PortChanges> releasing(HeldPort port) {
        boolean reserved = reservations.has(port);
        boolean rests = quarantine.of(port).isPresent();
        return reserved || rests
                ? Optional.of(new PortChanges(
                        reserved ? Set.of(port) : Set.of(), List.of(), rests ? Set.of(port) : Set.of(), List.of()))
                : Optional.empty();
    }

    /** Forgets a reservation and a quarantine. */
    void release(HeldPort port) {
        reservations.remove(port);
        boolean unused = quarantine.wake(port);
    }

    /** A port went to a tunnel: its rest is over. True where it rested. */
    boolean wake(HeldPort port) {
        return quarantine.wake(port);
    }

    /** What is not free for everybody, ordered by number. */
    List<PortHolding> holdings() {
        List<PortHolding> all = new ArrayList<>();
        for (LivingTunnel tunnel : table.entries()) {
            tunnel.stored().exposes().forEach(one -> all.add(held(HeldPort.of(one), PortHolding.Use.EXPOSE, tunnel)));
            tunnel.stored().bridge().ifPresent(one -> all.add(held(HeldPort.of(one), PortHolding.Use.BRIDGE, tunnel)));
        }
        for (Reservation one : reservations.values()) {
            if (isFree(HeldPort.of(one))) {
                all.add(new PortHolding(
                        one.port(),
                        one.protocol(),
                        PortHolding.Use.RESERVED,
                        one.project(),
                        OptionalLong.empty(),
                        Optional.of(one.name()),
                        Optional.empty()));
            }
        }
        for (RestingPort one : quarantine.all()) {
            if (isFree(HeldPort.of(one)) && !reservations.has(HeldPort.of(one))) {
                all.add(new PortHolding(
                        one.port(),
                        one.protocol(),
                        PortHolding.Use.QUARANTINE,
                        one.project(),
                        OptionalLong.of(one.tunnel()),
                        Optional.empty(),
                        Optional.of(one.until())));
            }
        }
        all.sort(Comparator.comparingInt(PortHolding::port).thenComparing(PortHolding::protocol));
        return all;
    }

    /** How many ports are kept for names of a project and held by no tunnel. */
    int reserved(String project) {
        return (int) reservations.values().stream()
                .filter(one -> one.project().equals(project) && isFree(HeldPort.of(one)))
                .count();
    }

    /** Whether a port lies in one of these pools. */
    boolean lies(int port, Set<String> names) {
        return pools.stream().anyMatch(pool -> names.contains(pool.name()) && fits(pool, port));
    }

    /** The pools and how full they are; a port that lies in none counts for the one where the system picks. */
    List<Pool> pools() {
        List<PortHolding> holdings = holdings();
        return pools.stream()
                .map(pool -> new Pool(
                        pool.name(),
                        pool.from(),
                        pool.to(),
                        count(holdings, pool, PortHolding.Use.EXPOSE) + count(holdings, pool, PortHolding.Use.BRIDGE),
                        count(holdings, pool, PortHolding.Use.RESERVED),
                        count(holdings, pool, PortHolding.Use.QUARANTINE)))
                .toList();
    }

    String poolNames() {
        return "one of " + String.join(", ", pools.stream().map(PortPool::name).toList());
    }

    private int count(List<PortHolding> holdings, PortPool pool, PortHolding.Use use) {
        return (int) holdings.stream()
                .filter(one -> one.use() == use && fits(pool, one.port()))
                .count();
    }

    private PortHolding held(HeldPort port, PortHolding.Use use, LivingTunnel tunnel) {
        @Nullable Reservation reservation = reservations.get(port);
        return new PortHolding(
                port.number(),
                port.protocol(),
                use,
                tunnel.stored().project(),
                OptionalLong.of(tunnel.id()),
                Optional.ofNullable(reservation).map(Reservation::name),
                Optional.empty());
    }

    private boolean fits(PortPool pool, int port) {
        return pool.system()
                ? pools.stream().noneMatch(other -> !other.system() && other.contains(port))
                : pool.contains(port);
    }

    private boolean isFree(HeldPort port) {
        return !holders.has(port);
    }

    private static boolean isBack(RestingPort rest, Asker asker) {
        return rest.project().equals(asker.project())
                && rest.name().isPresent()
                && rest.name().equals(asker.name());
    }

    private String byWhom(long id, Asker asker) {
        LivingTunnel tunnel = table.entry(id);
        if (tunnel == null || !asker.knows(tunnel.stored().project())) {
            return "";
        }
        return " by " + tunnel.stored().spoken();
    }
}
