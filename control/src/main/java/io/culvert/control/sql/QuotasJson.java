package io.culvert.control.sql;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.culvert.control.caller.Quotas;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;

/** Quotas as JSON; the rules of {@link StoredJson}. No state, any thread. */
final class QuotasJson {
    private QuotasJson() {}

    static String write(Quotas quotas) {
        ObjectNode json = StoredJson.object();
        quotas.tunnels().ifPresent(most -> json.put("tunnels", most));
        quotas.ports().ifPresent(most -> json.put("ports", most));
        quotas.sessions().ifPresent(most -> json.put("sessions", most));
        quotas.connections().ifPresent(most -> json.put("connections", most));
        quotas.bytesPerMonth().ifPresent(most -> json.put("bytes_per_month", most));
        quotas.pools().ifPresent(pools -> {
            ArrayNode names = json.putArray("pools");
            new TreeSet<>(pools).forEach(names::add);
        });
        return json.toString();
    }

    static Quotas read(String text) {
        JsonNode json = StoredJson.parse(text);
        return new Quotas(
                number(json, "tunnels"),
                number(json, "ports"),
                number(json, "sessions"),
                number(json, "connections"),
                json.has("bytes_per_month")
                        ? OptionalLong.of(json.get("bytes_per_month").asLong())
                        : OptionalLong.empty(),
                json.has("pools") ? Optional.of(names(json.get("pools"))) : Optional.empty());
    }

    private static OptionalInt number(JsonNode json, String name) {
        return json.has(name) ? OptionalInt.of(json.get(name).asInt()) : OptionalInt.empty();
    }

    private static Set<String> names(JsonNode array) {
        Set<String> names = new TreeSet<>();
        array.forEach(name -> names.add(name.asText()));
        return names;
    }
}
