package io.culvert.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.culvert.bench.Knocks.Door;
import io.culvert.bench.Knocks.Seen;
import io.culvert.bench.PortWatch.Closing;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * 10,000 tunnels on one server through {@code /api/v1}: creates one by one and in bulk, pages of the list, renewals, memory, a restart after
 * {@code kill -9}, and how late leases end, once spread over ten seconds and once all at one instant. One run takes two to three minutes.
 */
public final class TenThousand {
    private static final int TUNNELS = 10_000;
    /** What a Java that has just started is asked for first, and what it is asked for once it has compiled what that needs. */
    private static final int FIRST_CREATES = 1_000;

    private static final int CREATES_BETWEEN = 5_000;
    /** Until this Java has compiled what its own calls need. */
    private static final int WARM_CREATES = 5_000;

    private static final int LATER_CREATES = 1_000;
    private static final int BULK = 500;
    private static final int THREADS = 8;
    private static final int PAGE = 100;
    private static final int KNOCKED = 20;
    private static final double MIB = 1 << 20;
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final Duration SPREAD = Duration.ofSeconds(10);
    private static final Duration LATEST = Duration.ofMillis(100);
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final List<Report.Aim> AIMS = List.of(
            Report.Aim.atLeast("the first 1,000: creates", 1000),
            Report.Aim.atLeast("the first 7,000: creates", 1000),
            Report.Aim.atLeast("behind 6,000: creates", 1000),
            Report.Aim.atLeast("bulk creates of " + BULK, 1000),
            Report.Aim.atMost("resident memory of a tunnel", 20),
            Report.Aim.atMost("start after kill -9, to its ready line", 3000));

    private final Path jar;
    private final Report report = new Report(System.out::print);
    private final HttpClient http = HttpClient.newHttpClient();

    private TenThousand(Path jar) {
        this.jar = jar;
    }

    /** Measures and prints; {@code --jar FILE} names the server. */
    public static void main(String[] args) throws IOException {
        if (args.length != 2 || !args[0].equals("--jar") || !Files.isRegularFile(Path.of(args[1]))) {
            System.err.println("usage: TenThousand --jar FILE (expected: culvert.jar, which './dev build' makes)");
            System.exit(2);
            return;
        }
        TenThousand bench = new TenThousand(Path.of(args[1]));
        Path directory = Files.createTempDirectory("culvert-bench");
        try {
            bench.warm(Files.createDirectory(directory.resolve("warm")));
            bench.run(Files.createDirectory(directory.resolve("server")));
        } finally {
            delete(directory);
        }
    }

    /** With a server that nothing is measured of, so that what is slow about the first calls to the next one is that server's. */
    private void warm(Path directory) throws IOException {
        try (ServerProcess server = start(directory)) {
            Calls unused = creates(server, tunnel(Duration.ofHours(1)), WARM_CREATES);
        }
    }

    private void run(Path directory) throws IOException {
        try (ServerProcess server = start(directory)) {
            server.rest();
            long before = server.resident();
            createAll(server);
            report.add("resident memory of a tunnel", (server.resident() - before) / 1024.0 / TUNNELS, "KiB");
            report.add("resident memory with all tunnels", server.resident() / MIB, "MiB");
            pages(server);
            renewals(server);
            server.kill();
        }
        try (ServerProcess server = start(directory)) {
            report.add(
                    "start after kill -9, to its ready line", server.startTime().toNanos() / 1e6, "ms");
            long listed = count(server);
            if (listed != TUNNELS) {
                throw new IOException(listed + " tunnels are back (expected: " + TUNNELS + ")");
            }
            removeAll(server);
            endings(server, "deadlines spread over 10 s", SPREAD);
            endings(server, "all at one instant", Duration.ZERO);
        }
        System.out.print(report.aims(AIMS));
    }

    private ServerProcess start(Path directory) throws IOException {
        return ServerProcess.start(jar, directory, "512m");
    }

    // ---- calls
    // -------------------------------------------------------------------------------------------------------------------------

    private void createAll(ServerProcess server) throws IOException {
        ObjectNode one = tunnel(Duration.ofHours(1));
        Calls first = creates(server, one, FIRST_CREATES);
        tell("the first 1,000: create", first);
        Calls between = creates(server, one, CREATES_BETWEEN);
        Calls later = creates(server, one, LATER_CREATES);
        tell("behind 6,000: create", later);
        int singly = first.count() + between.count() + later.count();
        Duration wall = first.wall().plus(between.wall()).plus(later.wall());
        report.add("the first 7,000: creates", singly / (wall.toNanos() / 1e9), "a second");
        int left = TUNNELS - singly;
        Calls bulk = Calls.make(2, left / BULK, index -> bulkCreate(server, repeat(one, BULK)));
        report.add("bulk creates of " + BULK, bulk.perSecond() * BULK, "tunnels a second");
    }

