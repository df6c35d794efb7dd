package io.culvert.control;

/** Nobody gets in with this. The message does not say what was wrong with it. */
public final class UnauthorizedException extends ControlException {
    /** A sign-in that failed, for whatever reason. */
    public UnauthorizedException() {
        super("not signed in (expected: the name and password of a user who may come in)");
    }

    /** @param message in words that say no more than the caller knows already */
    public UnauthorizedException(String message) {
        super(message);
    }
}
