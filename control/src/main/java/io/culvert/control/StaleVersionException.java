package io.culvert.control;

/** The tunnel was changed since the caller looked at it. */
public final class StaleVersionException extends ControlException {
    /** Names both versions. */
    public StaleVersionException(long tunnel, long expected, long actual) {
        super("tunnel " + tunnel + ": version " + expected + " was given, it is at version " + actual
                + " now; read it again");
    }
}
