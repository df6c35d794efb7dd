package io.culvert.control.access;

import io.culvert.control.ThrottledException;
import io.culvert.control.Ticker;
import java.net.InetAddress;
import java.time.Duration;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Counts what failed, and says how long to wait. Memory only, bounded. Any thread; never waits.
 *
 * <pre>
 *   account at an address    5 free, then 1 s, 2 s, 4 s, … 15 min
 *   address, each kind      20 free, then 1 s, 2 s, 4 s, … 15 min
 *   account, from addresses that it has not come in from lately: behind 50, each such address waits 30 s before each try
 * </pre>
 *
 * An account is never shut for all addresses: from one that it has come in from lately only its own failures there count, and from any other
 * one there is a try every 30 s, whoever else tries.
 */
public final class Throttle {
    /** What is tried. */
    public enum Kind {
        PASSWORD,
        KEY,
        /** A join token of an agent. */
        TOKEN
    }

    /** Hears of what is locked. */
    @FunctionalInterface
    interface Listener {
        /**
         * Somebody has to wait for a minute or more from now on. Called while the throttle is held; must not wait.
         *
         * @param user the account as it was typed; empty for an address
         * @param place empty for an account that many addresses try
         */
        void locked(Optional<String> user, Optional<Place> place, Kind kind, int failures, Duration wait);
    }

    static final int FREE_TRIES = 5;
    static final int FREE_OF_ADDRESS = 20;
    static final int FREE_OF_ACCOUNT = 50;
    static final Duration LONGEST = Duration.ofMinutes(15);
    static final Duration UNDER_ATTACK = Duration.ofSeconds(30);
    static final Duration MEMORY = Duration.ofHours(1);
    static final int MOST = 20_000;

    private static final Duration FIRST = Duration.ofSeconds(1);
    private static final Duration TOLD = Duration.ofMinutes(1);
    private static final int MOST_PLACES_OF_ACCOUNT = 16;
    private static final int MOST_ACCOUNTS = 10_000;

    private record Try(String user, Place place) {}

    private final Listener listener;
    private final Counters<Try> tries;
    private final Map<Kind, Counters<Place>> places = new EnumMap<>(Kind.class);
    private final Counters<String> accounts;
    /** Where accounts have come in from, since the server runs or in logins that it found. */
    private final Map<String, Set<Place>> known;

