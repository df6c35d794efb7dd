package io.culvert.control;

/** No living tunnel has this number. */
public final class NoSuchTunnelException extends ControlException {
    public NoSuchTunnelException(long id) {
        super("id: " + id + " (expected: the number of a living tunnel)");
    }
}
