package io.culvert.control;

/** A value that cannot be: the message names the field, the value and what was expected. */
public final class InvalidRequestException extends ControlException {
    private final String field;
    private final String value;
    private final String expected;

    /**
     * @param field what the API calls it, for instance {@code policies.allow[3]}
     * @param value as it was given; never a secret
     */
    public InvalidRequestException(String field, String value, String expected) {
        super(field + ": '" + value + "' (expected: " + expected + ")");
        this.field = field;
        this.value = value;
        this.expected = expected;
    }

    /** What the API calls it. */
    public String field() {
        return field;
    }

    /** The value that was given. */
    public String value() {
        return value;
    }

    /** What would have been taken. */
    public String expected() {
        return expected;
    }
}
