package io.culvert.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What was measured, in the order in which it was. One thread. */
final class Report {
    private final List<Line> lines = new ArrayList<>();

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
        lines.add(new Line(name, value, unit));
    }

    /** A figure that was added. */
    double value(String name) {
        return lines.stream()
                .filter(line -> line.name().equals(name))
                .findFirst()
                .orElseThrow(
                        () -> new IllegalArgumentException("name: '" + name + "' (expected: one of " + names() + ")"))
                .value();
    }

    private List<String> names() {
        return lines.stream().map(Line::name).toList();
    }

    /** A table in Markdown. */
    String table() {
        StringBuilder table = new StringBuilder("| measured | value |\n|---|---|\n");
        for (Line line : lines) {
            String number = String.format(Locale.ROOT, digits(line.value()), line.value());
            table.append("| ").append(line.name()).append(" | ").append(number);
            table.append(line.unit().isEmpty() ? "" : " " + line.unit()).append(" |\n");
        }
        return table.toString();
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
