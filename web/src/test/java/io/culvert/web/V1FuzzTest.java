package io.culvert.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.agent.Agent;
import io.culvert.web.ContractBook.Entry;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Requests made up from the contract, right ones and wrong ones, against a whole server: nothing answers with a fault of the server or with a
 * status that the contract does not name, and every refusal is a problem document. {@code -Dculvert.fuzz.seconds} and {@code
 * -Dculvert.fuzz.seed} make it longer or the same again.
 */
class V1FuzzTest {
    private static final int MOST = 40_000;
    private static final int LOGINS = 40;
    /** What takes a code or a password, which nobody guesses: a refusal that says so is as far as it goes. */
    private static final Set<String> GUARDED =
            Set.of("signIn", "changePassword", "confirmSecondFactor", "renewRecoveryCodes", "removeSecondFactor");

    private static final Duration TIME = Duration.ofSeconds(Long.getLong("culvert.fuzz.seconds", 15));
    private static final long SEED = Long.getLong("culvert.fuzz.seed", System.nanoTime());

    private final ContractBook book = new ContractBook();
    private final Map<String, Integer> answers = new TreeMap<>();
    /** Of users of their own: some of what is tried ends the login that it is tried with. */
    private final Deque<LoginWalk.Login> logins = new ArrayDeque<>();

    @TempDir
    Path data;

    @Test
    void nothingSurprisesTheServer() throws IOException {
        Mischief mischief = new Mischief(SEED, freePorts());
        try (RunningServer server = RunningServer.keyed(data);
                EchoTarget target = new EchoTarget();
                Agent agent = server.agent(served(server, target))) {
            assertThat(agent).isNotNull();
            LoginWalk walk = new LoginWalk(server, book);
            for (int i = 0; i < LOGINS; i++) {
                logins.add(walk.settled("fuzz-" + i, i % 2 == 0));
            }
            List<Entry> entries = book.entries();
            long end = System.nanoTime() + TIME.toNanos();
            int sent = 0;
            // On a busy machine as many as it takes to reach each one: what is sent does not depend on the clock.
            while (System.nanoTime() < end || (sent < MOST && !entries.stream().allMatch(this::isReached))) {
                // Each operation in turn, so that none is left out.
                once(server, mischief, entries.get(sent++ % entries.size()));
            }
            assertThat(entries.stream().filter(entry -> !isReached(entry)).map(Entry::id))
                    .as("never reached, with seed %d: %s", SEED, answers)
                    .isEmpty();
            assertThat(server.send(server.to("/healthz")).statusCode()).isEqualTo(200);
        }
    }

    /** Whether an operation did something, or had nothing to do it to. */
    private boolean isReached(Entry entry) {
        String reached = GUARDED.contains(entry.id()) ? " (2..|401|409|429)" : " (2..|404)";
        return answers.keySet().stream().anyMatch(answer -> answer.matches(entry.id() + reached));
    }

    /** A tunnel with an agent, so that there is something to be cut and kicked. */
    private static String served(RunningServer server, EchoTarget target) {
        JsonObject body = new JsonObject()
                .put("exposes", new JsonArray().add(new JsonObject().put("target", "127.0.0.1:" + target.port())));
        return new JsonObject(server.json("/api/v1/tunnels", body.encode()).body()).getString("join");
    }

