package io.culvert.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;

/**
 * What {@link ManyTunnels} is told. Immutable, any thread.
 *
 * @param jar the server's {@code culvert.jar}
 * @param tunnels how many, 1 to 9000
 * @param threads callers of the API, 1 to 64
 * @param lead from the first create to the deadline that all leases have in common, 1 s to 10 min
 * @param maxHeap of the server, as {@code -Xmx} takes it
 * @param json true where the result is printed as JSON
 */
record ManyTunnelsSettings(Path jar, int tunnels, int threads, Duration lead, String maxHeap, boolean json) {
    static final String USAGE =
            "usage: ManyTunnels [--jar FILE] [--tunnels N] [--threads N] [--lead SECONDS] [--heap SIZE] [--json]";

    ManyTunnelsSettings {
        require("tunnels", tunnels, 1, 9000);
        require("threads", threads, 1, 64);
        require("lead", lead.toSeconds(), 1, 600);
        if (!maxHeap.matches("[1-9][0-9]*[kmg]")) {
            throw new IllegalArgumentException("heap: '" + maxHeap + "' (expected: a size, as 256m)");
        }
        if (!Files.isRegularFile(jar)) {
            throw new IllegalArgumentException("jar: '" + jar + "' (expected: culvert.jar, which './dev build' makes)");
        }
    }

    /**
     * Reads a command line. Where nothing is said: 2,000 tunnels, 8 threads, 15 s, 256 MiB, the jar of the working directory's build.
     *
     * @throws IllegalArgumentException with a message for whoever typed it
     */
    static ManyTunnelsSettings parse(List<String> args) {
        Path jar = Path.of("app", "target", "culvert.jar");
        int tunnels = 2000;
        int threads = 8;
        int lead = 15;
        String heap = "256m";
        boolean json = false;
        for (Iterator<String> rest = args.iterator(); rest.hasNext(); ) {
            String name = rest.next();
            switch (name) {
                case "--jar" -> jar = Path.of(value(name, rest));
                case "--tunnels" -> tunnels = number(name, value(name, rest));
                case "--threads" -> threads = number(name, value(name, rest));
                case "--lead" -> lead = number(name, value(name, rest));
                case "--heap" -> heap = value(name, rest);
                case "--json" -> json = true;
                default -> throw new IllegalArgumentException("'" + name + "': no such argument");
            }
        }
        return new ManyTunnelsSettings(jar, tunnels, threads, Duration.ofSeconds(lead), heap, json);
    }

    private static String value(String name, Iterator<String> rest) {
        if (!rest.hasNext()) {
            throw new IllegalArgumentException(name + ": nothing behind it (expected: a value)");
        }
        return rest.next();
    }

    private static int number(String name, String value) {
        try {
            return Integer.parseInt(value);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(name + ": '" + value + "' (expected: a whole number)", e);
        }
    }

    private static void require(String name, long value, long least, long most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: " + least + " to " + most + ")");
        }
    }
}
