package io.culvert.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.culvert.agent.Agent;
import io.culvert.client.CreatedTunnel;
import io.culvert.client.NewTunnel;
import io.culvert.client.State;
import io.culvert.link.agent.JoinToken;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whoever tries join tokens at the bridge is counted and told of, and shuts nobody out who has the right one. */
@Timeout(120)
class GuessedTokensTest {
    /** Behind the 26th the wait is a minute, which is when it is told. */
    private static final int GUESSES = 30;

    @TempDir
    Path directory;

    @Test
    void manyWrongTokensOfOneAddressStandInTheAuditAndTheRightOneComesInAllTheSame() throws Exception {
        try (TestServer server = new TestServer(directory)) {
            CreatedTunnel created = server.client()
                    .tunnels()
                    .create(NewTunnel.to("127.0.0.1:" + server.echoPort(), Duration.ofHours(1)));
            String join = created.join().orElseThrow();
            JoinToken right = JoinToken.parse(join);
            String wrong = new JoinToken(right.tunnelId(), new byte[32], right.pin()).text();
            List<Agent> guessers = new ArrayList<>();
            try {
                for (int i = 0; i < GUESSES; i++) {
                    guessers.add(server.agent(wrong));
                }
                await().atMost(Duration.ofSeconds(60))
                        .untilAsserted(() -> assertThat(audit(server))
                                .contains("\"operation\":\"throttle.lock\"", "\"what\":\"token\""));
                try (Agent agent = server.agent(join)) {
                    assertThat(agent).isNotNull();
                    await().atMost(Duration.ofSeconds(4))
                            .until(() -> server.client()
                                            .tunnels()
                                            .get(created.tunnel().id())
                                            .state()
                                    == State.UP);
                }
            } finally {
                guessers.forEach(Agent::close);
            }
        }
    }

    private static String audit(TestServer server) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(server.url() + "/api/v1/audit?limit=100"))
                .header("Authorization", "Bearer " + server.key())
                .build();
        return HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.ofString())
                .body();
    }
}