    /** One by one. */
    private Calls creates(ServerProcess server, ObjectNode one, int count) throws IOException {
        return Calls.make(THREADS, count, index -> call(server, "POST", "/tunnels", one));
    }

    private void pages(ServerProcess server) throws IOException {
        List<Long> nanos = new ArrayList<>();
        for (int round = 0; round < 5; round++) {
            String cursor = "";
            do {
                long begin = System.nanoTime();
                JsonNode page = call(server, "GET", "/tunnels?limit=" + PAGE + cursor, null);
                nanos.add(System.nanoTime() - begin);
                JsonNode next = page.path("next_cursor");
                cursor = next.isTextual() ? "&cursor=" + next.textValue() : "";
            } while (!cursor.isEmpty());
        }
        Durations each = new Durations(nanos.stream().mapToLong(Long::longValue).toArray());
        report.add("list, a page of " + PAGE + ", half of all within", each.millis(0.5), "ms");
        report.add("list, a page of " + PAGE + ", 99 % of all within", each.millis(0.99), "ms");
    }

    private void renewals(ServerProcess server) throws IOException {
        tell(
                "renewal",
                Calls.make(
                        THREADS, TUNNELS, index -> call(server, "POST", "/tunnels/" + (index + 1) + "/renew", null)));
        Calls bulk = Calls.make(2, TUNNELS / BULK, index -> {
            ArrayNode ids = JSON.createArrayNode();
            for (int i = 1; i <= BULK; i++) {
                ids.add((long) index * BULK + i);
            }
            call(server, "POST", "/tunnels/bulk-renew", JSON.createObjectNode().set("ids", ids));
        });
        report.add("bulk renewals of " + BULK, bulk.perSecond() * BULK, "tunnels a second");
    }

    private void removeAll(ServerProcess server) throws IOException {
        for (int first = 1; first <= TUNNELS; first += BULK) {
            ArrayNode ids = JSON.createArrayNode();
            for (int id = first; id < first + BULK; id++) {
                ids.add(id);
            }
            call(server, "POST", "/tunnels/bulk-delete", JSON.createObjectNode().set("ids", ids));
        }
    }

    // ---- leases
    // ------------------------------------------------------------------------------------------------------------------------

    private void endings(ServerProcess server, String how, Duration spread) throws IOException {
        // Far enough ahead for all to be created, and for the API's own clock to be the one that counts.
        Instant common = Instant.now().plusSeconds(40).truncatedTo(ChronoUnit.SECONDS);
        AtomicReferenceArray<long[]> deadlines = new AtomicReferenceArray<>(65_536);
        BitSet ports = new BitSet(65_536);
        long begin = System.nanoTime();
        for (int first = 0; first < TUNNELS; first += BULK) {
            ArrayNode wanted = JSON.createArrayNode();
            List<Long> ends = new ArrayList<>();
            for (int index = first; index < first + BULK; index++) {
                Instant end = common.plusMillis(spread.toMillis() * index / TUNNELS);
                ends.add(PortWatch.nanos(end));
                ObjectNode tunnel = tunnel(Duration.ofHours(1));
                ((ObjectNode) tunnel.get("lease")).put("expires_at", end.toString());
                wanted.add(tunnel);
            }
            List<Integer> opened = bulkCreate(server, wanted);
            for (int i = 0; i < opened.size(); i++) {
                deadlines.set(opened.get(i), new long[] {ends.get(i)});
                ports.set(opened.get(i));
            }
        }
        report.add(
                how + ": created before, in bulk, four of five on ports at rest",
                TUNNELS / ((System.nanoTime() - begin) / 1e9),
                "tunnels a second");
        if (Instant.now().isAfter(common.minusSeconds(2))) {
            throw new IOException("creating took too long (expected: 38 s at most)");
        }
        while (Instant.now().isBefore(common.minusSeconds(1))) {
            LockSupport.parkNanos(10_000_000);
        }
        if (spread.isZero()) {
            byTheTable(how, ports, deadlines);
        } else {
            byKnocking(how, ports, deadlines);
        }
    }

