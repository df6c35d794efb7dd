package io.culvert.control;

/** The database does not answer: changes are refused, living tunnels go on. */
public final class StoreUnavailableException extends ControlException {
    public StoreUnavailableException(Throwable cause) {
        super("the store does not answer; nothing was changed, try again", cause);
    }
}
