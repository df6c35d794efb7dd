package io.culvert.app.remote;

import io.culvert.app.process.Humane;
import io.culvert.app.process.Terminal;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Rows of text in columns as wide as their widest cell. On a terminal the last column gives way where a line does not fit. One thread.
 */
final class Table {
    private static final int GAP = 2;
    private static final int LEAST = 8;

    private final List<String> heads = new ArrayList<>();
    private final List<Boolean> numbers = new ArrayList<>();
    private final List<List<String>> rows = new ArrayList<>();

    /** @param columns their heads; one that begins with {@code >} is of numbers, which stand at its right */
    Table(String... columns) {
        for (String column : columns) {
            numbers.add(column.startsWith(">"));
            heads.add(column.startsWith(">") ? column.substring(1) : column);
        }
    }

    /** Adds a row; cells that are left out are empty. */
    Table row(Object... cells) {
        rows.add(IntStream.range(0, heads.size())
                .mapToObj(i -> i < cells.length ? Humane.plain(String.valueOf(cells[i])) : "")
                .toList());
        return this;
    }

    boolean isEmpty() {
        return rows.isEmpty();
    }

    /** The lines, without ends and without blanks at their ends. */
    List<String> lines(Terminal terminal) {
        List<List<String>> all = new ArrayList<>();
        all.add(heads);
        all.addAll(rows);
        List<Integer> widths = new ArrayList<>();
        for (int i = 0; i < heads.size(); i++) {
            int column = i;
            widths.add(all.stream()
                    .mapToInt(row -> Humane.columns(row.get(column)))
                    .max()
                    .orElse(0));
        }
        int last = heads.size() - 1;
        int before =
                widths.subList(0, last).stream().mapToInt(width -> width + GAP).sum();
        int room =
                terminal.width() == Integer.MAX_VALUE ? Integer.MAX_VALUE : Math.max(LEAST, terminal.width() - before);
        return all.stream().map(row -> line(row, widths, room, terminal)).toList();
    }

    private String line(List<String> row, List<Integer> widths, int room, Terminal terminal) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < row.size(); i++) {
            String cell = i == row.size() - 1 ? Humane.cut(row.get(i), room) : row.get(i);
            String blanks = " ".repeat(Math.max(0, Math.min(widths.get(i), room) - Humane.columns(cell)));
            line.append(numbers.get(i) ? blanks + cell : cell + blanks).append(" ".repeat(GAP));
        }
        String text = line.toString().stripTrailing();
        return Paint.states(text, row, heads, terminal);
    }
}
