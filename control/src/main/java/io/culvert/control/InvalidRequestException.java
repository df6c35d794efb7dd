package io.culvert.control;

/** A value that cannot be: the message names the field, the value and what was expected. */
public final class InvalidRequestException extends ControlException {
    private final String field;
    private final String value;
    private final String expected;

    public InvalidRequestException(String field, String value, String expected) {
        super(field + ": '" + value + "' (expected: " + expected + ")");
        this.field = field;
        this.value = value;
        this.expected = expected;
    }

    /** Which one, as the domain calls it: {@code lease.ttl}, {@code policies.allow[3]}. */
    public String field() {
        return field;
    }

    /** What was said, fit to be shown. */
    public String value() {
        return value;
    }

    /** What would be right. */
    public String expected() {
        return expected;
    }
}
