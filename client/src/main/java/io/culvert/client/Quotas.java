package io.culvert.client;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a project may have; empty: no bound. Immutable, any thread.
 *
 * @param ports exposes, bridge ports and reservations
 * @param sessions connected agents
 * @param connections of visitors
 * @param pools that ports may come from; empty: every pool
 */
public record Quotas(
        Optional<Long> tunnels,
        Optional<Long> ports,
        Optional<Long> sessions,
        Optional<Long> connections,
        Optional<Long> bytesPerMonth,
        Optional<List<String>> pools) {
    /** No bound at all. */
    public static final Quotas NONE = new Quotas(
            Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

    public Quotas {
        pools = pools.map(List::copyOf);
    }

    static Quotas read(Answer answer) throws IOException {
        return new Quotas(
                answer.anyNumber("tunnels"),
                answer.anyNumber("ports"),
                answer.anyNumber("sessions"),
                answer.anyNumber("connections"),
                answer.anyNumber("bytes_per_month"),
                answer.anyTexts("pools"));
    }

    /** All of them: what is empty takes a bound away. */
    ObjectNode json() {
        ObjectNode json = Api.object();
        Map<String, Optional<Long>> bounds = Map.of(
                "tunnels", tunnels,
                "ports", ports,
                "sessions", sessions,
                "connections", connections,
                "bytes_per_month", bytesPerMonth);
        bounds.forEach((name, most) -> most.ifPresentOrElse(bound -> json.put(name, bound), () -> json.putNull(name)));
        pools.ifPresentOrElse(
                names -> {
                    ArrayNode array = json.putArray("pools");
                    names.forEach(array::add);
                },
                () -> json.putNull("pools"));
        return json;
    }
}
