package io.culvert.gateway.engine;

import io.culvert.gateway.Cidr;
import io.culvert.gateway.GatewayEvents;
import io.culvert.gateway.LiveConnection;
import io.culvert.gateway.Policies;
import io.culvert.gateway.Policy;
import io.culvert.gateway.TunnelSpec;
import io.netty.channel.EventLoop;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The visitors of one tunnel: who is let in, who is there, and what all of them may carry. Lives on the tunnel's home loop, except where a
 * method says otherwise.
 */
final class Visitors {
    /** What the last bytes of a spent volume are given to leave before their connections are cut. */
    private static final long LAST_BYTES_MILLIS = 250;

    private final EventLoop home;
    private final Tally tally;
    private final LongSupplier ids;
    private final Duration linger;
    private final PolicyHits hits;
    private final ProjectShare share;
    private final Roster roster = new Roster();
    private final List<CompletableFuture<Void>> pauses = new ArrayList<>();
    private volatile Rules rules;
    private volatile boolean paused;
    private boolean closed;

    Visitors(
            TunnelSpec spec,
            EventLoop home,
            GatewayEvents events,
            LongSupplier ids,
            Duration linger,
            ProjectShare share) {
        this.share = share;
        this.linger = linger;
        this.home = home;
        this.ids = ids;
        this.tally = new Tally(spec.counted());
        this.hits = new PolicyHits(spec.id(), home, events);
        this.rules = Rules.first(spec.policies(), home.ticker().nanoTime());
        this.paused = spec.paused();
        share.add(this);
    }

    /** What is counted of them; any thread. */
    Tally tally() {
        return tally;
    }

    /** The rules in force; any thread. */
    Rules rules() {
        return rules;
    }

    /** What all tunnels of the project have together; any thread. */
    ProjectShare share() {
        return share;
    }

    /** A meter for a new connection; any thread. */
    Meter meter() {
        return new Meter(tally, share, home.ticker());
    }

    /** How long the last bytes of a visitor that does not read are kept; any thread. */
    Duration linger() {
        return linger;
    }

    /** A name that no connection had before; any thread. */
    long nextId() {
        return ids.getAsLong();
    }

    /** How many are there; any thread. */
    int size() {
        return roster.size();
    }

    // ---- who is let in
    // ---------------------------------------------------------------------------------------------------------------

    /**
     * Whether one more may come in now. Whoever then does not come after all has cost nothing: {@link #takePlace} and {@link #enter} count.
     *
     * @param address the visitor's; null where only a stock server knows it
     * @param visitor for reports
     */
    boolean admits(@Nullable InetAddress address, String visitor) {
        assert home.inEventLoop();
        if (paused || closed) {
            return false;
        }
        Policy against = against(address);
        if (against != null) {
            hits.hit(against, visitor);
        }
        return against == null;
    }

    private @Nullable Policy against(@Nullable InetAddress address) {
        Policies policies = rules.policies();
        if (address != null && !welcome(policies, address)) {
            return Policy.ADDRESS;
        }
        if (volumeSpent()) {
            return Policy.VOLUME;
        }
        if (share.spent()) {
            return Policy.PROJECT_BYTES;
        }
        if (policies.connections() > 0 && roster.size() >= policies.connections()) {
            return Policy.CONNECTIONS;
        }
        if (policies.connectionsPerAddress() > 0
                && address != null
                && roster.sizeOf(address) >= policies.connectionsPerAddress()) {
            return Policy.CONNECTIONS_PER_ADDRESS;
        }
        return rules.arrivals().open(home.ticker().nanoTime()) ? null : Policy.NEW_PER_SECOND;
    }

    private static boolean welcome(Policies policies, InetAddress address) {
        InetAddress plain = Addresses.plain(address);
        return (policies.allow().isEmpty() || within(policies.allow(), plain)) && !within(policies.deny(), plain);
    }

    /** A loop: a stream for each visitor, of lists that are mostly empty, is slow as long as Java has not compiled it. */
    private static boolean within(List<Cidr> blocks, InetAddress address) {
        for (Cidr block : blocks) {
            if (block.contains(address)) {
                return true;
            }
        }
        return false;
    }

    /** Takes one of the project's places for a visitor that {@link #enter}s next; false where there is none. */
    boolean takePlace(String visitor) {
        assert home.inEventLoop();
        boolean taken = share.enter();
        if (!taken) {
            hits.hit(Policy.PROJECT_CONNECTIONS, visitor);
        }
        return taken;
    }

    /** Gives the place back of one who does not come after all. */
    void leavePlace() {
        share.leave();
    }

    /** One comes in, and is there until it has {@link #left}. */
    void enter(Connection connection) {
        assert home.inEventLoop();
        rules.arrivals().came();
        roster.add(connection);
    }

    /** One is gone. Any thread; repeating it does nothing. */
    void left(Connection connection) {
        if (roster.remove(connection)) {
            share.leave();
        }
        // Who empties the house under a pause is seen: the pause was set before its own look at the roster.
        if (paused && roster.size() == 0) {
            home.execute(this::endPauses);
        }
    }

    // ---- pauses
    // ----------------------------------------------------------------------------------------------------------------------

