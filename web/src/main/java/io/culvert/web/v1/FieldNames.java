package io.culvert.web.v1;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where in a body the fields stand that the control plane speaks of. Stateless, any thread. */
final class FieldNames {
    private static final Pattern INDEX = Pattern.compile("\\[([0-9]+)]");
    private static final Pattern LABEL = Pattern.compile("labels\\.(.*)", Pattern.DOTALL);

    /** The control plane's name, its index aside, and the pointer to where the contract has it. */
    private static final Map<String, String> PLACES = Map.ofEntries(
            Map.entry("innet", "/exposes/0/target"),
            Map.entry("expose", "/exposes/0/port"),
            Map.entry("expose.pool", "/exposes/0/pool"),
            Map.entry("expose.bind", "/exposes/0/bind"),
            Map.entry("exposes", "/exposes"),
            Map.entry("bridge", "/bridge/port"),
            Map.entry("expire", "/lease/ttl_seconds"),
            Map.entry("lease.ttl", "/lease/ttl_seconds"),
            Map.entry("lease.grace", "/lease/grace_seconds"),
            Map.entry("lease.maxLifetime", "/lease/max_lifetime_seconds"),
            Map.entry("lease.expiresAt", "/lease/expires_at"),
            Map.entry("lease.drain", "/lease/on_expiry/drain_seconds"),
            Map.entry("lease.renewBy", "/lease/renew_by"),
            Map.entry("lease.warnings", "/lease/warn_before_seconds"),
            Map.entry("policies.allow", "/policies/visitors/allow"),
            Map.entry("policies.deny", "/policies/visitors/deny"),
            Map.entry("policies.connections", "/policies/connections/most"),
            Map.entry("policies.connectionsPerAddress", "/policies/connections/most_per_address"),
            Map.entry("policies.newPerSecond", "/policies/connections/new_per_second"),
            Map.entry("policies.bytesPerSecondIn", "/policies/bytes_per_second/in"),
            Map.entry("policies.bytesPerSecondOut", "/policies/bytes_per_second/out"),
            Map.entry("policies.connectionBytesPerSecondIn", "/policies/bytes_per_second/connection_in"),
            Map.entry("policies.connectionBytesPerSecondOut", "/policies/bytes_per_second/connection_out"),
            Map.entry("policies.volume", "/policies/volume_bytes"),
            Map.entry("policies.idle", "/policies/idle_seconds"),
            Map.entry("policies.longest", "/policies/longest_seconds"),
            Map.entry("policies.proxyProtocol", "/policies/proxy_protocol"));

    private FieldNames() {}

    /** The pointer to a field; one that is not known here keeps its own name, with its dots as steps. */
    static String pointer(String field) {
        Matcher label = LABEL.matcher(field);
        if (label.matches()) {
            return "/labels/" + label.group(1).replace("~", "~0").replace("/", "~1");
        }
        Matcher index = INDEX.matcher(field);
        String plain = index.replaceAll("");
        String steps = INDEX.matcher(field)
                .results()
                .map(found -> "/" + found.group(1))
                .reduce("", String::concat);
        if (PLACES.containsKey(plain)) {
            return PLACES.get(plain) + steps;
        }
        return "/" + INDEX.matcher(field).replaceAll("/$1").replace('.', '/');
    }
}
