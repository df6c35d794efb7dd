package io.culvert.gateway;

import java.time.Duration;

/**
 * An open connection of a visitor, or a UDP flow. A snapshot, any thread.
 *
 * @param id names it within this process; never used twice
 * @param expose which of the tunnel's exposes, from 0
 * @param visitor the visitor's address, for instance {@code 203.0.113.9:51234}
 * @param session the {@link LiveSession#id} that carries it
 * @param age since it was taken
 * @param quiet since its last byte either way
 */
public record LiveConnection(
        long id,
        int expose,
        Protocol protocol,
        String visitor,
        Target target,
        long session,
        Duration age,
        Duration quiet,
        long bytesIn,
        long bytesOut) {}
