package io.culvert.control;

/** A value that cannot be: the message names the field, the value and what was expected. */
public final class InvalidRequestException extends ControlException {
    // Never serialized: it lives and dies within one request.
    private final transient FieldPath field;
    private final String value;
    private final String expected;

    /**
     * @param field where the value stands
     * @param value as it was given; never a secret
     */
    public InvalidRequestException(FieldPath field, String value, String expected) {
        super(field + ": '" + value + "' (expected: " + expected + ")");
        this.field = field;
        this.value = value;
        this.expected = expected;
    }

    /** @param name of a field that stands in no other */
    public InvalidRequestException(String name, String value, String expected) {
        this(FieldPath.of(name), value, expected);
    }

    /** Where the value stands. */
    public FieldPath field() {
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
