package io.culvert.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.culvert.agent.Agent;
import io.culvert.control.Caller;
import io.culvert.control.IssuedToken;
import io.culvert.control.SessionCredential;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An agent and a whole server, over several lives of a credential. */
class CredentialTest {
    private static final Duration TTL = Duration.ofSeconds(3);

    @TempDir
    Path data;

    private static IssuedToken only(RunningServer server, long tunnel) {
        List<IssuedToken> tokens = server.tunnels
                .joinTokens(Caller.trusted("test"), tunnel)
                .toCompletableFuture()
                .join();
        assertThat(tokens).hasSize(1);
        return tokens.get(0);
    }

    @Test
    void whoeverRenewsServesOnAndWhoeverDoesNotIsCut() throws Exception {
        try (RunningServer server = RunningServer.renewing(data, TTL);
                EchoTarget target = new EchoTarget()) {
            JsonObject body = new JsonObject()
                    .put("exposes", new JsonArray().add(new JsonObject().put("target", "127.0.0.1:" + target.port())));
            JsonObject tunnel = RunningServer.json(server.json("/api/v1/tunnels", body.encode()));
            long id = tunnel.getLong("id");
            JsonObject token =
                    RunningServer.json(server.json("/api/v1/tunnels/" + id + "/join-tokens", "{\"uses\":1}"));
            int port = tunnel.getJsonArray("exposes").getJsonObject(0).getInteger("port");
            try (Agent agent = server.agent(token.getString("join"));
                    Socket visitor = server.visitor(port)) {
                assertThat(agent).isNotNull();
                SessionCredential first = only(server, id).credentials().get(0);
                Instant end = first.endsAt();
                await().atMost(TTL.multipliedBy(10)).until(() -> Instant.now().isAfter(end.plus(TTL)));
                SessionCredential now = only(server, id).credentials().get(0);
                assertThat(now.id()).isEqualTo(first.id());
                assertThat(now.hash()).isNotEqualTo(first.hash());
                visitor.getOutputStream().write(7);
                assertThat(visitor.getInputStream().read()).isEqualTo(7);
            }
            // It is gone, and renews no more.
            await().atMost(TTL.multipliedBy(10))
                    .until(() -> only(server, id).credentials().isEmpty());
        }
    }
}