    Throttle(Ticker ticker, Listener listener) {
        this.listener = listener;
        this.tries = new Counters<>(ticker, MOST, MEMORY);
        for (Kind kind : Kind.values()) {
            places.put(kind, new Counters<>(ticker, MOST, MEMORY));
        }
        this.accounts = new Counters<>(ticker, MOST, MEMORY);
        this.known = new LinkedHashMap<>(16, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Set<Place>> eldest) {
                return size() > MOST_ACCOUNTS;
            }
        };
    }

    /**
     * A secret that nobody can guess was wrong: a key, a join token. A right one is let in whatever this says, so that a
     * neighbour behind the same address shuts nobody out.
     *
     * @return how long wrong ones of this address are not worth an answer from now on; empty for not yet
     */
    public synchronized Optional<Duration> failed(Kind kind, InetAddress from) {
        Duration wait = countPlace(kind, Place.of(from));
        return wait.isZero() ? Optional.empty() : Optional.of(wait);
    }

    /** How long secrets that could be guessed are not looked at from there; zero for not at all. */
    synchronized Duration left(Kind kind, InetAddress from) {
        return places(kind).left(Place.of(from));
    }

    /**
     * Whether a password for this account is looked at.
     *
     * @param user as it was typed, there or not: the two are not told apart
     * @throws ThrottledException where it is not
     */
    synchronized void check(String user, InetAddress from) {
        Place place = Place.of(from);
        Try one = new Try(user, place);
        refuse(tries.left(one));
        if (isKnown(user, place)) {
            return;
        }
        refuse(places(Kind.PASSWORD).left(place));
        if (underAttack(user) && !tries.knows(one)) {
            // Its own turn comes however many others try.
            tries.set(one, 0, UNDER_ATTACK);
            refuse(UNDER_ATTACK);
        }
    }

    /** Whether the account has come in from there lately. */
    synchronized boolean knows(String user, InetAddress from) {
        return isKnown(user, Place.of(from));
    }

    /** It was looked at, and was wrong. */
    synchronized void failed(String user, InetAddress from) {
        Place place = Place.of(from);
        Try one = new Try(user, place);
        boolean stranger = !isKnown(user, place);
        if (stranger) {
            int all = accounts.failures(user) + 1;
            accounts.set(user, all, Duration.ZERO);
            if (all == FREE_OF_ACCOUNT) {
                listener.locked(Optional.of(user), Optional.empty(), Kind.PASSWORD, all, UNDER_ATTACK);
            }
        }
        int failures = tries.failures(one) + 1;
        Duration wait = wait(failures, FREE_TRIES);
        if (stranger && underAttack(user) && wait.compareTo(UNDER_ATTACK) < 0) {
            wait = UNDER_ATTACK;
        }
        tries.set(one, failures, wait);
        if (isTold(failures, FREE_TRIES)) {
            listener.locked(Optional.of(user), Optional.of(place), Kind.PASSWORD, failures, wait);
        }
        Duration unused = countPlace(Kind.PASSWORD, place);
    }

    /** It was right. */
    synchronized void succeeded(String user, InetAddress from) {
        Place place = Place.of(from);
        tries.forget(new Try(user, place));
        remember(user, place);
    }

    /** The account came in from there before this process began. */
    synchronized void remember(String user, Place place) {
        Set<Place> all = known.computeIfAbsent(user, name -> new LinkedHashSet<>());
        all.remove(place);
        all.add(place);
        if (all.size() > MOST_PLACES_OF_ACCOUNT) {
            all.remove(all.iterator().next());
        }
    }

    /** How many counts there are, of whatever. */
    synchronized int size() {
        return tries.size()
                + accounts.size()
                + places.values().stream().mapToInt(Counters::size).sum();
    }

    private Duration countPlace(Kind kind, Place place) {
        Counters<Place> counters = places(kind);
        int failures = counters.failures(place) + 1;
        Duration wait = wait(failures, FREE_OF_ADDRESS);
        counters.set(place, failures, wait);
        if (isTold(failures, FREE_OF_ADDRESS)) {
            listener.locked(Optional.empty(), Optional.of(place), kind, failures, wait);
        }
        return wait;
    }

    private Counters<Place> places(Kind kind) {
        @Nullable Counters<Place> counters = places.get(kind);
        if (counters == null) {
            throw new IllegalStateException(kind + " (expected: counted from the beginning)");
        }
        return counters;
    }

    private boolean underAttack(String user) {
        return accounts.failures(user) >= FREE_OF_ACCOUNT;
    }

    private boolean isKnown(String user, Place place) {
        Set<Place> all = known.get(user);
        return all != null && all.contains(place);
    }

    private static void refuse(Duration left) {
        if (!left.isZero()) {
            throw new ThrottledException(left);
        }
    }

    private static Duration wait(int failures, int free) {
        if (failures < free) {
            return Duration.ZERO;
        }
        Duration wait = FIRST.multipliedBy(1L << Math.min(failures - free, 20));
        return wait.compareTo(LONGEST) < 0 ? wait : LONGEST;
    }

    /** Once where waiting is a minute for the first time, and once where it is as long as it gets. */
    private static boolean isTold(int failures, int free) {
        return crosses(failures, free, TOLD) || crosses(failures, free, LONGEST);
    }

    private static boolean crosses(int failures, int free, Duration bound) {
        return wait(failures, free).compareTo(bound) >= 0
                && wait(failures - 1, free).compareTo(bound) < 0;
    }
}