    private static List<Integer> freePorts() throws IOException {
        List<Integer> ports = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            try (ServerSocket socket = new ServerSocket(0)) {
                ports.add(socket.getLocalPort());
            }
        }
        return ports;
    }

    private void once(RunningServer server, Mischief mischief, Entry entry) {
        StringBuilder path = new StringBuilder("/api/v1").append(entry.path());
        StringBuilder query = new StringBuilder();
        List<String> headers = new ArrayList<>();
        for (JsonObject parameter : entry.parameters()) {
            String name = parameter.getString("name");
            JsonObject schema = parameter.getJsonObject("schema");
            switch (parameter.getString("in")) {
                case "path" -> {
                    String value = mischief.oneIn(8)
                            ? String.valueOf(mischief.anything())
                            : name.equals("id") || name.equals("webhook")
                                    ? String.valueOf(1 + mischief.below(60))
                                    : name.equals("key")
                                            ? "zzzzzzzz"
                                            : String.valueOf(mischief.value(schema, name, 10));
                    int at = path.indexOf("{" + name + "}");
                    path.replace(at, at + name.length() + 2, encoded(value.isEmpty() ? "x" : value));
                }
                case "query" -> {
                    if (mischief.oneIn(3)) {
                        Object value = mischief.value(schema, name, 6);
                        List<?> values =
                                value instanceof JsonArray list ? list.getList() : List.of(String.valueOf(value));
                        values.forEach(each -> query.append(query.isEmpty() ? "?" : "&")
                                .append(encoded(name))
                                .append('=')
                                .append(encoded(String.valueOf(each))));
                    }
                }
                default -> {
                    if (mischief.oneIn(3)) {
                        String value = String.valueOf(mischief.value(schema, name, 6));
                        if (value.chars().allMatch(c -> c >= 32 && c < 127)) {
                            headers.addAll(List.of(name, value.strip()));
                        }
                    }
                }
            }
        }
        String said = entry.bodySchema().isEmpty() ? "" : body(mischief, entry);
        HttpRequest.Builder request = server.to(path.append(query).toString())
                .header("Content-Type", mischief.oneIn(40) ? "text/plain" : "application/json")
                .method(entry.method(), BodyPublishers.ofString(said));
        for (int i = 0; i < headers.size(); i += 2) {
            request.header(headers.get(i), headers.get(i + 1));
        }
        boolean login = V1ContractTest.OF_A_LOGIN.contains(entry.id()) && !mischief.oneIn(8);
        if (login) {
            request.header("Cookie", logins.element().cookie());
            request.header("X-CSRF-Token", logins.element().csrf());
        } else {
            request.header("Authorization", "Bearer " + RunningServer.KEY);
        }
        HttpResponse<String> response = entry.id().equals("streamEvents") ? server.head(request) : server.send(request);
        judge(entry, response, entry.method() + " " + path + " " + headers + " " + said);
        boolean ended = response.statusCode() == 429
                || (response.statusCode() == 204 && entry.id().startsWith("sign"))
                || response.body().contains("no good key");
        if (login && ended && logins.size() > 1) {
            logins.remove();
        }
    }

    private static String body(Mischief mischief, Entry entry) {
        if (mischief.oneIn(25)) {
            return mischief.oneOf(
                    List.of("", "{", "[]", "null", "\"x\"", "{}{}", "{\"a\":1,\"a\":2}", "[".repeat(5_000)));
        }
        Object value = mischief.value(entry.bodySchema(), "", mischief.oneIn(2) ? 1_000 : 12);
        return value instanceof JsonObject object
                ? object.encode()
                : value instanceof JsonArray list ? list.encode() : String.valueOf(value);
    }

    private void judge(Entry entry, HttpResponse<String> response, String request) {
        int status = response.statusCode();
        String at = "seed " + SEED + ": " + request + " -> " + status + " " + response.body();
        answers.merge(entry.id() + " " + status, 1, Integer::sum);
        assertThat(status)
                .as(at)
                .satisfies(any -> assertThat(any < 500 || any == 503).isTrue());
        if (entry.id().equals("streamEvents") && status == 200) {
            return;
        }
        book.check(entry, response);
        if (status >= 400) {
            JsonObject problem = new JsonObject(response.body());
            assertThat(problem.getInteger("status")).as(at).isEqualTo(status);
            assertThat(problem.getString("type")).as(at).startsWith("/docs/problems#");
            assertThat(problem.getString("detail")).as(at).isNotBlank();
        }
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
