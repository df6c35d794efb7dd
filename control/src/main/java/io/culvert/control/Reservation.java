package io.culvert.control;

/**
 * A public port that is kept for tunnels of one name in one project. Immutable, any thread.
 *
 * @param port 1 to 65535
 * @param project of the tunnels that get it
 * @param name the name of the tunnels that get it
 * @param owner the {@link Caller#owner} of who reserved it
 */
public record Reservation(Protocol protocol, int port, String project, String name, String owner) {}
