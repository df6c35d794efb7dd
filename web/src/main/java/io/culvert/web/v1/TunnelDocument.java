package io.culvert.web.v1;

import io.culvert.control.Bridge;
import io.culvert.control.CreateTunnel;
import io.culvert.control.CreatedTunnel;
import io.culvert.control.Expose;
import io.culvert.control.Lease;
import io.culvert.control.LeaseTerms;
import io.culvert.control.Policies;
import io.culvert.control.Traffic;
import io.culvert.control.Transition;
import io.culvert.control.Tunnel;
import io.culvert.control.TunnelService;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A tunnel as {@code /api/v1} shows it. Stateless, any thread. */
final class TunnelDocument {
    private TunnelDocument() {}

    static JsonObject of(Tunnel tunnel, TunnelService tunnels) {
        return new JsonObject()
                .put("id", tunnel.id())
                .put("version", tunnel.version())
                .put("name", tunnel.name().orElse(null))
                .put("labels", labels(tunnel.labels()))
                .put("comment", tunnel.comment())
                .put("project", tunnel.project())
                .put("owner", tunnel.owner())
                .put("exposes", exposes(tunnel.exposes()))
                .put("bridge", bridge(tunnel.bridge()))
                // Not the bridge port of its own, which may be without TLS.
                .put("agent_port", tunnels.bridgePort())
                .put("lease", lease(tunnel.lease()))
                .put("policies", policies(tunnel.policies()))
                .put("state", word(tunnel.status().state()))
                .put("reason", tunnel.status().reason())
                .put("since", Units.time(tunnel.status().since()))
                .put("transitions", transitions(tunnel.transitions()))
                .put("created_at", Units.time(tunnel.createdAt()))
                .put("traffic", traffic(tunnels.traffic(tunnel)));
    }

    /** What of it is set by callers, and its state: what the audit keeps. */
    static JsonObject settings(Tunnel tunnel) {
        return new JsonObject()
                .put("id", tunnel.id())
                .put("version", tunnel.version())
                .put("name", tunnel.name().orElse(null))
                .put("labels", labels(tunnel.labels()))
                .put("comment", tunnel.comment())
                .put("project", tunnel.project())
                .put("owner", tunnel.owner())
                .put("exposes", exposes(tunnel.exposes()))
                .put("bridge", bridge(tunnel.bridge()))
                .put("lease", terms(tunnel.lease().terms()))
                .put("policies", policies(tunnel.policies()))
                .put("state", word(tunnel.status().state()));
    }

    /** A tunnel together with its token, which is null where there is none to be told. */
    static JsonObject of(CreatedTunnel made, TunnelService tunnels) {
        return of(made.tunnel(), tunnels).put("join", made.join().isEmpty() ? null : made.join());
    }

    /** What would be created. */
    static JsonObject plan(CreateTunnel request, String project, String owner) {
        return new JsonObject()
                .put("name", request.name().orElse(null))
                .put("labels", labels(request.labels()))
                .put("comment", request.comment())
                .put("project", project)
                .put("owner", owner)
                .put("exposes", exposes(request.exposes()))
                .put("bridge", bridge(request.bridge()))
                .put("lease", terms(request.lease()))
                .put("policies", policies(request.policies()));
    }

    /** The name of a constant as the API says it. */
    static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    static String target(Expose expose) {
        String host = expose.targetHost();
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + expose.targetPort();
    }

    static JsonObject labels(Map<String, String> labels) {
        JsonObject object = new JsonObject();
        new TreeMap<>(labels).forEach(object::put);
        return object;
    }

    private static JsonArray exposes(List<Expose> exposes) {
        JsonArray list = new JsonArray();
        for (Expose expose : exposes) {
            list.add(new JsonObject()
                    .put("protocol", word(expose.protocol()))
                    .put("target", target(expose))
                    .put("port", expose.port())
                    .put("pool", expose.pool().orElse(null))
                    .put("bind", expose.bind().orElse(null)));
        }
        return list;
    }

    private static @Nullable JsonObject bridge(Optional<Bridge> bridge) {
        return bridge.map(own -> new JsonObject()
                        .put("port", own.port())
                        .put("tls", own.tls())
                        .put("compress", own.compress()))
                .orElse(null);
    }

    static JsonObject terms(LeaseTerms terms) {
        @Nullable Number drain = Units.secondsOrNone(terms.drain());
        JsonArray warnings = new JsonArray();
        terms.warnings().forEach(warning -> warnings.add(Units.seconds(warning)));
        return new JsonObject()
                .put("ttl_seconds", Units.secondsOrNone(terms.ttl()))
                .put("grace_seconds", Units.secondsOrNone(terms.grace()))
                .put(
                        "max_lifetime_seconds",
                        terms.maxLifetime().map(Units::seconds).orElse(null))
                .put("expires_at", Units.time(terms.expiresAt()))
                .put(
                        "on_expiry",
                        new JsonObject()
                                .put("action", drain == null ? "cut" : "drain")
                                .put("drain_seconds", drain))
                .put("renew_by", word(terms.renewBy()))
                .put("warn_before_seconds", warnings);
    }

    private static JsonObject lease(Lease lease) {
        return terms(lease.terms())
                .put("last_renewal", Units.time(lease.lastHeartbeat()))
                .put("deadline", Units.time(lease.deadline()))
                .put("ends_at", Units.time(lease.hardEnd()));
    }

    static JsonObject policies(Policies policies) {
        return new JsonObject()
                .put(
                        "visitors",
                        new JsonObject()
                                .put("allow", new JsonArray(policies.allow()))
                                .put("deny", new JsonArray(policies.deny())))
                .put(
                        "connections",
                        new JsonObject()
                                .put("most", Units.orNone(policies.connections()))
                                .put("most_per_address", Units.orNone(policies.connectionsPerAddress()))
                                .put("new_per_second", Units.orNone(policies.newPerSecond())))
                .put(
                        "bytes_per_second",
                        new JsonObject()
                                .put("in", Units.orNone(policies.bytesPerSecondIn()))
                                .put("out", Units.orNone(policies.bytesPerSecondOut()))
                                .put("connection_in", Units.orNone(policies.connectionBytesPerSecondIn()))
                                .put("connection_out", Units.orNone(policies.connectionBytesPerSecondOut())))
                .put("volume_bytes", Units.orNone(policies.volume()))
                .put("idle_seconds", Units.secondsOrNone(policies.idle()))
                .put("longest_seconds", Units.secondsOrNone(policies.longest()))
                .put("proxy_protocol", word(policies.proxyProtocol()));
    }

    private static JsonArray transitions(List<Transition> transitions) {
        JsonArray list = new JsonArray();
        for (Transition transition : transitions) {
            list.add(new JsonObject()
                    .put("state", word(transition.state()))
                    .put("reason", transition.reason())
                    .put("since", Units.time(transition.since())));
        }
        return list;
    }

    static JsonObject traffic(Traffic traffic) {
        return new JsonObject()
                .put("sessions", traffic.sessions())
                .put("visitors", traffic.visitors())
                .put("bytes_in", traffic.bytesIn())
                .put("bytes_out", traffic.bytesOut())
                .put("connections", traffic.connections())
                .put("refused", traffic.refused())
                .put("datagrams_dropped", traffic.datagramsDropped());
    }
}
