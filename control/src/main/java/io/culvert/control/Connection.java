package io.culvert.control;

import java.time.Duration;
import java.time.Instant;

/**
 * An open connection of a visitor, or a UDP flow. A snapshot, any thread.
 *
 * @param id names it within this server process
 * @param expose which of the tunnel's exposes, from 0
 * @param visitor the visitor's address, for instance {@code 203.0.113.9:51234}
 * @param target {@code host:port}
 * @param session the {@link Session#id} that carries it
 * @param quiet since its last byte either way
 */
public record Connection(
        long id,
        int expose,
        Protocol protocol,
        String visitor,
        String target,
        long session,
        Instant since,
        Duration quiet,
        long bytesIn,
        long bytesOut) {}
