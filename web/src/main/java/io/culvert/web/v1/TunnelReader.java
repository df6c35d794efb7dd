package io.culvert.web.v1;

import io.culvert.control.Bridge;
import io.culvert.control.CreateTunnel;
import io.culvert.control.Expose;
import io.culvert.control.LeaseTerms;
import io.culvert.control.Policies;
import io.culvert.control.Protocol;
import io.culvert.web.http.ProblemException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Reads what a tunnel shall be like from a body that the contract lets pass. What the contract cannot say is refused here or, where it is a
 * rule of tunnels, behind here. Stateless, any thread.
 */
final class TunnelReader {
    /** How long visitors may stay where a drain is asked for without a time. */
    static final Duration DRAIN = Duration.ofSeconds(30);

    private TunnelReader() {}

    static CreateTunnel tunnel(JsonObject body) {
        return new CreateTunnel(
                text(body, "project"),
                text(body, "name"),
                labels(body),
                exposes(body.getJsonArray("exposes")),
                Optional.ofNullable(body.getJsonObject("bridge")).map(TunnelReader::bridge),
                body.getString("comment", ""),
                lease(body.getJsonObject("lease", new JsonObject())),
                policies(body.getJsonObject("policies", new JsonObject())));
    }

    private static Map<String, String> labels(JsonObject body) {
        Map<String, String> labels = new HashMap<>();
        body.getJsonObject("labels", new JsonObject())
                .forEach(label -> labels.put(label.getKey(), (String) label.getValue()));
        return labels;
    }

    private static List<Expose> exposes(JsonArray list) {
        List<Expose> exposes = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) {
            JsonObject expose = list.getJsonObject(i);
            String target = expose.getString("target");
            int colon = target.lastIndexOf(':');
            int port = Integer.parseInt(target.substring(colon + 1));
            if (port < 1 || port > 65_535) {
                throw ProblemException.invalid(
                        "/exposes/" + i + "/target", String.valueOf(port), "a port of 1 to 65535");
            }
            String host = target.substring(0, colon);
            exposes.add(new Expose(
                    protocol(expose),
                    host.startsWith("[") ? host.substring(1, host.length() - 1) : host,
                    port,
                    port(expose),
                    text(expose, "pool"),
                    text(expose, "bind")));
        }
        return exposes;
    }

    private static Bridge bridge(JsonObject bridge) {
        return new Bridge(port(bridge), bridge.getBoolean("tls", true), bridge.getBoolean("compress", false));
    }

    /** A protocol, TCP where none is named. */
    static Protocol protocol(JsonObject object) {
        return Protocol.valueOf(object.getString("protocol", "tcp").toUpperCase(Locale.ROOT));
    }

    /** A public port, 0 where a free one is asked for. */
    static int port(JsonObject object) {
        return (int) Units.bound(object, "port");
    }

    /** A text that may be null or absent. */
    static Optional<String> text(JsonObject object, String field) {
        return Optional.ofNullable(object.getString(field));
    }

    static LeaseTerms lease(JsonObject lease) {
        JsonObject onExpiry = lease.getJsonObject("on_expiry", new JsonObject());
        boolean drains = "drain".equals(onExpiry.getString("action"));
        if (!drains && onExpiry.getValue("drain_seconds") != null) {
            throw ProblemException.invalid(
                    "/lease/on_expiry/drain_seconds",
                    String.valueOf(onExpiry.getValue("drain_seconds")),
                    "only with drain");
        }
        Duration drain = Units.duration(onExpiry, "drain_seconds");
        List<Duration> warnings = new ArrayList<>();
        lease.getJsonArray("warn_before_seconds", new JsonArray())
                .forEach(warning -> warnings.add(Units.duration((Number) warning)));
        return new LeaseTerms(
                Units.duration(lease, "ttl_seconds"),
                Units.duration(lease, "grace_seconds"),
                Optional.of(Units.duration(lease, "max_lifetime_seconds")).filter(most -> !most.isZero()),
                expiresAt(lease),
                drains && drain.isZero() ? DRAIN : drain,
                LeaseTerms.RenewBy.valueOf(lease.getString("renew_by", "api").toUpperCase(Locale.ROOT)),
                warnings);
    }

    private static Optional<Instant> expiresAt(JsonObject lease) {
        return text(lease, "expires_at")
                .map(said -> Units.instant(said)
                        .orElseThrow(() -> ProblemException.invalid(
                                "/lease/expires_at", said, "a time like 2026-11-23T12:00:00Z, or null")));
    }

    static Policies policies(JsonObject policies) {
        JsonObject visitors = policies.getJsonObject("visitors", new JsonObject());
        JsonObject connections = policies.getJsonObject("connections", new JsonObject());
        JsonObject rates = policies.getJsonObject("bytes_per_second", new JsonObject());
        return new Policies(
                blocks(visitors, "allow"),
                blocks(visitors, "deny"),
                (int) Units.bound(connections, "most"),
                (int) Units.bound(connections, "most_per_address"),
                (int) Units.bound(connections, "new_per_second"),
                Units.bound(rates, "in"),
                Units.bound(rates, "out"),
                Units.bound(rates, "connection_in"),
                Units.bound(rates, "connection_out"),
                Units.bound(policies, "volume_bytes"),
                Units.duration(policies, "idle_seconds"),
                Units.duration(policies, "longest_seconds"),
                Policies.ProxyProtocol.valueOf(
                        policies.getString("proxy_protocol", "none").toUpperCase(Locale.ROOT)));
    }

    private static List<String> blocks(JsonObject visitors, String field) {
        return visitors.getJsonArray(field, new JsonArray()).stream()
                .map(String::valueOf)
                .toList();
    }
}