    /** Lets nobody in any more; the stage completes when nobody is left, or the pause is over. */
    CompletionStage<Void> pause(boolean cut) {
        assert home.inEventLoop();
        CompletableFuture<Void> empty = new CompletableFuture<>();
        pauses.add(empty);
        paused = true;
        if (cut) {
            roster.all().forEach(Connection::cut);
        }
        endPauses();
        return empty;
    }

    void resume() {
        assert home.inEventLoop();
        paused = false;
        endPauses();
    }

    private void endPauses() {
        if (!paused || closed || roster.size() == 0) {
            List<CompletableFuture<Void>> over = List.copyOf(pauses);
            pauses.clear();
            over.forEach(each -> each.complete(null));
        }
    }

    boolean paused() {
        return paused;
    }

    /** The tunnel ends: nobody comes in any more. */
    void close() {
        assert home.inEventLoop();
        closed = true;
        share.remove(this);
        endPauses();
    }

    // ---- policies on those that are there
    // -----------------------------------------------------------------------------------------

    /**
     * Other policies come into force: who is not welcome any more is cut, all others carry on under the new ones. The stage completes when
     * every loop has seen to its connections.
     */
    CompletionStage<Void> police(Policies policies) {
        assert home.inEventLoop();
        Rules next = rules.next(policies, home.ticker().nanoTime());
        rules = next;
        List<Connection> there = roster.all();
        for (Connection connection : there) {
            InetAddress address = connection.address();
            if (address != null && !welcome(policies, address)) {
                hits.hit(Policy.ADDRESS, connection.visitor());
                connection.cut();
            } else {
                connection.obey();
            }
        }
        lookAtVolume(next);
        return seenTo(there);
    }

    /** Completes when each of these has done what it was just told: by one task more on each of their loops, behind those. */
    private static CompletionStage<Void> seenTo(List<Connection> connections) {
        Set<EventLoop> loops = new HashSet<>();
        connections.forEach(connection -> loops.add(connection.loop()));
        return CompletableFuture.allOf(loops.stream()
                .map(loop -> CompletableFuture.runAsync(() -> {}, loop))
                .toArray(CompletableFuture<?>[]::new));
    }

    /** The project has another allowance: every connection carries on under it. Any thread. */
    void obeyShare() {
        home.execute(() -> roster.all().forEach(Connection::obey));
    }

    /** A policy was met with; any thread. */
    void met(Policy policy, String visitor) {
        if (home.inEventLoop()) {
            hits.hit(policy, visitor);
        } else {
            home.execute(() -> hits.hit(policy, visitor));
        }
    }

    /** Whether bytes must be claimed before they are handed on under these rules; any thread. */
    boolean bounded(Rules of) {
        return of.policies().volume() > 0 || share.bounded();
    }

    /**
     * Takes bytes off the volume of these rules and off the project's allowance; any thread.
     *
     * @return how many of them both still hold
     */
    int claim(Rules of, int wanted) {
        int n = tally.claim(wanted, bound(of));
        int granted = share.claim(n);
        tally.spend(granted - n);
        lookAtVolume(of);
        return granted;
    }

    /** Likewise, all of them or none: a datagram is not cut. */
    boolean claimWhole(Rules of, int wanted) {
        if (!tally.claimWhole(wanted, bound(of))) {
            return false;
        }
        boolean granted = share.claimWhole(wanted);
        if (!granted) {
            tally.spend(-wanted);
        }
        return granted;
    }

    private static long bound(Rules of) {
        return of.policies().volume() == 0 ? Long.MAX_VALUE : of.policies().volume();
    }

    /** Ends the connections of these rules where their volume is spent; any thread. */
    void lookAtVolume(Rules of) {
        long bound = of.policies().volume();
        if (bound > 0 && tally.volume() >= bound && of.spent()) {
            home.execute(this::volumeReached);
        }
    }

    /** Whether nothing of the volume is left; any thread. */
    boolean volumeSpent() {
        long bound = rules.policies().volume();
        return bound > 0 && tally.volume() >= bound;
    }

    private void volumeReached() {
        cutSoon(Policy.VOLUME, this::volumeSpent);
    }

    /** The project's bytes are spent; any thread. */
    void shareSpent() {
        home.execute(() -> cutSoon(Policy.PROJECT_BYTES, share::spent));
    }

    /** @param still whether it is so: more may have been allowed meanwhile */
    private void cutSoon(Policy policy, BooleanSupplier still) {
        home.schedule(
                () -> {
                    if (!still.getAsBoolean()) {
                        return;
                    }
                    for (Connection connection : roster.all()) {
                        hits.hit(policy, connection.visitor());
                        connection.cut();
                    }
                },
                LAST_BYTES_MILLIS,
                TimeUnit.MILLISECONDS);
    }

    // ---- those that are there
    // ----------------------------------------------------------------------------------------------------

    /** Oldest first; any thread. */
    List<LiveConnection> live() {
        return roster.all().stream().map(Connection::live).toList();
    }

    /** Cuts one; false where there is no such. */
    boolean cut(long id) {
        assert home.inEventLoop();
        Connection connection = roster.find(id);
        if (connection != null) {
            connection.cut();
        }
        return connection != null;
    }

    /** Cuts all of them; the stage completes when each has carried its last byte. */
    CompletionStage<Void> cutAll() {
        assert home.inEventLoop();
        List<Connection> there = roster.all();
        there.forEach(Connection::cut);
        return seenTo(there);
    }
}
