package io.culvert.control;

/** The project, or the server, has as much already as it may have. */
public final class QuotaException extends ControlException {
    /**
     * @param what of which: {@code tunnels}
     * @param count how many there would be
     */
    public QuotaException(String project, String what, long count, long most) {
        super("project " + project + ": " + count + " " + what + " (expected: at most " + most + ")");
    }

    /** @param count how many tunnels the server would have */
    public QuotaException(long count, long most) {
        super("server: " + count + " living tunnels (expected: at most " + most + ")");
    }
}
