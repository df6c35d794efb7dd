package io.culvert.gateway;

import java.util.List;

/**
 * A tunnel whose ports are bound. Immutable, any thread.
 *
 * @param ports the real port of each expose, in the order of the {@link TunnelSpec}
 * @param bridgePort where the tunnel's stock agents connect: its own bridge port, or the server's where it has none
 */
public record OpenTunnel(long id, List<Integer> ports, int bridgePort) {
    public OpenTunnel {
        ports = List.copyOf(ports);
    }
}
