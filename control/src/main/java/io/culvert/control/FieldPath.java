package io.culvert.control;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Where in a request a value stands: the names that {@code /api/v1} has for it, from the outermost, and indexes of lists. Made where a fault is
 * found, so that nobody has to guess later. Immutable, any thread.
 *
 * @param steps at least one; an index is its digits
 */
public record FieldPath(List<String> steps) {
    public FieldPath {
        steps = List.copyOf(steps);
    }

    /** A field, and those within it that lead to the one meant: {@code of("lease", "ttl_seconds")}. */
    public static FieldPath of(String... names) {
        return new FieldPath(List.of(names));
    }

    /** A field of the one that stands here. */
    public FieldPath then(String name) {
        return new FieldPath(Stream.concat(steps.stream(), Stream.of(name)).toList());
    }

    /** An entry of the list that stands here, from 0. */
    public FieldPath at(int index) {
        return then(String.valueOf(index));
    }

    /** As a JSON pointer (RFC 6901). */
    public String pointer() {
        return steps.stream()
                .map(step -> "/" + step.replace("~", "~0").replace("/", "~1"))
                .collect(Collectors.joining());
    }

    /** For people: {@code exposes.1.port}. */
    @Override
    public String toString() {
        return String.join(".", steps);
    }
}
