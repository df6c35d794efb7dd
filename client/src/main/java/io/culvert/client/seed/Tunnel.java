package io.culvert.client.seed;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * A living tunnel as the server saw it when it answered. Immutable, any thread.
 *
 * @param bridgePort where its stock goproxy agents connect
 * @param ttl the time from one heartbeat to the end; zero or less never ends
 * @param lastHeartbeat by the server's clock
 * @param sinceHeartbeat how long ago that was
 * @param sessions connected sessions of agents
 * @param visitors open visitor connections
 * @param bytesIn bytes from visitors since the server started
 * @param bytesOut bytes to visitors, likewise
 * @param compress true where its stock agents run with {@code -c}
 * @param bridgeTls false where its bridge port is bare TCP
 * @param datagramsDropped since the server started
 * @param agentPort where Culvert's own agents connect
 */
public record Tunnel(
        long id,
        List<Expose> exposes,
        int bridgePort,
        String comment,
        Duration ttl,
        Instant lastHeartbeat,
        Duration sinceHeartbeat,
        int sessions,
        int visitors,
        long bytesIn,
        long bytesOut,
        boolean compress,
        boolean bridgeTls,
        long datagramsDropped,
        int agentPort) {
    public Tunnel {
        exposes = List.copyOf(exposes);
    }
}
