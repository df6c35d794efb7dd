package io.culvert.control;

/** The database does not answer, or the server cannot take a change at this moment: changes are refused, living tunnels go on. */
public final class StoreUnavailableException extends ControlException {
    /** A change that was refused for the moment, for the reason given. */
    public StoreUnavailableException(String message) {
        super(message);
    }

    public StoreUnavailableException(Throwable cause) {
        super("the store does not answer; nothing was changed, try again", cause);
    }
}
