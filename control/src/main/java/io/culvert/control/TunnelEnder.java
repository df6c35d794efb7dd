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
import java.util.Collection;
import java.util.EnumMap;
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

    /**
     * Tunnels that the data plane was told to close, and whose end is not in the books yet.
     *
     * @param reason for agents
     * @param why for people, by id
     * @param carried what they had carried when they were cut, by id
     * @param closed completes when the ports are free, with what they had carried to the last byte
     */
    record Cut(
            List<LivingTunnel> tunnels,
            EndReason reason,
            Map<Long, String> why,
            Map<Long, Traffic> carried,
            CompletionStage<Map<Long, Counts>> closed) {}

    /** Cuts the tunnels whose leases are over: to the control thread they live no more. {@link #over} does the rest. */
    List<Cut> cut(List<Due.Over> over) {
        Map<EndReason, List<LivingTunnel>> tunnels = new EnumMap<>(EndReason.class);
        Map<Long, String> why = new HashMap<>();
        for (Due.Over one : over) {
            LivingTunnel tunnel = table.entry(one.id());
            if (tunnel != null) {
                Due.End end = tunnel.drain.map(Drain::end).orElse(one.end());
                why.put(one.id(), why(tunnel, end));
                tunnels.computeIfAbsent(reason(end), reason -> new ArrayList<>())
                        .add(tunnel);
            }
        }
        List<Cut> cuts = new ArrayList<>();
        tunnels.forEach((reason, together) -> cuts.add(cut(together, reason, why)));
        return cuts;
    }

    /** What follows when tunnels were cut because their leases were over. */
    void over(Cut cut) {
        CompletionStage<?> ended = end(cut, Map.of());
        ended.whenComplete((done, failure) -> loop.report(() -> cut.tunnels()
                .forEach(tunnel -> log.info(
                        "Tunnel {} {}", tunnel.id(), cut.reason() == EndReason.EXPIRED ? "expired" : "removed"))));
    }

    /**
     * Ends tunnels at a caller's wish.
     *
     * @param stored what {@link #ending} gave, and the store was told
     */
    CompletionStage<?> removed(List<LivingTunnel> tunnels, String why, StoreChanges stored) {
        return end(
                cut(
                        tunnels,
                        EndReason.REMOVED,
                        tunnels.stream().collect(Collectors.toMap(LivingTunnel::id, tunnel -> why))),
                stored.ended().stream()
                        .collect(Collectors.toMap(record -> record.tunnel().id(), Function.identity())));
    }

    private Cut cut(List<LivingTunnel> tunnels, EndReason reason, Map<Long, String> why) {
        Map<Long, Traffic> carried = new HashMap<>();
        for (LivingTunnel tunnel : tunnels) {
            carried.put(tunnel.id(), carried(tunnel));
        }
        CompletionStage<Map<Long, Counts>> closed = close(carried.keySet(), reason);
        for (LivingTunnel tunnel : tunnels) {
            leases.end(tunnel.id());
            table.drop(tunnel);
        }
        return new Cut(tunnels, reason, why, carried, closed);
    }

    /**
     * Does the books of tunnels that were cut.
     *
     * @param stored records of those whose end is in the store already
     * @return completes when the ports are free and the records say what was carried to the last byte
     */
    private CompletionStage<?> end(Cut cut, Map<Long, EndedTunnel> stored) {
        List<HeldPort> held = new ArrayList<>();
        List<EndedTunnel> records = new ArrayList<>();
        for (LivingTunnel tunnel : cut.tunnels()) {
            tunnel.ended = Optional.ofNullable(cut.why().get(tunnel.id()));
            boolean unusedState = tunnel.settle(wallClock.instant());
            Traffic last = cut.carried().getOrDefault(tunnel.id(), Traffic.NONE);
            EndedTunnel known = stored.get(tunnel.id());
            boolean isStored = known != null && known.traffic().equals(last);
            EndedTunnel record = known != null && isStored
                    ? known
                    : new EndedTunnel(tunnel.view(), last, tunnel.stored().key());
            records.add(record);
            // Readers find it among the one or the other: first it is here, then it is not there.
            ended.add(record);
            table.hide(tunnel.id());
            List<HeldPort> its = tunnel.stored().ports();
            held.addAll(its);
            List<RestingPort> resting = ports.rest(tunnel.stored(), its);
            if (!isStored) {
                desk.ended(record);
                desk.gone(tunnel.id());
                desk.rest(resting);
            }
            news.tell(
                    cut.reason() == EndReason.EXPIRED ? EventKind.EXPIRED : EventKind.REMOVED,
                    tunnel.id(),
                    tunnel.status().reason(),
                    Map.of("owner", tunnel.stored().owner()));
        }
        closing.add(held, cut.closed());
        return cut.closed()
                .handle((counts, failure) -> loop.heard(
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
        boolean unused = copy.settle(now);
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
                cut(List.of(new Due.Over(tunnel.id(), end))).forEach(this::over);
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

    /** Closes a tunnel in the data plane that is in no book, and notes that these ports are on the way to be free. */
    CompletionStage<?> close(long id, List<HeldPort> held, EndReason reason) {
        CompletionStage<?> closed = close(List.of(id), reason);
        closing.add(held, closed);
        return closed;
    }

    private CompletionStage<Map<Long, Counts>> close(Collection<Long> ids, EndReason reason) {
        try {
            return dataPlane.close(ids, reason);
        } catch (RuntimeException e) {
            log.error("Tunnels {} could not be closed", ids, e);
            return CompletableFuture.failedStage(e);
        }
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
