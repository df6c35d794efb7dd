package io.culvert.control.caller;

import java.util.Arrays;
import java.util.Optional;

/**
 * What an operation asks for. Each operation of the contract names one ({@code x-permission}); roles bring some, keys are cut down to some
 * (their scopes). Immutable, any thread.
 */
public enum Permission {
    /** See tunnels, their traffic, usage, connections and sessions, and their events. */
    TUNNELS_READ("tunnels:read"),
    /** Create, change, pause, probe and end tunnels; cut connections, kick sessions, hand out join tokens and bundles. */
    TUNNELS_WRITE("tunnels:write"),
    /** Renew leases, and nothing else: what a heartbeat job gets. */
    TUNNELS_RENEW("tunnels:renew"),
    /** See pools, and who holds which port. */
    PORTS_READ("ports:read"),
    /** Reserve and release ports. */
    PORTS_WRITE("ports:write"),
    /** See version, limits and counts of the server. */
    SERVER_READ("server:read"),
    /** Have webhooks, and see what they could not deliver. */
    WEBHOOKS("webhooks"),
    /** Make and revoke API keys of one's own, none of which can do more than oneself. */
    KEYS("keys"),
    /** See members of a project and all its keys, and revoke these. */
    MEMBERS("members"),
    /** Drain the server; users, projects, quotas, audit: whatever is not one project's own business. */
    ADMIN("admin");

    private final String word;

    Permission(String word) {
        this.word = word;
    }

    /** As contract, API and command line write it. */
    public String word() {
        return word;
    }

    /** Whether it is about tunnels one by one, so that it means something to a key for a single one. */
    public boolean ofTunnels() {
        return this == TUNNELS_READ || this == TUNNELS_WRITE || this == TUNNELS_RENEW;
    }

    /** The permission of this word; empty where there is none. */
    public static Optional<Permission> of(String word) {
        return Arrays.stream(values()).filter(each -> each.word.equals(word)).findFirst();
    }
}
