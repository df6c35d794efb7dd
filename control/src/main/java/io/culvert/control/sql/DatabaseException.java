package io.culvert.control.sql;

/** The PostgreSQL database cannot be used: the message says why and never holds a password. Nothing in it was deleted. */
public final class DatabaseException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    DatabaseException(String message, Throwable cause) {
        super(message, cause);
    }
}
