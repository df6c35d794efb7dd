package io.culvert.app;

/** A server did not come up; its message names what stood in the way, and whatever had been started is stopped again. */
public final class StartException extends Exception {
    private static final long serialVersionUID = 1L;

    StartException(String message, Throwable cause) {
        super(message, cause);
    }
}
