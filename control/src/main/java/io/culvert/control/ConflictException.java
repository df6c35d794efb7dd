package io.culvert.control;

/** The request does not go with what is there: a name that is taken, a key that was used for something else, a tunnel that has ended. */
public final class ConflictException extends ControlException {
    /** Names the value and what it is in conflict with. */
    public ConflictException(String message) {
        super(message);
    }
}