    /** Of each of them, by the kernel's table. */
    private void byTheTable(String how, BitSet ports, AtomicReferenceArray<long[]> deadlines) throws IOException {
        Map<Integer, Closing> closings = new PortWatch().untilClosed(ports, PATIENCE);
        long[] late = new long[TUNNELS];
        long[] sure = new long[TUNNELS];
        int at = 0;
        for (Map.Entry<Integer, Closing> closing : closings.entrySet()) {
            long deadline = deadlines.get(closing.getKey())[0];
            late[at] = closing.getValue().missed() - deadline;
            sure[at++] = closing.getValue().seen() - deadline;
        }
        tell(how + ": closed after the deadline", new Durations(late), new Durations(sure));
    }

    /** Of each {@value #KNOCKED}th, at its door. */
    private void byKnocking(String how, BitSet ports, AtomicReferenceArray<long[]> deadlines) throws IOException {
        List<Door> doors = new ArrayList<>();
        int count = 0;
        for (int port = ports.nextSetBit(0); port >= 0; port = ports.nextSetBit(port + 1)) {
            if (count++ % KNOCKED == 0) {
                doors.add(new Door(port, deadlines.get(port)[0]));
            }
        }
        List<Seen> seen = Knocks.untilShut(doors, PATIENCE);
        tell(
                how + ": each " + KNOCKED + "th closed to a visitor after the deadline",
                new Durations(seen.stream().mapToLong(Seen::shut).toArray()),
                new Durations(seen.stream().mapToLong(Seen::open).toArray()));
        // Those behind the last that was knocked at have as long as any.
        long last =
                ports.stream().mapToLong(port -> deadlines.get(port)[0]).max().orElseThrow();
        while (PortWatch.nanos(Instant.now()) - last < LATEST.toNanos()) {
            LockSupport.parkNanos(1_000_000);
        }
        BitSet left = new PortWatch().stillThere(ports);
        if (!left.isEmpty()) {
            throw new IOException(
                    "ports are still open " + LATEST.toMillis() + " ms behind the last deadline: " + left);
        }
    }

    private void tell(String what, Durations late, Durations open) {
        report.add(what + ", half of all within", late.millis(0.5), "ms");
        report.add(what + ", 99 % of all within", late.millis(0.99), "ms");
        report.add(what + ", all within", late.mostMillis(), "ms");
        report.add(what + ", as the last look that saw one open", open.mostMillis(), "ms");
    }

    // ---- the API
    // -----------------------------------------------------------------------------------------------------------------------

    private static ObjectNode tunnel(Duration ttl) {
        ObjectNode tunnel = JSON.createObjectNode();
        tunnel.putArray("exposes").addObject().put("target", "127.0.0.1:9");
        tunnel.putObject("lease").put("ttl_seconds", ttl.toSeconds());
        return tunnel;
    }

    private static ArrayNode repeat(ObjectNode one, int times) {
        ArrayNode all = JSON.createArrayNode();
        for (int i = 0; i < times; i++) {
            all.add(one);
        }
        return all;
    }

    /** Creates all of them; the ports they were given, in order. */
    private List<Integer> bulkCreate(ServerProcess server, ArrayNode tunnels) throws IOException {
        JsonNode answer = call(
                server, "POST", "/tunnels/bulk-create", JSON.createObjectNode().set("tunnels", tunnels));
        List<Integer> ports = new ArrayList<>();
        for (JsonNode result : answer.path("results")) {
            JsonNode port = result.path("tunnel").path("exposes").path(0).path("port");
            if (!port.isInt()) {
                throw new IOException("a tunnel was not created: " + result);
            }
            ports.add(port.intValue());
        }
        return ports;
    }

    private long count(ServerProcess server) throws IOException {
        return call(server, "GET", "/server", null)
                .path("counts")
                .path("tunnels")
                .asLong();
    }

    private JsonNode call(ServerProcess server, String method, String path, @Nullable JsonNode body)
            throws IOException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server.http() + "/api/v1" + path))
                .header("Authorization", "Bearer " + server.key())
                .timeout(PATIENCE)
                .method(
                        method,
                        body == null
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(body.toString()));
        if (body != null) {
            request.header("Content-Type", "application/json");
        }
        try {
            HttpResponse<String> answer = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() / 100 != 2) {
                throw new IOException(method + " " + path + ": " + answer.statusCode() + " " + answer.body());
            }
            return JSON.readTree(answer.body());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while " + path + " was called", e);
        }
    }

    private void tell(String what, Calls calls) {
        report.add(what + "s", calls.perSecond(), "a second");
        report.add(what + ", half of all within", calls.each().millis(0.5), "ms");
        report.add(what + ", 99 % of all within", calls.each().millis(0.99), "ms");
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> paths = Files.walk(directory)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
