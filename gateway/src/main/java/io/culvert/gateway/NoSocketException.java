package io.culvert.gateway;

import java.util.Objects;

/** The system gave no socket for a port: no file descriptor is left, as a rule. Another port would have none either. */
public final class NoSocketException extends RuntimeException {
    /** @param cause what the system said */
    public NoSocketException(Throwable cause) {
        super("the system gives no socket: " + said(cause), cause);
    }

    private static String said(Throwable failure) {
        Throwable cause = failure.getCause();
        return cause == null ? Objects.requireNonNullElse(failure.getMessage(), failure.toString()) : said(cause);
    }
}
