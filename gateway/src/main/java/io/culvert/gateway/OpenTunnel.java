package io.culvert.gateway;

import java.util.List;

/**
 * A tunnel whose ports are bound. Immutable, any thread.
 *
 * @param ports the real port of each expose, in the order of the {@link TunnelSpec}
 */
public record OpenTunnel(long id, List<Integer> ports) {
    public OpenTunnel {
        ports = List.copyOf(ports);
    }
}
