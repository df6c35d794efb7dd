package io.culvert.bench;

import io.culvert.bench.PortWatch.Closing;
import io.culvert.client.seed.CreatedTunnel;
import io.culvert.client.seed.NewTunnel;
import io.culvert.client.seed.SeedClient;
import io.culvert.client.seed.Tunnel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * One server with many tunnels, all through its API: what a create costs in time and memory, how long a restart takes after a kill, and how
 * exactly leases end that all end together. Agents are none of this: a tunnel without one holds its port just the same. One thread, which
 * starts callers of its own.
 *
 * <p>Leases that end together: the tunnels are created one after the other, each with what is left to one common deadline as its time to
 * live. What the server made of that is told by its answers: {@code last_check_time} and {@code expire_time} add up to the deadline. When the
 * port was closed is told by the kernel ({@link PortWatch}), so neither a client's delay nor the server's own idea is in the figures.
 */
public final class ManyTunnels {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    /** A lease that is created with less to go than this could end before all are created. */
    private static final Duration LEAST_TTL = Duration.ofMillis(500);
    /** Before the common deadline, so that every port is seen open first; too short for a busy API to come round to the same ports. */
    private static final Duration WATCH_AHEAD = Duration.ofSeconds(1);

    private static final int TARGET_PORT = 9;
    private static final double MIB = 1 << 20;

    private final ManyTunnelsSettings settings;
    private final Report report = new Report();

    private ManyTunnels(ManyTunnelsSettings settings) {
        this.settings = settings;
    }

