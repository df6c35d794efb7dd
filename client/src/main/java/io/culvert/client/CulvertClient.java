package io.culvert.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

/**
 * Calls a Culvert server. Each call waits for the answer: a refusal by the server is a {@link CulvertApiException}, anything else that
 * goes wrong (no connection, no answer in time, an answer that is none of the API's) an {@link IOException}. Thread-safe.
 */
public final class CulvertClient {
    // 20,000 tunnels of the longest comment fit in.
    private static final int LONGEST_ANSWER = 128 << 20;

    private final URI server;
    private final Optional<String> key;
    private final Duration timeout;
    private final HttpClient http;
    private final AnswerReader answers = new AnswerReader();

    /**
     * Makes no connection yet.
     *
     * @param server {@code http://HOST:PORT} or {@code https://HOST:PORT}, a path in front of {@code /api} is kept
     * @param key the access key; empty where the server asks for none. Sent as {@code Authorization: Bearer}, never in an address
     * @param timeout how long a whole call may take, more than zero
     */
    public CulvertClient(URI server, Optional<String> key, Duration timeout) {
        String scheme = String.valueOf(server.getScheme());
        if ((!scheme.equalsIgnoreCase("http") && !scheme.equalsIgnoreCase("https")) || server.getHost() == null) {
            throw new IllegalArgumentException(
                    "server: '" + shown(server) + "' (expected: http://HOST:PORT or https://HOST:PORT)");
        }
        if (server.getRawUserInfo() != null || server.getRawQuery() != null || server.getRawFragment() != null) {
            throw new IllegalArgumentException(
                    "server: '" + shown(server) + "' (expected: no user, query or fragment in it)");
        }
        if (timeout.isZero() || timeout.isNegative()) {
            throw new IllegalArgumentException("timeout: " + timeout + " (expected: more than zero)");
        }
        key.ifPresent(CulvertClient::checkKey);
        this.server = server.getRawPath().endsWith("/") ? server : URI.create(server + "/");
        this.key = key;
        this.timeout = timeout;
        // A redirect would carry the key to wherever it points, so none is followed.
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .build();
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
        return answers.tunnels(call(request("api/list").GET().build()));
    }

    /** One tunnel; refused with 404 where no living one has this number. */
    public Tunnel query(long id) throws IOException {
        return answers.tunnel(call(request("api/query?id=" + id).GET().build()));
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
        return bundle(call(request("api/bundle?id=" + id).GET().build()));
    }

    /** Other files in place of those that are out: these are good no more, and clients that came in by them are cut. */
    public Bundle reissueBundle(long id) throws IOException {
        ObjectNode form = JsonNodeFactory.instance.objectNode();
        return bundle(call(post("api/bundle", form.put("id", id).put("reissue", true))));
    }

    private static Bundle bundle(JsonNode answer) throws IOException {
        return new Bundle(AnswerReader.text(answer, "cert"), AnswerReader.text(answer, "key"));
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(server.resolve(path)).header("Accept", "application/json");
        key.ifPresent(secret -> request.header("Authorization", "Bearer " + secret));
        return request;
    }

    private HttpRequest post(String path, ObjectNode form) {
        return request(path)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(form.toString()))
                .build();
    }

    private JsonNode call(HttpRequest request) throws IOException {
        HttpResponse<byte[]> response = exchange(request);
        if (response.statusCode() >= 400) {
            throw new CulvertApiException(response.statusCode(), answers.errorInfo(response.body()));
        }
        if (response.statusCode() != 200) {
            throw new IOException("HTTP status " + response.statusCode() + " from " + server + " (expected: 200)");
        }
        return answers.success(response.body());
    }

    /** The HTTP client's own timeout would end with the head of the answer; this one bounds the body, too. */
    private HttpResponse<byte[]> exchange(HttpRequest request) throws IOException {
        CompletableFuture<HttpResponse<byte[]>> response =
                http.sendAsync(request, head -> new BoundedBytes(LONGEST_ANSWER));
        try {
            return response.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            response.cancel(true);
            throw new HttpTimeoutException("no answer from " + server + " within " + timeout);
        } catch (InterruptedException e) {
            response.cancel(true);
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for " + server);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            throw new IOException("no answer from " + server + ": " + (cause == null ? e : cause), cause);
        }
    }

    private static void checkKey(String key) {
        if (key.isBlank() || !key.chars().allMatch(c -> c > ' ' && c < 127)) {
            throw new IllegalArgumentException("key: not fit for a header (expected: printable ASCII without blanks)");
        }
    }

    private static String shown(URI server) {
        boolean bare =
                server.getRawUserInfo() == null && server.getRawQuery() == null && server.getRawFragment() == null;
        return bare ? server.toString() : server.getScheme() + "://…";
    }

    /** The server only. */
    @Override
    public String toString() {
        return "CulvertClient[server=" + server + ", key=" + (key.isPresent() ? "MASKED" : "none") + "]";
    }
}
