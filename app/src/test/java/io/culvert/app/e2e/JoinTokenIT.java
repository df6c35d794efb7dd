package io.culvert.app.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.culvert.client.seed.CreatedTunnel;
import io.culvert.client.seed.NewTunnel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Join tokens that are exchanged, with the real programs, killed where it hurts. */
class JoinTokenIT {
    private static final Duration LONG = Duration.ofMinutes(10);
    private static final int REFUSED = 3;

    @RegisterExtension
    final World world = new World();

    private final HttpClient http = HttpClient.newHttpClient();

    private record Token(String id, Path file) {}

    private String api(RunningServer server, String method, String path, String body, int status) throws Exception {
        HttpResponse<String> answer = http.send(
                HttpRequest.newBuilder(URI.create(server.url() + "/api/v1" + path))
                        .header("Authorization", "Bearer " + server.key())
                        .header("Content-Type", "application/json")
                        .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        return answer.body();
    }

    private Token token(RunningServer server, CreatedTunnel tunnel, String terms) throws Exception {
        String made = api(server, "POST", "/tunnels/" + tunnel.tunnel().id() + "/join-tokens", terms, 201);
        String id = field(made, "id");
        return new Token(id, world.secret("token-" + id, field(made, "join")));
    }

    private static String field(String json, String name) {
        Matcher found = Pattern.compile("\"" + name + "\":\"([^\"]*)\"").matcher(json);
        assertThat(found.find()).as(json).isTrue();
        return found.group(1);
    }

    private Program agent(RunningServer server, Token token, String... more) {
        List<String> words =
                new ArrayList<>(List.of("agent", "--server=" + server.bridge(), "--token-file=" + token.file()));
        words.addAll(List.of(more));
        return world.culvert("agent", Map.of(), words.toArray(String[]::new));
    }

    private String keeping(String name) {
        return "--credential-file=" + world.directory().resolve(name);
    }

    @Test
    void ofTwoAgentsWithATokenForOneUseOneServes() throws Exception {
        RunningServer server = world.server();
        EchoService service = world.closing(EchoService.start());
        CreatedTunnel tunnel = server.client().create(NewTunnel.to(service.port(), LONG));
        Token token = token(server, tunnel, "{\"uses\":1}");
        List<Program> agents = List.of(agent(server, token), agent(server, token));
        await().atMost(Duration.ofSeconds(60))
                .until(() -> agents.stream().filter(each -> !each.isAlive()).count() == 1);
        Program loser = agents.get(0).isAlive() ? agents.get(1) : agents.get(0);
        assertThat(loser.exit()).isEqualTo(REFUSED);
        assertThat(loser.err()).contains("this join token is used up").doesNotContain("Exception");
        Visitor.awaitServed(RunningServer.port(tunnel));
        assertThat(server.client().query(tunnel.tunnel().id()).sessions()).isEqualTo(1);
    }

    @Test
    void theOneThatExchangedItComesBackThroughKillsOnBothSides() throws Exception {
        RunningServer server = world.lastingServer();
        EchoService service = world.closing(EchoService.start());
        CreatedTunnel tunnel = server.client().create(NewTunnel.to(service.port(), LONG));
        Token token = token(server, tunnel, "{\"uses\":1,\"ttl_seconds\":600}");
        Program agent = agent(server, token, keeping("first"));
        Visitor.awaitServed(RunningServer.port(tunnel));

        server.program().kill();
        RunningServer again = world.again(server);
        Visitor.awaitServed(RunningServer.port(tunnel));
        assertThat(agent.isAlive()).isTrue();

        agent.kill();
        Program restarted = agent(again, token, keeping("first"));
        restarted.awaitLine(line -> line.contains("is up"));
        Visitor.awaitServed(RunningServer.port(tunnel));

        Program stranger = agent(again, token, keeping("second"));
        assertThat(stranger.exit()).isEqualTo(REFUSED);
        assertThat(stranger.err()).contains("this join token is used up");
        assertThat(restarted.isAlive()).isTrue();
    }

    /** Whatever moment the kill meets: the token is spent for this agent and nobody else. */
    @Test
    void aKillAroundTheExchangeLosesNothing() throws Exception {
        RunningServer server = world.lastingServer();
        EchoService service = world.closing(EchoService.start());
        CreatedTunnel tunnel = server.client().create(NewTunnel.to(service.port(), LONG));
        RunningServer now = server;
        for (int i = 0; i < 3; i++) {
            Token token = token(now, tunnel, "{\"uses\":1}");
            Program agent = agent(now, token, keeping("agent-" + i));
            Path file = world.directory().resolve("agent-" + i);
            Program before = now.program();
            BooleanSupplier moment = List.<BooleanSupplier>of(
                            () -> Files.exists(file),
                            () -> before.err().contains("exchanged for credential"),
                            () -> agent.err().contains("is up"))
                    .get(i);
            await().pollInterval(Duration.ofMillis(1))
                    .atMost(Duration.ofSeconds(30))
                    .until(moment::getAsBoolean);
            agent.kill();
            now.program().kill();
            now = world.again(now);
            Program restarted = agent(now, token, keeping("agent-" + i));
            restarted.awaitLine(line -> line.contains("is up"));
            Program stranger = agent(now, token, keeping("stranger-" + i));
            assertThat(stranger.exit()).isEqualTo(REFUSED);
            restarted.kill();
        }
    }

    @Test
    void revocationCutsWhatIsFlowingWithinASecondAndWhatWasStolenIsWorthNothing() throws Exception {
        RunningServer server = world.server();
        EchoService service = world.closing(EchoService.start());
        CreatedTunnel tunnel = server.client().create(NewTunnel.to(service.port(), LONG));
        Token token = token(server, tunnel, "{\"uses\":1}");
        Program agent = agent(server, token, keeping("own"));
        Visitor.awaitServed(RunningServer.port(tunnel));
        Path stolen = world.directory().resolve("stolen");
        await().until(() -> Files.readString(world.directory().resolve("own")).contains("\nheld "));
        Files.copy(world.directory().resolve("own"), stolen);

        try (Socket visitor = new Socket(InetAddress.getLoopbackAddress(), RunningServer.port(tunnel))) {
            visitor.setSoTimeout(10_000);
            CompletableFuture<Long> cut = CompletableFuture.supplyAsync(() -> {
                byte[] bytes = new byte[8192];
                try {
                    while (true) {
                        visitor.getOutputStream().write(bytes);
                        int left = bytes.length;
                        while (left > 0) {
                            int read = visitor.getInputStream().read(bytes, 0, left);
                            if (read < 0) {
                                return System.nanoTime();
                            }
                            left -= read;
                        }
                    }
                } catch (IOException e) {
                    return System.nanoTime();
                }
            });
            await().until(() -> server.client().query(tunnel.tunnel().id()).bytesIn() > 1 << 20);
            assertThat(cut).isNotDone();
            long asked = System.nanoTime();
            api(server, "DELETE", "/tunnels/" + tunnel.tunnel().id() + "/join-tokens/" + token.id(), "", 204);
            assertThat(Duration.ofNanos(cut.get(10, TimeUnit.SECONDS) - asked)).isLessThan(Duration.ofSeconds(1));
        }
        assertThat(agent.exit()).isEqualTo(REFUSED);
        assertThat(agent.err()).contains("this join token was revoked").doesNotContain("Exception");
        Program thief = agent(server, token, "--credential-file=" + stolen);
        assertThat(thief.exit()).isEqualTo(REFUSED);
        assertThat(server.client().query(tunnel.tunnel().id()).sessions()).isZero();
        String log = server.program().err();
        assertThat(log).contains("join token " + token.id() + " revoked by").doesNotContain("Exception");
        assertThat(log).doesNotContain(Files.readString(token.file()).split("\\.", -1)[2]);
    }

    @Test
    void aCredentialFileThatIsNoneStopsTheAgentBeforeItConnects() throws Exception {
        RunningServer server = world.server();
        CreatedTunnel tunnel = server.client().create(NewTunnel.to(9, LONG));
        Path file = Files.writeString(world.directory().resolve("other"), "my thesis\n");
        Program agent = world.agent(server, tunnel, "--credential-file=" + file);
        assertThat(agent.exit()).isEqualTo(2);
        assertThat(agent.err()).contains("--credential-file: " + file + ": not a credential file");
        assertThat(Files.readString(file)).isEqualTo("my thesis\n");
    }
}
