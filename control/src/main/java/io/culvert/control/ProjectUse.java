package io.culvert.control;

import java.util.HashMap;
import java.util.Map;

/** What projects have at the moment, counted as it comes and goes. Control thread only. */
final class ProjectUse {
    private final Map<String, Count> counts = new HashMap<>();

    private static final class Count {
        private int tunnels;
        private int ports;
        private int sessions;
    }

    void add(LivingTunnel tunnel) {
        Count count = count(tunnel);
        count.tunnels++;
        count.ports += tunnel.stored().portCount();
        count.sessions += tunnel.sessions;
    }

    void drop(LivingTunnel tunnel) {
        Count count = count(tunnel);
        count.tunnels--;
        count.ports -= tunnel.stored().portCount();
        count.sessions -= tunnel.sessions;
        if (count.tunnels == 0) {
            counts.remove(tunnel.stored().project());
        }
    }

    /** A living tunnel has so many sessions now. */
    void sessions(LivingTunnel tunnel, int now) {
        count(tunnel).sessions += now - tunnel.sessions;
        tunnel.sessions = now;
    }

    /** Living tunnels of a project. */
    int tunnels(String project) {
        return of(project).tunnels;
    }

    /** Ports that its tunnels hold. */
    int ports(String project) {
        return of(project).ports;
    }

    /** Agents that are connected. */
    int sessions(String project) {
        return of(project).sessions;
    }

    private Count count(LivingTunnel tunnel) {
        return counts.computeIfAbsent(tunnel.stored().project(), project -> new Count());
    }

    private Count of(String project) {
        Count count = counts.get(project);
        return count == null ? new Count() : count;
    }
}
