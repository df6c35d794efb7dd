package io.culvert.gateway;

/**
 * Where a tunnel leads: the address that the agent dials inside its own network. Immutable, any thread.
 *
 * @param host a name or an address, 1 to 253 characters, resolved by the agent
 * @param port 1 to 65535
 */
public record Target(String host, int port) {
    public Target {
        if (host.isBlank() || host.length() > 253) {
            throw new IllegalArgumentException("target host: '" + host + "' (expected: 1 to 253 characters)");
        }
        if (port < 1 || port > 65535) {
            throw new IllegalArgumentException("target port: " + port + " (expected: 1 to 65535)");
        }
    }

    @Override
    public String toString() {
        return host.indexOf(':') < 0 ? host + ":" + port : "[" + host + "]:" + port;
    }
}
