package io.culvert.control;

import io.culvert.control.StateRule.Overdue;
import io.culvert.control.caller.Permission;
import io.culvert.control.event.EventKind;
import io.culvert.control.lease.Due;
import io.culvert.control.lease.LeaseBook;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;

/** Starts and renews leases, and does what is due with them. Control thread only; never waits. */
final class LeaseKeeper {
    /** A millisecond's work to cut them, some more to do their books. */
    private static final int BATCH = 256;

    private final InstantSource wallClock;
    private final Ticker ticker;
    private final StoreDesk desk;
    private final TunnelTable table;
    private final LeaseBook leases;
    private final TunnelEnder ender;
    private final StateKeeper states;
    private final News news;
    /** Cut, and still to be written down. */
    private final Deque<TunnelEnder.Cut> cuts = new ArrayDeque<>();

    LeaseKeeper(
            InstantSource wallClock,
            Ticker ticker,
            StoreDesk desk,
            TunnelTable table,
            LeaseBook leases,
            TunnelEnder ender,
            StateKeeper states,
            News news) {
        this.wallClock = wallClock;
        this.ticker = ticker;
        this.desk = desk;
        this.table = table;
        this.leases = leases;
        this.ender = ender;
        this.states = states;
        this.news = news;
    }

    /** Starts the lease of a tunnel with its whole time. */
    void start(LivingTunnel tunnel, Instant now, long nanos) {
        leases.start(tunnel.id(), Specs.times(tunnel.stored().terms()), tunnel.hardEnd(now, nanos), tunnel.held, nanos);
    }

    /**
     * Renews a lease.
     *
     * @param nanos when the renewal came in, by the ticker: it may have waited since, and that is not the caller's fault
     * @param at the same by the wall clock
     */
    Tunnel renew(Caller caller, long id, long nanos, Instant at) {
        LivingTunnel tunnel = table.entry(caller, Permission.TUNNELS_RENEW, id);
        if (tunnel.drain.isPresent()) {
            throw new ConflictException(tunnel.stored().spoken() + " cannot be renewed any more: it drains");
        }
        if (leases.isOver(id, nanos)) {
            throw new NoSuchTunnelException(id);
        }
        leases.renew(id, nanos);
        Tunnel renewed = renewed(tunnel, at);
        news.tell(EventKind.RENEWED, id, "renewed by " + caller.name());
        return renewed;
    }

    /** Renews several, each for itself. */
    List<Outcome<Tunnel>> renewAll(Caller caller, List<Long> ids, long nanos, Instant at) {
        List<Outcome<Tunnel>> outcomes = new ArrayList<>();
        for (long id : ids) {
            try {
                outcomes.add(Outcome.done(renew(caller, id, nanos, at)));
            } catch (ControlException e) {
                outcomes.add(Outcome.refused(e));
            }
        }
        return outcomes;
    }

    /** After an agent came or went: keeps the lease from running, or lets it run with its whole time. */
    void hold(LivingTunnel tunnel) {
        boolean hold = tunnel.renewedBySession() && tunnel.sessions > 0;
        if (hold != tunnel.held && tunnel.drain.isEmpty()) {
            tunnel.held = hold;
            leases.hold(tunnel.id(), hold, ticker.nanos());
            Tunnel unused = renewed(tunnel, wallClock.instant());
        }
    }

    /** After other terms were agreed on: they hold at once, counted from the last renewal. */
    void change(LivingTunnel tunnel) {
        Instant now = wallClock.instant();
        long nanos = ticker.nanos();
        boolean hold = tunnel.renewedBySession() && tunnel.sessions > 0;
        if (tunnel.held && !hold) {
            tunnel.heartbeat = now;
        }
        tunnel.held = hold;
        leases.change(tunnel.id(), Specs.times(tunnel.stored().terms()), tunnel.hardEnd(now, nanos), hold, nanos);
        if (tunnel.overdue.isPresent()) {
            if (leases.phase(tunnel.id()) == LeaseBook.Phase.GRACE) {
                tunnel.overdue = Optional.of(overdue(tunnel));
            } else {
                tunnel.overdue = Optional.empty();
                states.open(tunnel);
            }
        }
    }

