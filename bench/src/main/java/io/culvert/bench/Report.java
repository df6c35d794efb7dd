package io.culvert.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** What was measured, in the order in which it was. One thread. */
final class Report {
    private static final String HEAD = "| measured | value |\n|---|---|\n";

    private final List<Line> lines = new ArrayList<>();
    private final Consumer<String> told;

    /** One that is read when all is measured. */
    Report() {
        this(text -> {});
    }

    /**
     * One whose table is told as it grows: what was measured is not lost where a later part fails.
     *
     * @param told of the head now, and of each row as it is added
     */
    Report(Consumer<String> told) {
        this.told = told;
        told.accept(HEAD);
    }

    /**
     * One figure.
     *
     * @param unit empty for a plain number
     */
    record Line(String name, double value, String unit) {}

    /** Adds a figure; names do not repeat. */
    void add(String name, double value, String unit) {
        if (lines.stream().anyMatch(line -> line.name().equals(name))) {
            throw new IllegalArgumentException(
                    "name: '" + name + "' is there already (expected: names that do not repeat)");
        }
        Line line = new Line(name, value, unit);
        lines.add(line);
        told.accept(row(line));
    }

    /** A figure that was added. */
    double value(String name) {
        return line(name).value();
    }

    private Line line(String name) {
        return lines.stream()
                .filter(line -> line.name().equals(name))
                .findFirst()
                .orElseThrow(
                        () -> new IllegalArgumentException("name: '" + name + "' (expected: one of " + names() + ")"));
    }

    private List<String> names() {
        return lines.stream().map(Line::name).toList();
    }

    /** A table in Markdown. */
    String table() {
        return HEAD + lines.stream().map(Report::row).collect(Collectors.joining());
    }

    /** What was aimed at for a figure before it was measured; bounds included. */
    record Aim(String name, boolean least, double bound) {
        static Aim atLeast(String name, double bound) {
            return new Aim(name, true, bound);
        }

        static Aim atMost(String name, double bound) {
            return new Aim(name, false, bound);
        }

        boolean reached(double value) {
            return least ? value >= bound : value <= bound;
        }
    }

    /** A table in Markdown of what was aimed at and what came of it. */
    String aims(List<Aim> aims) {
        StringBuilder table = new StringBuilder("\nWhat was aimed at, before anything was measured:\n\n")
                .append("| measured | aimed at | value | reached |\n|---|---|---|---|\n");
        for (Aim aim : aims) {
            Line line = line(aim.name());
            table.append("| ").append(line.name()).append(" | ").append(aim.least() ? "at least " : "at most ");
            table.append(amount(aim.bound(), line.unit())).append(" | ").append(amount(line.value(), line.unit()));
            table.append(aim.reached(line.value()) ? " | yes |\n" : " | **no** |\n");
        }
        return table.toString();
    }

    private static String row(Line line) {
        return "| " + line.name() + " | " + amount(line.value(), line.unit()) + " |\n";
    }

    private static String amount(double value, String unit) {
        return String.format(Locale.ROOT, digits(value), value) + (unit.isEmpty() ? "" : " " + unit);
    }

    /** The same as a JSON object of objects with {@code value} and {@code unit}. */
    String json() {
        ObjectNode root = new ObjectMapper().createObjectNode();
        for (Line line : lines) {
            root.putObject(line.name()).put("value", line.value()).put("unit", line.unit());
        }
        return root.toPrettyString();
    }

    /** Three digits that tell something, and no more than there are. */
    private static String digits(double value) {
        double size = Math.abs(value);
        if (size == Math.rint(size) || size >= 100) {
            return "%,.0f";
        }
        return size >= 10 ? "%.1f" : "%.2f";
    }
}
