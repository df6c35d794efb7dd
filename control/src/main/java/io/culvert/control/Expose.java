package io.culvert.control;

/**
 * One public port of a tunnel and where it leads. Immutable, any thread.
 *
 * @param targetHost dialled by the agent, inside its own network
 * @param targetPort 1 to 65535
 * @param port the public port, 1 to 65535; in a request 0 asks for a free one
 */
public record Expose(String targetHost, int targetPort, int port) {}
