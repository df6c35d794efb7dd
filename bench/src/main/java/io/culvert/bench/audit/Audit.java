package io.culvert.bench.audit;

import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Holds the bill of materials of {@code culvert.jar} against the list that we keep, and against osv.dev where that can be reached. That it could
 * not be reached is told by an exit code of its own: nobody is to take silence for a pass. One thread.
 */
public final class Audit {
    /** Nothing is known, and everybody was asked. */
    static final int CLEAN = 0;
    /** Something is known. */
    static final int HOLES = 1;
    /** It could not be done at all. */
    static final int BROKEN = 2;
    /** Our own list knows nothing; the database was not reached. */
    static final int UNASKED = 3;

    private static final URI OSV = URI.create("https://api.osv.dev");
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private Audit() {}

    /** Arguments: the bill of materials, the list of advisories, and the address of the database where it is another one. */
    public static void main(String[] words) throws InterruptedException {
        if (words.length < 2 || words.length > 3) {
            System.err.println("audit: " + words.length + " arguments (expected: SBOM ADVISORIES [OSV_URL])");
            System.exit(BROKEN);
        }
        URI osv = words.length == 3 ? URI.create(words[2]) : OSV;
        System.exit(run(Path.of(words[0]), Path.of(words[1]), osv, PATIENCE, System.out));
    }

    static int run(Path sbom, Path list, URI database, Duration patience, PrintStream out) throws InterruptedException {
        List<Component> components;
        List<Advisory> advisories;
        Tally tally;
        try {
            components = Component.of(sbom);
            advisories = Advisory.read(list);
            tally = new Tally(Advisory.accepted(list), out);
        } catch (IOException e) {
            out.println("audit: " + e.getMessage());
            return BROKEN;
        }
        for (Component component : components) {
            advisories.stream()
                    .filter(advisory -> advisory.concerns(component))
                    .forEach(advisory -> tally.count(
                            component, advisory.id(), "good from " + advisory.good() + ": " + advisory.what()));
        }
        Optional<IOException> silence = Optional.empty();
        try {
            new Osv(database, patience)
                    .holes(components)
                    .forEach((component, ids) -> ids.forEach(id -> tally.count(component, id, "says " + database)));
        } catch (IOException e) {
            silence = Optional.of(e);
        }
        out.println("audit: " + components.size() + " libraries, " + tally.holes + " known holes, by our own list of "
                + advisories.size()
                + silence.map(e -> " ALONE: " + database + " was NOT asked: " + e)
                        .orElse(" and by " + database));
        return tally.holes > 0 ? HOLES : silence.isPresent() ? UNASKED : CLEAN;
    }

    /** What was found so far. */
    private static final class Tally {
        private final Map<String, String> accepted;
        private final PrintStream out;
        private int holes;

        Tally(Map<String, String> accepted, PrintStream out) {
            this.accepted = accepted;
            this.out = out;
        }

        void count(Component component, String id, String what) {
            if (accepted.containsKey(id)) {
                out.println(component + ": " + id + " does not concern us: " + accepted.get(id));
            } else {
                holes++;
                out.println(component + ": " + id + ", " + what);
            }
        }
    }
}
