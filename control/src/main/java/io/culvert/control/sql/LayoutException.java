package io.culvert.control.sql;

/** A database does not have this version's tables, and cannot be given them. The message goes on where its name was told. */
final class LayoutException extends Exception {
    private static final long serialVersionUID = 1L;

    LayoutException(String message) {
        super(message);
    }

    LayoutException(String message, Throwable cause) {
        super(message, cause);
    }
}
