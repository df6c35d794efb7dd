package io.culvert.app.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.culvert.client.CulvertApiException;
import io.culvert.client.seed.CreatedTunnel;
import io.culvert.client.seed.Expose;
import io.culvert.client.seed.NewTunnel;
import io.culvert.client.seed.SeedClient;
import io.culvert.client.seed.Tunnel;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The Java client and the real server: each call, and each refusal. */
class ClientIT {
    private static final Duration TTL = Duration.ofMinutes(10);

    @RegisterExtension
    final World world = new World();

    @Test
    void eachCallDoesWhatItSays() throws Exception {
        RunningServer server = world.server();
        SeedClient client = server.client();
        assertThat(client.list()).isEmpty();

        NewTunnel wanted = new NewTunnel(
                List.of(new Expose("127.0.0.1", 22, 0), new Expose("nas.lan", 80, 0)), "both of the NAS – 网", TTL);
        CreatedTunnel created = client.create(wanted);
        Tunnel tunnel = created.tunnel();
        assertThat(tunnel.comment()).isEqualTo("both of the NAS – 网");
        assertThat(tunnel.ttl()).isEqualTo(TTL);
        assertThat(tunnel.exposes()).extracting(Expose::targetHost).containsExactly("127.0.0.1", "nas.lan");
        assertThat(tunnel.exposes()).extracting(Expose::port).doesNotContain(0).doesNotHaveDuplicates();
        assertThat(server.bridge()).endsWith(":" + tunnel.agentPort());
        assertThat(created.join()).isNotBlank();
        assertThat(created.toString()).doesNotContain(created.join());

        CreatedTunnel endless = client.create(NewTunnel.to(22, Duration.ZERO));
        assertThat(endless.tunnel().id()).isGreaterThan(tunnel.id());
        assertThat(client.list())
                .extracting(Tunnel::id)
                .containsExactly(tunnel.id(), endless.tunnel().id());
        assertThat(client.query(tunnel.id()).exposes()).isEqualTo(tunnel.exposes());

        client.heartbeat(tunnel.id());
        assertThat(client.query(tunnel.id()).lastHeartbeat()).isAfter(tunnel.lastHeartbeat());

        client.remove(tunnel.id());
        assertThat(client.list())
                .extracting(Tunnel::id)
                .containsExactly(endless.tunnel().id());
    }

    @Test
    void eachRefusalHasItsStatusAndTellsWhatWasExpected() throws Exception {
        RunningServer server = world.server();
        SeedClient client = server.client();
        CreatedTunnel holder = client.create(NewTunnel.to(22, TTL));
        int taken = RunningServer.port(holder);

        refused(400, "expire", () -> client.create(NewTunnel.to(22, Duration.ofDays(9_999))));
        refused(400, "comment", () -> client.create(commented("x".repeat(5_000))));
        refused(400, "comment", () -> client.create(commented("a bell: \u0007")));
        refused(404, "id", () -> client.query(4_711));
        refused(404, "id", () -> client.heartbeat(4_711));
        refused(404, "id", () -> client.remove(4_711));
        refused(
                409,
                String.valueOf(taken),
                () -> client.create(new NewTunnel(List.of(new Expose("127.0.0.1", 22, taken)), "", TTL)));
        refused(413, "", () -> client.create(commented("x".repeat(200_000))));

        for (Optional<String> key : List.of(Optional.of("not-the-key"), Optional.<String>empty())) {
            SeedClient stranger = server.client(key);
            refused(401, "Authorization failed.", stranger::list);
            refused(401, "Authorization failed.", () -> stranger.create(NewTunnel.to(22, TTL)));
            refused(
                    401,
                    "Authorization failed.",
                    () -> stranger.query(holder.tunnel().id()));
            refused(
                    401,
                    "Authorization failed.",
                    () -> stranger.heartbeat(holder.tunnel().id()));
            refused(
                    401,
                    "Authorization failed.",
                    () -> stranger.remove(holder.tunnel().id()));
        }
        assertThat(client.list())
                .singleElement()
                .satisfies(
                        left -> assertThat(left.id()).isEqualTo(holder.tunnel().id()));

        server.program().kill();
        assertThatThrownBy(client::list).isInstanceOf(IOException.class);
    }

    @Test
    @SuppressWarnings("try") // the lease is renewed all the while
    void withoutItsStoreTheServerRefusesChangesAndServesOn() throws Exception {
        RunningServer server = world.server();
        EchoService service = world.closing(EchoService.start());
        SeedClient client = server.client();
        CreatedTunnel tunnel = client.create(NewTunnel.to(service.port(), Duration.ofSeconds(5)));
        world.agent(server, tunnel);
        long id = tunnel.tunnel().id();

        try (Heartbeats heartbeats = Heartbeats.of(client, tunnel);
                Visitor visitor = Visitor.served(RunningServer.port(tunnel))) {
            visitor.says("before");
            String database = "jdbc:sqlite:" + server.data().resolve("culvert.db");
            try (Connection other = DriverManager.getConnection(database);
                    var statement = other.createStatement()) {
                // As somebody at the sqlite3 prompt who leaves for lunch.
                statement.execute("BEGIN IMMEDIATE");
                refused(503, "", () -> client.create(NewTunnel.to(22, TTL)));
                visitor.says("meanwhile");
                Visitor.awaitServed(RunningServer.port(tunnel));
                refused(503, "", () -> client.remove(id));
                // The lease is kept by its heartbeats for longer than it lasts, though nothing can be stored.
                Tunnel before = client.query(id);
                await("longer than a lease")
                        .atMost(Duration.ofSeconds(20))
                        .until(() -> client.query(id)
                                .lastHeartbeat()
                                .isAfter(before.lastHeartbeat()
                                        .plus(tunnel.tunnel().ttl())));
                visitor.says("still");
                assertThat(client.list()).hasSize(1);
                statement.execute("ROLLBACK");
            }
            await("the store is back")
                    .atMost(Duration.ofSeconds(20))
                    .ignoreExceptionsMatching(e -> e instanceof CulvertApiException refusal && refusal.status() == 503)
                    .untilAsserted(() -> {
                        assertThat(client.create(NewTunnel.to(22, TTL)).tunnel().id())
                                .isGreaterThan(id);
                    });
            visitor.says("after");
        }
    }

    private static NewTunnel commented(String comment) {
        return new NewTunnel(List.of(new Expose("127.0.0.1", 22, 0)), comment, TTL);
    }

    private static void refused(int status, String said, ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(CulvertApiException.class, e -> {
            assertThat(e.status()).as(e.getMessage()).isEqualTo(status);
            assertThat(e.detail()).isNotBlank().contains(said).doesNotContain("Exception", "\n");
        });
    }
}
