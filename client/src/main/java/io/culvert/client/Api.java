package io.culvert.client;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.culvert.client.http.ApiHttp;
import io.culvert.client.http.ApiHttp.Call;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Requests of {@code /api/v1} and their answers, of any kind. Thread-safe. */
final class Api {
    private static final String ROOT = "api/v1/";

    private final ApiHttp http;

    Api(ApiHttp http) {
        this.http = http;
    }

    /** A request that is put together. One thread. */
    final class Request {
        private final String method;
        private final String path;
        private final Map<String, String> headers = new HashMap<>(Map.of("Accept", "application/json"));
        private Optional<String> body = Optional.empty();
        private boolean repeatable;

        private Request(String method, String path) {
            this.method = method;
            this.path = path;
            // The HTTP client sends a GET again by itself where a kept connection was closed meanwhile.
            this.repeatable = method.equals("GET");
        }

        Request header(String name, String value) {
            headers.put(name, value);
            return this;
        }

        Request body(ObjectNode json) {
            body = Optional.of(json.toString());
            return this;
        }

        /** To be sent again where the connection breaks: doing it twice does what doing it once does. */
        Request repeatable() {
            repeatable = true;
            return this;
        }

        /** The answer's object; a refusal is a {@link CulvertApiException}. */
        Answer answer() throws IOException {
            return Answer.of(send().body());
        }

        /** The answer as it is, where it is no JSON object. */
        String text() throws IOException {
            return new String(bytes(), StandardCharsets.UTF_8);
        }

        /** The same, where it is no text. */
        byte[] bytes() throws IOException {
            headers.put("Accept", "*/*");
            return send().body();
        }

        /** Waits for the end of it; nothing is said. */
        void done() throws IOException {
            send();
        }

        private HttpResponse<byte[]> send() throws IOException {
            HttpResponse<byte[]> response = http.send(call());
            check(response.statusCode(), response.body(), response);
            return response;
        }

        /** Opens a stream of events. */
        HttpResponse<EventLines> open() throws IOException {
            header("Accept", "text/event-stream");
            HttpResponse<EventLines> response = http.open(call(), head -> new EventLines());
            if (response.statusCode() != 200) {
                check(response.statusCode(), response.body().rest(), response);
            }
            return response;
        }

        private Call call() {
            return new Call(method, ROOT + path, headers, body, repeatable);
        }
    }

    Request get(String path) {
        return new Request("GET", path);
    }

    Request post(String path) {
        return new Request("POST", path);
    }

    Request patch(String path) {
        return new Request("PATCH", path);
    }

    Request put(String path) {
        return new Request("PUT", path);
    }

    Request delete(String path) {
        return new Request("DELETE", path);
    }

    static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    private static void check(int status, byte[] body, HttpResponse<?> response) throws IOException {
        if (status >= 400) {
            throw new CulvertApiException(Problem.of(status, body), retryAfter(response));
        }
        if (status < 200 || status >= 300) {
            throw new IOException("HTTP status " + status + " (expected: 2xx; is this the address of the API?)");
        }
    }

    private static Optional<Duration> retryAfter(HttpResponse<?> response) {
        return response.headers()
                .firstValue("Retry-After")
                .filter(said -> said.matches("[0-9]{1,6}"))
                .map(said -> Duration.ofSeconds(Long.parseLong(said)));
    }

    @Override
    public String toString() {
        return http.toString();
    }
}
