package io.culvert.control;

/**
 * A public port that is kept for tunnels of one name. Immutable, any thread.
 *
 * @param port 1 to 65535
 * @param name the name of the tunnels that get it
 * @param owner the {@link Caller#name} that reserved it
 */
public record Reservation(Protocol protocol, int port, String name, String owner) {}
