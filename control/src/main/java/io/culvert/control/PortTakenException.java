package io.culvert.control;

/** A port that was asked for is not to be had, or no free one is left. */
public final class PortTakenException extends ControlException {
    public PortTakenException(String message) {
        super(message);
    }
}
