package io.culvert.control;

/** No tunnel has this number that the caller may know of. */
public final class NoSuchTunnelException extends ControlException {
    /** Where it had to be a living one. */
    public NoSuchTunnelException(long id) {
        this(id, "a living tunnel");
    }

    private NoSuchTunnelException(long id, String which) {
        super("id: " + id + " (expected: the number of " + which + ")");
    }

    /** Where one would have done that ended within the last day. */
    public static NoSuchTunnelException evenEnded(long id) {
        return new NoSuchTunnelException(id, "a tunnel that lives or ended within the last day");
    }
}