    private Tunnel renewed(LivingTunnel tunnel, Instant at) {
        if (at.isAfter(tunnel.heartbeat)) {
            tunnel.heartbeat = at;
        }
        desk.heartbeat(tunnel.id(), at);
        if (tunnel.overdue.isPresent()) {
            tunnel.overdue = Optional.empty();
            states.open(tunnel);
        }
        return states.settle(tunnel);
    }

    /** When {@link #expire} has something to do next. */
    OptionalLong deadline() {
        return cuts.isEmpty() ? leases.nextDeadline() : OptionalLong.of(ticker.nanos());
    }

    /**
     * Does all that is due. Those whose time is over come first: they are the ones with a promise to the tenth of a second. They are cut by
     * the batch, so that of 10,000 the first are closing while the last are still looked up. A batch is written down at a time, so that what is due
     * meanwhile does not wait for all of them.
     */
    void expire(long nowNanos) {
        List<Due> others = new ArrayList<>();
        List<Due> due = leases.due(nowNanos, BATCH);
        while (!due.isEmpty()) {
            List<Due.Over> over = new ArrayList<>();
            for (Due one : due) {
                if (one instanceof Due.Over end) {
                    over.add(end);
                } else {
                    others.add(one);
                }
            }
            cuts.addAll(ender.cut(over));
            due = leases.due(nowNanos, BATCH);
        }
        TunnelEnder.Cut first = cuts.poll();
        if (first != null) {
            ender.over(first);
        }
        for (Due one : others) {
            LivingTunnel tunnel = table.entry(one.id());
            if (tunnel == null) {
                continue;
            }
            if (one instanceof Due.Warning warning) {
                warn(tunnel, warning);
            } else if (one instanceof Due.Overdue overdue) {
                becomeOverdue(tunnel, overdue.drain());
            } else if (one instanceof Due.Cut) {
                CompletionStage<Void> unused = states.shut(tunnel, true);
            } else if (one instanceof Due.Draining draining) {
                drain(tunnel, draining);
            }
        }
    }

    /** Writes down all ends at once; for the end. */
    void last() {
        cuts.forEach(ender::over);
        cuts.clear();
    }

    private void warn(LivingTunnel tunnel, Due.Warning warning) {
        String end = switch (warning.end()) {
            case DEADLINE -> "the lease runs out";
            case GRACE -> "the grace is over";
            case HARD -> "the lease ends for good";
            case WISH -> "the tunnel ends";
        };
        news.tell(
                EventKind.EXPIRING,
                tunnel.id(),
                end + " in " + seconds(warning.before().toMillis()) + " s",
                Map.of(
                        "end", warning.end().name(),
                        "before_seconds", seconds(warning.before().toMillis())));
    }

    private static String seconds(long millis) {
        return millis % 1_000 == 0 ? String.valueOf(millis / 1_000) : String.valueOf(millis / 1_000.0);
    }

    private void becomeOverdue(LivingTunnel tunnel, boolean drain) {
        tunnel.overdue = Optional.of(overdue(tunnel));
        CompletionStage<Void> unused = states.shut(tunnel, !drain);
        news.tell(
                EventKind.EXPIRING,
                tunnel.id(),
                states.settle(tunnel).status().reason(),
                Map.of("end", Due.End.GRACE.name()));
    }

    private static Overdue overdue(LivingTunnel tunnel) {
        Instant deadline = tunnel.heartbeat.plus(tunnel.stored().ttl());
        return new Overdue(deadline, deadline.plus(tunnel.stored().terms().grace()));
    }

    /** The store is told as well: a tunnel that drains does not come back with a restart. */
    private void drain(LivingTunnel tunnel, Due.Draining draining) {
        StoredDraft draft = tunnel.draft();
        draft.ending = Optional.of(ender.drainReason(tunnel, draining.drain(), draining.end(), Optional.empty()));
        table.replace(tunnel, draft.done());
        desk.put(tunnel.stored());
        ender.drain(tunnel, draining.drain(), draining.end(), Optional.empty());
    }
}
