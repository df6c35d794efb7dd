package io.culvert.bench.audit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A hole in a library that we know of: a line of {@code .ci/advisories.tsv}. Immutable, any thread.
 *
 * @param library as {@code group:artifact}; a star stands for any text in the name
 * @param good the first version without the hole, of the line that we use
 * @param id of the CVE or the GitHub advisory
 */
record Advisory(String library, String good, String id, String what) {
    private static final String ACCEPTED = "!\t";

    /**
     * Reads the holes.
     *
     * @throws IOException where it cannot be read, or a line is not of four fields
     */
    static List<Advisory> read(Path file) throws IOException {
        List<Advisory> list = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            if (line.isBlank() || line.startsWith("#") || line.startsWith(ACCEPTED)) {
                continue;
            }
            String[] fields = line.split("\t", -1);
            if (fields.length != 4 || fields[0].indexOf(':') < 1 || fields[1].isBlank()) {
                throw new IOException(
                        file + ": '" + line + "' (expected: GROUP:NAME, first good version, id, what; tabs between)");
            }
            list.add(new Advisory(fields[0], fields[1], fields[2], fields[3]));
        }
        return list;
    }

    /**
     * Reads the ids of holes that do not concern us, each with the reason.
     *
     * @throws IOException where it cannot be read, or a line gives no reason
     */
    static Map<String, String> accepted(Path file) throws IOException {
        Map<String, String> accepted = new HashMap<>();
        for (String line : Files.readAllLines(file)) {
            if (line.startsWith(ACCEPTED)) {
                String[] fields = line.split("\t", -1);
                if (fields.length != 3 || fields[2].isBlank()) {
                    throw new IOException(file + ": '" + line + "' (expected: !, id, reason; tabs between)");
                }
                accepted.put(fields[1], fields[2]);
            }
        }
        return accepted;
    }

    boolean concerns(Component component) {
        String pattern = Pattern.quote(library).replace("*", "\\E[^:]*\\Q");
        return component.name().matches(pattern) && isOlder(component.version(), good);
    }

    /** By the numbers in them, one after the other; what is missing is 0, what is no number says nothing. */
    static boolean isOlder(String version, String than) {
        List<Integer> ours = numbers(version);
        List<Integer> theirs = numbers(than);
        for (int i = 0; i < Math.max(ours.size(), theirs.size()); i++) {
            int difference = Integer.compare(i < ours.size() ? ours.get(i) : 0, i < theirs.size() ? theirs.get(i) : 0);
            if (difference != 0) {
                return difference < 0;
            }
        }
        return false;
    }

    private static List<Integer> numbers(String version) {
        List<Integer> numbers = new ArrayList<>();
        for (String part : version.split("[^0-9]+", -1)) {
            if (!part.isEmpty()) {
                numbers.add(part.length() > 9 ? Integer.MAX_VALUE : Integer.parseInt(part));
            }
        }
        return numbers;
    }
}
