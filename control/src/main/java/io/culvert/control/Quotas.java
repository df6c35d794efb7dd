package io.culvert.control;

import java.util.Set;

/**
 * What a project may have at most. Zero is no bound. Immutable, any thread.
 *
 * @param tunnels living at a time
 * @param ports held at a time: exposes, bridge ports and reservations
 * @param sessions connected agents at a time
 * @param connections open ones of visitors at a time, UDP flows among them
 * @param bytesPerMonth both ways together, in a month of the calendar in UTC
 * @param pools that ports may be picked from; empty for every pool
 */
public record Quotas(int tunnels, int ports, int sessions, int connections, long bytesPerMonth, Set<String> pools) {
    /** No bound at all. */
    public static final Quotas NONE = new Quotas(0, 0, 0, 0, 0, Set.of());

    public Quotas {
        pools = Set.copyOf(pools);
        if (tunnels < 0 || ports < 0 || sessions < 0 || connections < 0 || bytesPerMonth < 0) {
            throw new IllegalArgumentException("quotas: below zero (expected: 0 for no bound, or more)");
        }
    }
}
