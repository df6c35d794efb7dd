package io.culvert.app.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

/**
 * {@code /api/v1} of a server, as its admin: how tests of the page set a scene, and look whether what was pressed was done. Any thread.
 *
 * @param server the one that is asked
 */
record Api(RunningServer server) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    JsonNode get(String path) {
        return send("GET", path, "");
    }

    /** Sends a document in which quotation marks may be single ones, and fails where it is refused. */
    JsonNode send(String method, String path, String document) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server.url() + "/api/v1" + path))
                .header("Authorization", "Bearer " + server.key())
                .method(method, HttpRequest.BodyPublishers.ofString(document.replace('\'', '"')));
        if (!document.isEmpty()) {
            request.header("Content-Type", "application/json");
        }
        try {
            HttpResponse<String> answer = HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() >= 300) {
                throw new AssertionError(
                        method + " " + path + ": " + answer.statusCode() + " " + answer.body() + " (expected: 2xx)");
            }
            return JSON.readTree(answer.body());
        } catch (IOException e) {
            throw new AssertionError(method + " " + path, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(method + " " + path, e);
        }
    }
}
