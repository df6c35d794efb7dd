package io.culvert.control;

import io.culvert.control.LivingTunnel.Drain;
import io.culvert.control.event.EventKind;
import io.culvert.control.lease.Due;
import io.culvert.control.lease.LeaseBook;
import io.culvert.gateway.Counts;
import io.culvert.gateway.DataPlane;
import io.culvert.gateway.EndReason;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends tunnels, at once or after a drain, and remembers what they were. Control thread only; never waits. */
final class TunnelEnder {
    private static final Logger log = LoggerFactory.getLogger(TunnelEnder.class);

    private final DataPlane dataPlane;
    private final InstantSource wallClock;
    private final Ticker ticker;
    private final ControlLoop loop;
    private final StoreDesk desk;
    private final TunnelTable table;
    private final LeaseBook leases;
    private final PortBook ports;
    private final ClosingPorts closing;
    private final EndedTunnels ended;
    private final StateKeeper states;
    private final News news;
    private final Consumer<EndedTunnel> finals;

    /** @param finals hears of each that has ended, once nothing is counted for it any more; must be quick */
    TunnelEnder(
            DataPlane dataPlane,
            InstantSource wallClock,
            Ticker ticker,
            ControlLoop loop,
            StoreDesk desk,
            TunnelTable table,
            LeaseBook leases,
            PortBook ports,
            ClosingPorts closing,
            EndedTunnels ended,
            StateKeeper states,
            News news,
            Consumer<EndedTunnel> finals) {
        this.dataPlane = dataPlane;
        this.wallClock = wallClock;
        this.ticker = ticker;
        this.loop = loop;
        this.desk = desk;
        this.table = table;
        this.leases = leases;
        this.ports = ports;
        this.closing = closing;
        this.ended = ended;
        this.states = states;
        this.news = news;
        this.finals = finals;
    }

    /** Ends the tunnels whose leases are over: the data plane is told of all of them at once, everything else follows. */
    void over(List<Due.Over> over) {
        Map<EndReason, List<LivingTunnel>> tunnels = new HashMap<>();
        Map<Long, Due.End> ends = new HashMap<>();
        for (Due.Over one : over) {
            LivingTunnel tunnel = table.entry(one.id());
            if (tunnel != null) {
                Due.End end = tunnel.drain.map(Drain::end).orElse(one.end());
                ends.put(one.id(), end);
                tunnels.computeIfAbsent(reason(end), reason -> new ArrayList<>())
                        .add(tunnel);
            }
        }
        tunnels.forEach((reason, together) -> {
            CompletionStage<?> closed = end(
                    together, reason, tunnel -> why(tunnel, ends.getOrDefault(tunnel.id(), Due.End.WISH)), Map.of());
            closed.whenComplete((done, failure) -> loop.report(() -> together.forEach(tunnel ->
                    log.info("Tunnel {} {}", tunnel.id(), reason == EndReason.EXPIRED ? "expired" : "removed"))));
        });
    }

    /**
     * Ends tunnels at a caller's wish.
     *
     * @param stored what {@link #ending} gave, and the store was told
     */
    CompletionStage<?> removed(List<LivingTunnel> tunnels, String why, StoreChanges stored) {
        return end(
                tunnels,
                EndReason.REMOVED,
                tunnel -> why,
                stored.ended().stream()
                        .collect(Collectors.toMap(record -> record.tunnel().id(), Function.identity())));
    }

    /**
     * @param stored records of those whose end is in the store already
     * @return completes when the ports are free and the records say what was carried to the last byte
     */
    private CompletionStage<?> end(
            List<LivingTunnel> tunnels,
            EndReason reason,
            Function<LivingTunnel, String> why,
            Map<Long, EndedTunnel> stored) {
        Map<Long, Traffic> carried = new HashMap<>();
        List<Long> ids = new ArrayList<>();
        List<HeldPort> held = new ArrayList<>();
        for (LivingTunnel tunnel : tunnels) {
            ids.add(tunnel.id());
            held.addAll(tunnel.stored().ports());
            carried.put(tunnel.id(), carried(tunnel));
        }
        CompletionStage<Map<Long, Counts>> closed = close(ids, held, reason);
        List<EndedTunnel> records = new ArrayList<>();
        for (LivingTunnel tunnel : tunnels) {
            leases.end(tunnel.id());
            tunnel.ended = Optional.of(why.apply(tunnel));
            LivingTunnel unused = table.drop(tunnel.id());
            Optional<TunnelState> unusedState = tunnel.settle(wallClock.instant());
            List<RestingPort> resting =
                    ports.rest(tunnel.stored(), tunnel.stored().ports());
            EndedTunnel known = stored.get(tunnel.id());
            Traffic last = carried.getOrDefault(tunnel.id(), Traffic.NONE);
            if (known != null && known.traffic().equals(last)) {
                records.add(known);
                ended.add(known);
            } else {
                EndedTunnel record =
                        new EndedTunnel(tunnel.view(), last, tunnel.stored().key());
                records.add(record);
                remember(record);
                desk.gone(tunnel.id());
                desk.rest(resting);
            }
            news.tell(
                    reason == EndReason.EXPIRED ? EventKind.EXPIRED : EventKind.REMOVED,
                    tunnel.id(),
                    tunnel.status().reason(),
                    Map.of("owner", tunnel.stored().owner()));
        }
        return closed.handle((counts, failure) -> loop.heard(
                                () -> records.forEach(record -> counted(record, counts == null ? Map.of() : counts)))
                        .handle((heard, stopping) -> failure))
                .thenCompose(heard -> heard)
                .thenCompose(failure -> failure == null
                        ? CompletableFuture.completedStage(null)
                        : CompletableFuture.failedStage(failure));
    }

