package io.culvert.client.seed;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.culvert.client.CulvertApiException;
import io.culvert.client.http.ApiHttp;
import io.culvert.client.http.ApiHttp.Call;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Calls a Culvert server by the API of goproxy-tunnel-server. Each call waits for the answer: a refusal by the server is a {@link CulvertApiException}, anything else that
 * goes wrong (no connection, no answer in time, an answer that is none of the API's) an {@link IOException}. Thread-safe.
 */
public final class SeedClient {
    private static final Map<String, String> ACCEPT = Map.of("Accept", "application/json");

    private final ApiHttp http;
    private final AnswerReader answers = new AnswerReader();

    /**
     * Makes no connection yet.
     *
     * @param server {@code http://HOST:PORT} or {@code https://HOST:PORT}, a path in front of {@code /api} is kept
     * @param key the access key; empty where the server asks for none. Sent as {@code Authorization: Bearer}, never in an address
     * @param timeout how long a whole call may take, more than zero
     */
    public SeedClient(URI server, Optional<String> key, Duration timeout) {
        this.http = new ApiHttp(server, key, timeout);
    }

    /** Creates a tunnel. */
    public CreatedTunnel create(NewTunnel tunnel) throws IOException {
        ObjectNode form = JsonNodeFactory.instance.objectNode();
        form.put("exposes", tunnel.exposes().stream().map(Expose::spelled).collect(Collectors.joining(",")));
        form.put("bridge", tunnel.bridgePort());
        form.put("bridge_tls", tunnel.bridgeTls());
        form.put("compress", tunnel.compress());
        form.put("comment", tunnel.comment());
        form.put(
                "expire",
                BigDecimal.valueOf(tunnel.ttl().toSeconds())
                        .add(BigDecimal.valueOf(tunnel.ttl().toNanosPart(), 9))
                        .toPlainString());
        JsonNode answer = call(post("api/create", form));
        return new CreatedTunnel(answers.tunnel(answer), AnswerReader.text(answer, "join"));
    }

    /** All living tunnels, ordered by id. */
    public List<Tunnel> list() throws IOException {
        return answers.tunnels(call(get("api/list")));
    }

    /** One tunnel; refused with 404 where no living one has this number. */
    public Tunnel query(long id) throws IOException {
        return answers.tunnel(call(get("api/query?id=" + id)));
    }

    /** Ends a tunnel; returns when its ports are closed. Refused with 404 where no living one has this number. */
    public void remove(long id) throws IOException {
        call(post("api/remove", JsonNodeFactory.instance.objectNode().put("id", id)));
    }

    /** Renews the lease of a tunnel; refused with 404 where no living one has this number. */
    public void heartbeat(long id) throws IOException {
        call(post("api/heartbeat", JsonNodeFactory.instance.objectNode().put("id", id)));
    }

    /** The files for a stock goproxy client of this tunnel; the same at each call. Refused with 404 where no living one has this number. */
    public Bundle bundle(long id) throws IOException {
        return bundle(call(get("api/bundle?id=" + id)));
    }

    /** Other files in place of those that are out: these are good no more, and clients that came in by them are cut. */
    public Bundle reissueBundle(long id) throws IOException {
        ObjectNode form = JsonNodeFactory.instance.objectNode();
        return bundle(call(post("api/bundle", form.put("id", id).put("reissue", true))));
    }

    private static Bundle bundle(JsonNode answer) throws IOException {
        return new Bundle(AnswerReader.text(answer, "cert"), AnswerReader.text(answer, "key"));
    }

    private static Call get(String path) {
        return new Call("GET", path, ACCEPT, Optional.empty(), false);
    }

    private static Call post(String path, ObjectNode form) {
        return new Call("POST", path, ACCEPT, Optional.of(form.toString()), false);
    }

    private JsonNode call(Call call) throws IOException {
        HttpResponse<byte[]> response = http.send(call);
        if (response.statusCode() >= 400) {
            throw new CulvertApiException(response.statusCode(), answers.errorInfo(response.body()));
        }
        if (response.statusCode() != 200) {
            throw new IOException("HTTP status " + response.statusCode() + " (expected: 200)");
        }
        return answers.success(response.body());
    }

    /** The server only. */
    @Override
    public String toString() {
        return "SeedClient[" + http + "]";
    }
}
