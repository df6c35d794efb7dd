package io.culvert.gateway.engine;

import io.culvert.link.relay.Valve;
import io.netty.channel.EventLoop;
import java.util.Arrays;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One direction of a connection under its tunnel's rates and volume, and its project's allowance. It asks for one turn after the other: first of the connection's own
 * rate, then, when that has come, of the tunnel's; what has its turn is taken off the volume. Lives on the connection's loop.
 */
final class Throttle implements Valve {
    private final EventLoop loop;
    private final Visitors visitors;
    private final Rules rules;
    private final boolean claims;
    private final Bucket[] buckets;
    private final int longestTurn;
    private final Runnable more;
    /** Bytes whose turn has come and that nobody took yet. */
    private int permitted;
    /** Bytes that wait for their turn; 0 for none. */
    private int turn;
    /** How many buckets were asked for that turn: while it is waited for, the last of them is the one that lets wait. */
    private int asked;

    private @Nullable ScheduledFuture<?> timer;
    private boolean closed;

    private Throttle(EventLoop loop, Visitors visitors, Rules rules, boolean claims, Bucket[] buckets, Runnable more) {
        this.loop = loop;
        this.visitors = visitors;
        this.rules = rules;
        this.claims = claims;
        this.buckets = buckets;
        this.longestTurn = Arrays.stream(buckets).mapToInt(Bucket::turn).min().orElse(1);
        this.more = more;
    }

    /**
     * A throttle for one direction; null where the rules have nothing to say of it.
     *
     * @param claims whether bytes are taken off the tunnel's volume and the project's allowance here
     * @param own the connection's own rate, bytes a second, 0 for no bound
     * @param shared the tunnel's; null for no bound
     * @param more runs when bytes that were held back may pass
     */
    static @Nullable Throttle of(
            EventLoop loop,
            Visitors visitors,
            Rules rules,
            boolean claims,
            long own,
            @Nullable Bucket shared,
            Runnable more) {
        if (own == 0 && shared == null && !claims) {
            return null;
        }
        Bucket[] buckets = Stream.of(
                        Stream.ofNullable(Rules.bucket(own, loop.ticker().nanoTime())), Stream.ofNullable(shared))
                .flatMap(each -> each)
                .toArray(Bucket[]::new);
        return new Throttle(loop, visitors, rules, claims, buckets, more);
    }

    @Override
    public int pass(int wanted) {
        int n = buckets.length == 0 ? wanted : turns(wanted);
        return n > 0 && claims ? visitors.claim(rules, n) : n;
    }

    @Override
    public int ahead() {
        return longestTurn;
    }

    private int turns(int wanted) {
        long now = loop.ticker().nanoTime();
        int n = 0;
        while (n < wanted && !closed) {
            if (permitted == 0 && !nextTurn(wanted - n, now)) {
                return n;
            }
            int taken = Math.min(permitted, wanted - n);
            permitted -= taken;
            n += taken;
        }
        return n;
    }

    private boolean nextTurn(int wanted, long now) {
        if (turn > 0) {
            return false;
        }
        turn = Math.min(wanted, longestTurn);
        return ask(now);
    }

    /** Reserves in one bucket behind the other; true where the turn has come in all of them. */
    private boolean ask(long now) {
        while (asked < buckets.length) {
            long begins = buckets[asked++].reserve(turn, now);
            if (begins > now) {
                timer = loop.schedule(this::come, begins - now, TimeUnit.NANOSECONDS);
                return false;
            }
        }
        permitted = turn;
        turn = 0;
        asked = 0;
        return true;
    }

    private void come() {
        timer = null;
        buckets[asked - 1].arrived();
        if (ask(loop.ticker().nanoTime())) {
            more.run();
        }
    }

    /** Asks for no turn any more, and gives back the one that is waited for. */
    void close() {
        closed = true;
        ScheduledFuture<?> waiting = timer;
        if (waiting != null) {
            waiting.cancel(false);
            timer = null;
            Bucket bucket = buckets[asked - 1];
            bucket.arrived();
            bucket.refund(turn);
        }
    }
}
