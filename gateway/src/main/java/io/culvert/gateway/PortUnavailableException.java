package io.culvert.gateway;

/** A port could not be bound, or no port of the range is free. */
public final class PortUnavailableException extends RuntimeException {
    private final int port;

    /**
     * @param port the port asked for; 0 where any free one would have done
     * @param message names the port or range, and why it is not to be had
     */
    public PortUnavailableException(int port, String message) {
        super(message);
        this.port = port;
    }

    /** The port asked for; 0 where any free one would have done. */
    public int port() {
        return port;
    }
}
