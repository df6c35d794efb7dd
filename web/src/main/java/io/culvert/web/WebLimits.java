package io.culvert.web;

import java.time.Duration;

/**
 * What one server takes from its callers. Immutable, any thread.
 *
 * @param maxBody longest body that is read, in bytes, at least 1
 * @param maxConnections connections at the same time, at least 1; further ones are closed at once
 * @param maxPerAddress the same for connections from one address, at least 1
 * @param idle a connection on which nothing moves for this long is closed, at least 1 ms
 * @param head how long a connection may take to say the whole head of its next request, at least 1 ms
 * @param request how long a request may take from its head to its answer, at least 1 ms
 * @param maxUnsent what long answers may hold in memory that have not left yet, all connections together, in bytes, at least 1; further ones are refused
 */
public record WebLimits(
        int maxBody,
        int maxConnections,
        int maxPerAddress,
        Duration idle,
        Duration head,
        Duration request,
        long maxUnsent) {
    // While one is made it takes several times its length, and visitors and leases need the rest.
    private static final int PART_OF_MEMORY = 8;

    public WebLimits {
        if (maxBody < 1) {
            throw new IllegalArgumentException("maxBody: " + maxBody + " (expected: >= 1)");
        }
        if (maxConnections < 1) {
            throw new IllegalArgumentException("maxConnections: " + maxConnections + " (expected: >= 1)");
        }
        if (maxPerAddress < 1) {
            throw new IllegalArgumentException("maxPerAddress: " + maxPerAddress + " (expected: >= 1)");
        }
        atLeastOneMilli("idle", idle);
        atLeastOneMilli("head", head);
        atLeastOneMilli("request", request);
        if (maxUnsent < 1) {
            throw new IllegalArgumentException("maxUnsent: " + maxUnsent + " (expected: >= 1)");
        }
    }

    /** With an eighth of this machine's Java heap for answers that have not left yet. */
    public WebLimits(
            int maxBody, int maxConnections, int maxPerAddress, Duration idle, Duration head, Duration request) {
        this(
                maxBody,
                maxConnections,
                maxPerAddress,
                idle,
                head,
                request,
                Math.max(1, Runtime.getRuntime().maxMemory() / PART_OF_MEMORY));
    }

    /**
     * 64 KiB, 1,024 connections, 256 of them from one address, 60 s idle, 10 s for a head (and so between requests), 30 s for a request, an eighth of the heap
     * for answers that have not left yet.
     */
    public static WebLimits defaults() {
        return new WebLimits(
                65_536, 1_024, 256, Duration.ofSeconds(60), Duration.ofSeconds(10), Duration.ofSeconds(30));
    }

    /** The same with another bound for one address. */
    public WebLimits withMaxPerAddress(int most) {
        return new WebLimits(maxBody, maxConnections, most, idle, head, request, maxUnsent);
    }

    /** The same with so many connections at most, and a quarter of them from one address, where that is less. */
    public WebLimits within(int connections) {
        return connections >= maxConnections
                ? this
                : new WebLimits(
                        maxBody,
                        connections,
                        Math.min(maxPerAddress, Math.max(1, connections / 4)),
                        idle,
                        head,
                        request,
                        maxUnsent);
    }

    /** The same with another bound for answers that have not left yet. */
    public WebLimits withMaxUnsent(long most) {
        return new WebLimits(maxBody, maxConnections, maxPerAddress, idle, head, request, most);
    }

    private static void atLeastOneMilli(String name, Duration value) {
        if (value.toMillis() < 1) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: >= 1 ms)");
        }
    }
}
