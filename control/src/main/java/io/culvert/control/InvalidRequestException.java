package io.culvert.control;

/** A value that cannot be: the message names the field, the value and what was expected. */
public final class InvalidRequestException extends ControlException {
    public InvalidRequestException(String field, String value, String expected) {
        super(field + ": '" + value + "' (expected: " + expected + ")");
    }
}
