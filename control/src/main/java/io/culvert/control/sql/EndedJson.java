package io.culvert.control.sql;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.culvert.control.Bridge;
import io.culvert.control.EndedTunnel;
import io.culvert.control.Expose;
import io.culvert.control.IdempotencyKey;
import io.culvert.control.Lease;
import io.culvert.control.Projects;
import io.culvert.control.Protocol;
import io.culvert.control.Traffic;
import io.culvert.control.Transition;
import io.culvert.control.Tunnel;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A whole tunnel that has ended as one JSON record: nothing asks the database for a part of it. No state, any thread. */
final class EndedJson {
    private EndedJson() {}

    static String write(EndedTunnel ended) {
        Tunnel tunnel = ended.tunnel();
        ObjectNode json = StoredJson.object();
        json.put("id", tunnel.id());
        json.put("version", tunnel.version());
        tunnel.name().ifPresent(name -> json.put("name", name));
        json.set("labels", StoredJson.labels(tunnel.labels()));
        json.put("project", tunnel.project());
        json.put("owner", tunnel.owner());
        ArrayNode exposes = json.putArray("exposes");
        for (Expose expose : tunnel.exposes()) {
            ObjectNode one = exposes.addObject()
                    .put("protocol", expose.protocol().name())
                    .put("target_host", expose.targetHost())
                    .put("target_port", expose.targetPort())
                    .put("port", expose.port());
            expose.pool().ifPresent(pool -> one.put("pool", pool));
            expose.bind().ifPresent(bind -> one.put("bind", bind));
        }
        json.put("bridge_port", tunnel.bridgePort());
        tunnel.bridge()
                .ifPresent(bridge -> json.putObject("bridge")
                        .put("port", bridge.port())
                        .put("tls", bridge.tls())
                        .put("compress", bridge.compress()));
        json.put("comment", tunnel.comment());
        json.set("lease", StoredJson.terms(tunnel.lease().terms()));
        json.put("last_heartbeat", tunnel.lease().lastHeartbeat().toString());
        tunnel.lease().hardEnd().ifPresent(end -> json.put("hard_end", end.toString()));
        json.set("policies", StoredJson.policies(tunnel.policies()));
        json.put("created_at", tunnel.createdAt().toString());
        json.set("transitions", StoredJson.transitions(tunnel.transitions()));
        Traffic traffic = ended.traffic();
        json.putObject("traffic")
                .put("bytes_in", traffic.bytesIn())
                .put("bytes_out", traffic.bytesOut())
                .put("connections", traffic.connections())
                .put("refused", traffic.refused())
                .put("datagrams_dropped", traffic.datagramsDropped());
        ended.key()
                .ifPresent(
                        key -> json.putObject("request").put("key", key.text()).put("fingerprint", key.fingerprint()));
        return json.toString();
    }

    static EndedTunnel read(String text) {
        JsonNode json = StoredJson.parse(text);
        List<Expose> exposes = new ArrayList<>();
        for (JsonNode expose : json.path("exposes")) {
            exposes.add(new Expose(
                    Protocol.valueOf(expose.path("protocol").asText()),
                    expose.path("target_host").asText(),
                    expose.path("target_port").asInt(),
                    expose.path("port").asInt(),
                    StoredJson.text(expose, "pool"),
                    StoredJson.text(expose, "bind")));
        }
        JsonNode bridge = json.path("bridge");
        List<Transition> transitions = StoredJson.transitions(json.path("transitions"));
        Tunnel tunnel = new Tunnel(
                json.path("id").asLong(),
                json.path("version").asLong(),
                StoredJson.text(json, "name"),
                StoredJson.labels(json.path("labels")),
                // Those of before projects were are the default one's.
                json.path("project").asText(Projects.DEFAULT),
                json.path("owner").asText(),
                exposes,
                json.path("bridge_port").asInt(),
                bridge.isObject()
                        ? Optional.of(new Bridge(
                                bridge.path("port").asInt(),
                                bridge.path("tls").asBoolean(),
                                bridge.path("compress").asBoolean()))
                        : Optional.empty(),
                json.path("comment").asText(),
                new Lease(
                        StoredJson.terms(json.path("lease")),
                        Instant.parse(json.path("last_heartbeat").asText()),
                        StoredJson.text(json, "hard_end").map(Instant::parse),
                        false),
                StoredJson.policies(json.path("policies")),
                Instant.parse(json.path("created_at").asText()),
                transitions.get(transitions.size() - 1),
                transitions);
        JsonNode traffic = json.path("traffic");
        JsonNode request = json.path("request");
        return new EndedTunnel(
                tunnel,
                new Traffic(
                        0,
                        0,
                        traffic.path("bytes_in").asLong(),
                        traffic.path("bytes_out").asLong(),
                        traffic.path("connections").asLong(),
                        traffic.path("refused").asLong(),
                        traffic.path("datagrams_dropped").asLong()),
                request.isObject()
                        ? Optional.of(new IdempotencyKey(
                                request.path("key").asText(),
                                request.path("fingerprint").asText()))
                        : Optional.empty());
    }
}