    /** The data plane has said what an ended tunnel had carried when its last visitor was cut. */
    private void counted(EndedTunnel record, Map<Long, Counts> counts) {
        Counts last = counts.get(record.tunnel().id());
        EndedTunnel counted = last == null ? record : record.with(Traffic.ended(last));
        if (!counted.traffic().equals(record.traffic())) {
            ended.counted(counted);
            desk.ended(counted);
        }
        finals.accept(counted);
    }

    /** Remembers a tunnel that ended while the server was down. */
    void endedBefore(EndedTunnel record) {
        remember(record);
        finals.accept(record);
    }

    /** Remembers a tunnel that has ended. */
    private void remember(EndedTunnel record) {
        ended.add(record);
        desk.ended(record);
    }

    /**
     * What the store is to be told before these tunnels are ended at a caller's wish. Their last counts follow when they have ended.
     */
    StoreChanges ending(List<LivingTunnel> tunnels, String why) {
        Instant now = wallClock.instant();
        List<EndedTunnel> records = new ArrayList<>();
        List<RestingPort> resting = new ArrayList<>();
        for (LivingTunnel tunnel : tunnels) {
            records.add(record(tunnel, why, now));
            resting.addAll(ports.planned(tunnel.stored(), tunnel.stored().ports()));
        }
        return new StoreChanges(
                List.of(),
                Map.of(),
                Map.of(),
                tunnels.stream().map(LivingTunnel::id).collect(Collectors.toUnmodifiableSet()),
                records,
                Optional.empty(),
                new PortChanges(Set.of(), List.of(), Set.of(), resting),
                Optional.empty());
    }

    /** The record of a tunnel as if it ended now, without an end to it. */
    EndedTunnel record(LivingTunnel tunnel, String why, Instant now) {
        LivingTunnel copy = new LivingTunnel(
                tunnel.draft().done(), dataPlane.bridgePort(), LivingTunnel.Ports.UP, tunnel.heartbeat);
        copy.ended = Optional.of(why);
        Optional<TunnelState> unused = copy.settle(now);
        return new EndedTunnel(copy.view(), carried(tunnel), tunnel.stored().key());
    }

    /**
     * Begins the last phase of a tunnel: no new visitors, and an end as soon as none is left.
     *
     * @param drain how long those who are there may stay
     * @param end what it ends by; its lease knows already unless it is a wish
     * @param by the caller who wants it, where it is a wish
     */
    void drain(LivingTunnel tunnel, Duration drain, Due.End end, Optional<String> by) {
        if (end == Due.End.WISH) {
            leases.drain(tunnel.id(), ticker.nanos() + drain.toNanos());
        }
        Drain begun = new Drain(drainReason(tunnel, drain, end, by), end, by);
        tunnel.drain = Optional.of(begun);
        CompletionStage<Void> empty = states.shut(tunnel, false);
        Tunnel unused = states.settle(tunnel);
        news.tell(EventKind.DRAINING, tunnel.id(), begun.reason());
        empty.whenComplete((done, failure) -> loop.report(() -> {
            // Ended by its time meanwhile, where it is not there any more.
            if (failure == null && table.entry(tunnel.id()) == tunnel) {
                over(List.of(new Due.Over(tunnel.id(), end)));
            }
        }));
    }

    String drainReason(LivingTunnel tunnel, Duration drain, Due.End end, Optional<String> by) {
        Instant now = wallClock.instant();
        String why = by.map(TunnelEnder::byCaller).orElseGet(() -> leaseReason(tunnel, end));
        return why + "; visitors may stay until " + StateRule.at(now.plus(drain));
    }

    /** What a tunnel has carried over its whole life. */
    Traffic carried(LivingTunnel tunnel) {
        StoredCounts stored = tunnel.stored().counted();
        return dataPlane
                .status(tunnel.id())
                .map(live -> Traffic.ended(live.counts()))
                .orElseGet(() -> new Traffic(
                        0,
                        0,
                        stored.bytesIn(),
                        stored.bytesOut(),
                        stored.connections(),
                        stored.refused(),
                        stored.datagramsDropped()));
    }

    /** Closes tunnels in the data plane, and notes that their ports are on the way to be free. */
    CompletionStage<Map<Long, Counts>> close(List<Long> ids, List<HeldPort> held, EndReason reason) {
        CompletionStage<Map<Long, Counts>> closed;
        try {
            closed = dataPlane.close(ids, reason);
        } catch (RuntimeException e) {
            log.error("Tunnels {} could not be closed", ids, e);
            return CompletableFuture.failedStage(e);
        }
        closing.add(held, closed);
        return closed;
    }

    static String byCaller(String caller) {
        return "ended by " + caller;
    }

    private static EndReason reason(Due.End end) {
        return end == Due.End.WISH ? EndReason.REMOVED : EndReason.EXPIRED;
    }

    private String why(LivingTunnel tunnel, Due.End end) {
        return end == Due.End.WISH
                ? byCaller(tunnel.drain.flatMap(Drain::by).orElse("a caller"))
                : leaseReason(tunnel, end);
    }

    private static String leaseReason(LivingTunnel tunnel, Due.End end) {
        StoredTunnel stored = tunnel.stored();
        if (end == Due.End.HARD) {
            return "the lease was for no longer than "
                    + stored.hardEnd().map(StateRule::at).orElse("now");
        }
        return "the lease ran out at " + StateRule.at(tunnel.heartbeat.plus(stored.ttl()))
                + (end == Due.End.GRACE ? " and was not renewed in its grace" : "");
    }
}
