package io.culvert.control.sql;

/** The data directory cannot be used: the message says why and what to do. Nothing in it was changed or deleted. */
public final class DataDirectoryException extends RuntimeException {
    DataDirectoryException(String message) {
        super(message);
    }

    DataDirectoryException(String message, Throwable cause) {
        super(message, cause);
    }
}
