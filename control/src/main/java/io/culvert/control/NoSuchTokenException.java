package io.culvert.control;

/** A tunnel has no such join token. */
public final class NoSuchTokenException extends ControlException {
    private static final long serialVersionUID = 1L;

    /** Names both. */
    public NoSuchTokenException(long tunnel, String token) {
        super("token: " + token + " (expected: one of tunnel " + tunnel + ")");
    }
}
