package io.culvert.bench.audit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Asks the database of osv.dev, or one that speaks like it: <a href="https://google.github.io/osv.dev/post-v1-querybatch/">{@code POST
 * /v1/querybatch}</a>. One thread; waits.
 */
final class Osv {
    /** What it takes in one question. */
    private static final int MOST_QUERIES = 1_000;

    private final URI batch;
    private final Duration patience;
    private final HttpClient http;

    /** @param patience to connect, and to each answer */
    Osv(URI base, Duration patience) {
        this.batch = URI.create(base.toString().replaceFirst("/+$", "") + "/v1/querybatch");
        this.patience = patience;
        this.http = HttpClient.newBuilder().connectTimeout(patience).build();
    }

    /**
     * The ids of the holes in each of these that has any.
     *
     * @throws IOException where it gives no answer, or one that is not to be understood
     */
    Map<Component, List<String>> holes(List<Component> components) throws IOException, InterruptedException {
        Map<Component, List<String>> holes = new LinkedHashMap<>();
        for (int i = 0; i < components.size(); i += MOST_QUERIES) {
            ask(components.subList(i, Math.min(components.size(), i + MOST_QUERIES)), holes);
        }
        return holes;
    }

    private void ask(List<Component> components, Map<Component, List<String>> holes)
            throws IOException, InterruptedException {
        ObjectNode question = new ObjectMapper().createObjectNode();
        ArrayNode queries = question.putArray("queries");
        components.forEach(each -> queries.addObject().putObject("package").put("purl", each.purl()));
        HttpResponse<String> answer = http.send(
                HttpRequest.newBuilder(batch)
                        .timeout(patience)
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(question.toString()))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
            throw new IOException("status " + answer.statusCode() + " (expected: 200)");
        }
        JsonNode results;
        try {
            results = new ObjectMapper().readTree(answer.body()).path("results");
        } catch (JsonProcessingException e) {
            throw new IOException("no JSON", e);
        }
        // Answers stand in the order of the questions, and that is all that says which is whose.
        if (results.size() != components.size()) {
            throw new IOException(results.size() + " results (expected: " + components.size() + ")");
        }
        for (int i = 0; i < components.size(); i++) {
            List<String> ids = new ArrayList<>();
            results.get(i).path("vulns").forEach(each -> ids.add(each.path("id").asText("without an id")));
            if (results.get(i).hasNonNull("next_page_token")) {
                ids.add("more than one page of them");
            }
            if (!ids.isEmpty()) {
                holes.put(components.get(i), ids);
            }
        }
    }
}
