package io.culvert.client.seed;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.culvert.client.http.Seconds;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Turns the server's JSON into records; whatever has not the agreed shape is an {@link IOException}. Thread-safe. */
final class AnswerReader {
    private final ObjectMapper mapper = new ObjectMapper()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    /** The answer to a call that was carried out. */
    JsonNode success(byte[] body) throws IOException {
        JsonNode answer = object(mapper.readTree(body), "the answer");
        if (!"success".equals(answer.path("status").textValue())) {
            throw new IOException("status: not 'success' in an answer with HTTP status 200");
        }
        return answer;
    }

    /** What a refusal says; empty where it is not the API's own. */
    String errorInfo(byte[] body) {
        try {
            String info = mapper.readTree(body).path("error_info").textValue();
            return info == null ? "" : info;
        } catch (IOException e) {
            return ""; // a proxy's page, for instance: the status has to do
        }
    }

    List<Tunnel> tunnels(JsonNode answer) throws IOException {
        List<Tunnel> tunnels = new ArrayList<>();
        for (JsonNode entry : array(answer, "data")) {
            tunnels.add(tunnel(object(entry, "data[]")));
        }
        return tunnels;
    }

    Tunnel tunnel(JsonNode entry) throws IOException {
        try {
            return agreed(entry);
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new IOException("tunnel: not as agreed: " + e.getMessage(), e);
        }
    }

    private static Tunnel agreed(JsonNode entry) throws IOException {
        JsonNode tunnel = object(entry.path("tunnel"), "tunnel");
        List<Expose> exposes = new ArrayList<>();
        for (JsonNode expose : array(tunnel, "exposes")) {
            exposes.add(new Expose(
                    protocol(expose),
                    expose.path("innet_host").asText("127.0.0.1"),
                    whole(expose, "innet_port").intValueExact(),
                    whole(expose, "expose_port").intValueExact()));
        }
        Duration lastHeartbeat = seconds(tunnel, "last_check_time");
        return new Tunnel(
                whole(entry, "id").longValueExact(),
                exposes,
                whole(tunnel, "bridge_port").intValueExact(),
                text(tunnel, "comment"),
                seconds(tunnel, "expire_time"),
                Instant.EPOCH.plus(lastHeartbeat),
                seconds(tunnel, "from_last_check"),
                whole(tunnel, "sessions").intValueExact(),
                whole(tunnel, "visitors").intValueExact(),
                whole(tunnel, "bytes_in").longValueExact(),
                whole(tunnel, "bytes_out").longValueExact(),
                truth(tunnel, "compress"),
                truth(tunnel, "bridge_tls"),
                whole(tunnel, "datagrams_dropped").longValueExact(),
                whole(tunnel, "agent_port").intValueExact());
    }

    private static Protocol protocol(JsonNode expose) throws IOException {
        String text = text(expose, "protocol");
        return switch (text) {
            case "tcp" -> Protocol.TCP;
            case "udp" -> Protocol.UDP;
            default -> throw new IOException("protocol: not as agreed (expected: tcp or udp)");
        };
    }

    private static boolean truth(JsonNode object, String name) throws IOException {
        JsonNode value = object.path(name);
        if (!value.isBoolean()) {
            throw new IOException(name + ": missing in the server's answer (expected: true or false)");
        }
        return value.booleanValue();
    }

    static String text(JsonNode object, String name) throws IOException {
        String text = object.path(name).textValue();
        if (text == null) {
            throw new IOException(name + ": missing in the server's answer (expected: a string)");
        }
        return text;
    }

    private static BigDecimal whole(JsonNode object, String name) throws IOException {
        JsonNode number = object.path(name);
        if (!number.isIntegralNumber() || !number.canConvertToLong()) {
            throw new IOException(name + ": missing in the server's answer (expected: a whole number)");
        }
        return number.decimalValue();
    }

    private static Duration seconds(JsonNode object, String name) throws IOException {
        JsonNode number = object.path(name);
        return Optional.of(number)
                .filter(JsonNode::isNumber)
                .flatMap(said -> Seconds.duration(said.decimalValue()))
                .orElseThrow(() -> new IOException(name + ": missing in the server's answer (expected: seconds)"));
    }

    private static JsonNode object(JsonNode node, String what) throws IOException {
        if (!node.isObject()) {
            throw new IOException(what + ": not as agreed (expected: a JSON object)");
        }
        return node;
    }

    private static JsonNode array(JsonNode object, String name) throws IOException {
        JsonNode array = object.path(name);
        if (!array.isArray()) {
            throw new IOException(name + ": missing in the server's answer (expected: an array)");
        }
        return array;
    }
}
