package io.culvert.web.input;

/** Makes a stranger's text fit for one line of an error: short, and nothing in it that a terminal or log would obey. */
public final class Quote {
    private static final int LONGEST = 64;

    private Quote() {}

    /** The text, cut at 64 characters; what is not printable becomes {@code ?}. */
    public static String of(String text) {
        StringBuilder shown = new StringBuilder(Math.min(text.length(), LONGEST) + 1);
        text.codePoints().limit(LONGEST).map(Quote::printable).forEach(shown::appendCodePoint);
        if (text.codePointCount(0, text.length()) > LONGEST) {
            shown.append('…');
        }
        return shown.toString();
    }

    private static int printable(int point) {
        return switch (Character.getType(point)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.UNASSIGNED -> '?';
            default -> point;
        };
    }
}
