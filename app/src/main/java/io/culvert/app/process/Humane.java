package io.culvert.app.process;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Figures and texts as people read them. Any thread. */
public final class Humane {
    private static final List<String> UNITS = List.of("kB", "MB", "GB", "TB", "PB");
    private static final DateTimeFormatter MOMENT = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT);

    private static final Pattern UTC = Pattern.compile("\\b\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{1,9})?Z");

    private Humane() {}

    /** {@code 1824 B}, {@code 93.2 kB}, {@code 5.00 GB}: thousands, three figures. */
    public static String bytes(long bytes) {
        if (bytes < 10_000) {
            return bytes + " B";
        }
        double amount = bytes;
        int unit = -1;
        do {
            amount /= 1000;
            unit++;
        } while (amount >= 999.5 && unit < UNITS.size() - 1);
        int digits = amount < 9.995 ? 2 : amount < 99.95 ? 1 : 0;
        return String.format(Locale.ROOT, "%." + digits + "f %s", amount, UNITS.get(unit));
    }

    /** {@code 250ms}, {@code 48s}, {@code 1m 12s}, {@code 2h 3m}, {@code 3d 4h}: the two largest units. */
    public static String time(Duration time) {
        if (time.isNegative()) {
            return "-" + time(time.negated());
        }
        long seconds = time.toSeconds();
        if (seconds < 10) {
            return time.toMillisPart() == 0 ? seconds + "s" : time.toMillis() + "ms";
        }
        long days = time.toDays();
        if (days > 0) {
            return pair(days, "d", time.toHoursPart(), "h");
        }
        if (time.toHours() > 0) {
            return pair(time.toHours(), "h", time.toMinutesPart(), "m");
        }
        return time.toMinutes() > 0 ? pair(time.toMinutes(), "m", time.toSecondsPart(), "s") : seconds + "s";
    }

    private static String pair(long large, String unit, long small, String smallUnit) {
        return large + unit + (small == 0 ? "" : " " + small + smallUnit);
    }

    /** So long from now, in whole seconds. */
    public static String until(Instant moment, Instant now) {
        return time(Duration.ofSeconds(
                Math.max(0, Math.round(Duration.between(now, moment).toMillis() / 1000.0))));
    }

    /** A moment by the clock on the wall. */
    public static String moment(Instant moment) {
        return MOMENT.format(moment.atZone(ZoneId.systemDefault()));
    }

    /** What the server says, such as a state's reason: its moments, which are UTC's, by the clock on the wall, and nothing that a terminal would obey. */
    public static String said(String text) {
        return UTC.matcher(plain(text)).replaceAll(found -> local(found.group()));
    }

    private static String local(String utc) {
        try {
            return moment(Instant.parse(utc));
        } catch (DateTimeParseException e) {
            // It stands in somebody's name.
            return utc;
        }
    }

    /** A text of somebody else, without what a terminal would obey. */
    public static String plain(String text) {
        return text.codePoints()
                .map(c -> Character.isISOControl(c) || Character.getType(c) == Character.FORMAT ? '\uFFFD' : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    /** The same, and on one line. */
    public static String line(String text) {
        return plain(
                text.lines().map(String::strip).filter(line -> !line.isEmpty()).collect(Collectors.joining(" | ")));
    }

    /** How many columns of a terminal a text takes. */
    public static int columns(String text) {
        return text.codePoints().map(Humane::columns).sum();
    }

    private static int columns(int c) {
        int type = Character.getType(c);
        if (type == Character.NON_SPACING_MARK || type == Character.ENCLOSING_MARK) {
            return 0;
        }
        boolean wide = (c >= 0x1100 && c <= 0x115F)
                || (c >= 0x2E80 && c <= 0xA4CF)
                || (c >= 0xAC00 && c <= 0xD7A3)
                || (c >= 0xF900 && c <= 0xFAFF)
                || (c >= 0xFE30 && c <= 0xFE6F)
                || (c >= 0xFF00 && c <= 0xFF60)
                || (c >= 0xFFE0 && c <= 0xFFE6)
                || (c >= 0x1F300 && c <= 0x1FAFF)
                || (c >= 0x20000 && c <= 0x3FFFD);
        return wide ? 2 : 1;
    }

    /** As much of a text as fits. */
    public static String cut(String text, int columns) {
        if (columns(text) <= columns) {
            return text;
        }
        StringBuilder kept = new StringBuilder();
        int left = columns - 1;
        for (int c : text.codePoints().toArray()) {
            left -= columns(c);
            if (left < 0) {
                break;
            }
            kept.appendCodePoint(c);
        }
        return kept + "…";
    }
}