    /** Measures and prints; {@code --help} tells the arguments. */
    public static void main(String[] args) throws IOException {
        ManyTunnelsSettings settings;
        try {
            settings = ManyTunnelsSettings.parse(List.of(args));
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage() + "\n" + ManyTunnelsSettings.USAGE);
            System.exit(2);
            return;
        }
        Report report = measure(settings);
        System.out.print(settings.json() ? report.json() + "\n" : report.table());
    }

    /** Measures; the server and its data are gone when this returns. */
    static Report measure(ManyTunnelsSettings settings) throws IOException {
        Path directory = Files.createTempDirectory("culvert-bench");
        try {
            ManyTunnels bench = new ManyTunnels(settings);
            bench.run(directory);
            return bench.report;
        } finally {
            delete(directory);
        }
    }

    private void run(Path directory) throws IOException {
        BitSet ports;
        try (ServerProcess server = start(directory)) {
            report.add("first start, to its ready line", server.startTime().toNanos() / 1e6, "ms");
            ports = createAndWeigh(server);
            server.kill();
        }
        try (ServerProcess server = start(directory)) {
            restarted(server, ports);
            renewAndRemove(server, ports);
            endTogether(server, "", 0);
            endTogether(server, ", API busy", settings.threads());
        }
    }

    private ServerProcess start(Path directory) throws IOException {
        return ServerProcess.start(settings.jar(), directory, settings.maxHeap());
    }

    // ---- many tunnels
    // ------------------------------------------------------------------------------------------------------------------

    private BitSet createAndWeigh(ServerProcess server) throws IOException {
        server.rest();
        long residentBefore = server.resident();
        OptionalLong heapBefore = server.liveHeap();
        CreatedTunnels created = new CreatedTunnels(settings.tunnels());
        SeedClient client = server.client();
        Calls creates = Calls.make(
                settings.threads(),
                settings.tunnels(),
                index -> created.set(index, client.create(NewTunnel.to(TARGET_PORT, Duration.ofHours(1)))));
        tell("create", creates);

        long resident = server.resident();
        report.add("resident memory before", residentBefore / MIB, "MiB");
        report.add("resident memory with all tunnels", resident / MIB, "MiB");
        report.add("resident memory of a tunnel", (resident - residentBefore) / 1024.0 / settings.tunnels(), "KiB");
        OptionalLong heap = server.liveHeap();
        if (heap.isPresent() && heapBefore.isPresent()) {
            long grown = heap.getAsLong() - heapBefore.getAsLong();
            report.add("live heap of a tunnel", grown / 1024.0 / settings.tunnels(), "KiB");
        }
        BitSet ports = created.ports();
        requireOpen(ports, settings.tunnels());
        return ports;
    }

    private void restarted(ServerProcess server, BitSet ports) throws IOException {
        report.add("start after kill -9, to its ready line", server.startTime().toNanos() / 1e6, "ms");
        long begin = System.nanoTime();
        List<Tunnel> tunnels = server.client().list();
        report.add("first list of all tunnels", (System.nanoTime() - begin) / 1e6, "ms");
        BitSet listed = CreatedTunnels.ports(tunnels.stream());
        if (!listed.equals(ports)) {
            throw new IOException(
                    "the restarted server has other ports than before: " + listed + " (expected: " + ports + ")");
        }
        requireOpen(ports, settings.tunnels());
        report.add("tunnels back with their ports", tunnels.size(), "");
        report.add("resident memory after the restart", server.resident() / MIB, "MiB");
    }

    private void renewAndRemove(ServerProcess server, BitSet ports) throws IOException {
        SeedClient client = server.client();
        List<Long> ids = client.list().stream().map(Tunnel::id).toList();
        tell("heartbeat", Calls.make(settings.threads(), ids.size(), index -> client.heartbeat(ids.get(index))));
        tell("remove", Calls.make(settings.threads(), ids.size(), index -> client.remove(ids.get(index))));
        BitSet left = new PortWatch().stillThere(ports);
        if (!left.isEmpty()) {
            throw new IOException("ports of removed tunnels are open: " + left + " (expected: none)");
        }
    }

    private void tell(String what, Calls calls) {
        report.add(what + "s", calls.perSecond(), "a second");
        report.add(what + ", half of all within", calls.each().millis(0.5), "ms");
        report.add(what + ", 99 % of all within", calls.each().millis(0.99), "ms");
    }

    private static void requireOpen(BitSet ports, int count) throws IOException {
        BitSet open = new PortWatch().stillThere(ports);
        if (ports.cardinality() != count || !open.equals(ports)) {
            throw new IOException(open.cardinality() + " of " + ports.cardinality()
                    + " ports are listened on (expected: " + count + ")");
        }
    }

    // ---- leases that end together
    // ------------------------------------------------------------------------------------------------------

    private void endTogether(ServerProcess server, String where, int busyThreads) throws IOException {
        SeedClient client = server.client();
        CreatedTunnels created = new CreatedTunnels(settings.tunnels());
        long monotonicBefore = System.nanoTime();
        long wallBefore = PortWatch.wallNanos();
        Instant common = Instant.now().plus(settings.lead());
        Calls unused = Calls.make(settings.threads(), settings.tunnels(), index -> {
            Duration left = Duration.between(Instant.now(), common);
            if (left.compareTo(LEAST_TTL) < 0) {
                throw new IOException("lead: " + settings.lead() + " (expected: enough to create all tunnels in)");
            }
            created.set(index, client.create(NewTunnel.to(TARGET_PORT, left)));
        });

        waitUntil(common.minus(WATCH_AHEAD));
        ApiLoad load = new ApiLoad(client, busyThreads);
        Map<Integer, Closing> closings;
        long calls;
        try {
            closings = new PortWatch().untilClosed(created.ports(), PATIENCE);
        } finally {
            calls = load.stop();
        }
        long drift = (PortWatch.wallNanos() - wallBefore) - (System.nanoTime() - monotonicBefore);

        tell(where, created, closings);
        report.add("wall clock against monotonic clock" + where, drift / 1e6, "ms");
        if (busyThreads > 0) {
            report.add("calls answered meanwhile" + where, (double) calls, "");
        }
        requireNoneListed(client);
    }

    private static void waitUntil(Instant time) {
        for (Instant now = Instant.now(); now.isBefore(time); now = Instant.now()) {
            LockSupport.parkNanos(Duration.between(now, time).toNanos());
        }
    }

    /** A port is closed a moment before its tunnel leaves the list. */
    private static void requireNoneListed(SeedClient client) throws IOException {
        long begin = System.nanoTime();
        for (int left = client.list().size(); left > 0; left = client.list().size()) {
            if (System.nanoTime() - begin > PATIENCE.toNanos()) {
                throw new IOException(left + " tunnels are listed whose leases have ended (expected: none)");
            }
        }
    }

    private void tell(String where, CreatedTunnels created, Map<Integer, Closing> closings) {
        int count = settings.tunnels();
        long[] deadlines = created.all().mapToLong(ManyTunnels::deadline).toArray();
        long[] late = new long[count];
        long[] unsure = new long[count];
        int early = 0;
        for (int i = 0; i < count; i++) {
            Closing closing = closings.get(created.get(i).exposes().get(0).port());
            if (closing == null) {
                throw new IllegalStateException(
                        "port of tunnel " + created.get(i).id() + " was not watched");
            }
            late[i] = closing.missed() - deadlines[i];
            unsure[i] = closing.missed() - closing.seen();
            early += late[i] < 0 ? 1 : 0;
        }
        Durations spread = new Durations(deadlines);
        report.add("deadlines lie within" + where, spread.mostMillis() - spread.leastMillis(), "ms");
        Durations lateness = new Durations(late);
        report.add("closed after the deadline, half of all within" + where, lateness.millis(0.5), "ms");
        report.add("closed after the deadline, 99 % of all within" + where, lateness.millis(0.99), "ms");
        report.add("closed after the deadline, all within" + where, lateness.mostMillis(), "ms");
        report.add("of which the watch may have added, at most" + where, new Durations(unsure).mostMillis(), "ms");
        report.add("closed before the deadline" + where, early, "");
    }

    private static long deadline(Tunnel tunnel) {
        return PortWatch.nanos(tunnel.lastHeartbeat().plus(tunnel.ttl()));
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> paths = Files.walk(directory)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }

    /** The tunnels of one measurement, filled in by many threads, read when they are done. */
    private static final class CreatedTunnels {
        private final AtomicReferenceArray<Tunnel> tunnels;

        CreatedTunnels(int count) {
            tunnels = new AtomicReferenceArray<>(count);
        }

        void set(int index, CreatedTunnel created) {
            tunnels.set(index, created.tunnel());
        }

        Tunnel get(int index) {
            return tunnels.get(index);
        }

        Stream<Tunnel> all() {
            return IntStream.range(0, tunnels.length()).mapToObj(this::get);
        }

        BitSet ports() {
            return ports(all());
        }

        static BitSet ports(Stream<Tunnel> tunnels) {
            BitSet ports = new BitSet(65536);
            tunnels.forEach(tunnel -> ports.set(tunnel.exposes().get(0).port()));
            return ports;
        }
    }
}
