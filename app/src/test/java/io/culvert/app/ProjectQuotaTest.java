package io.culvert.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.culvert.agent.Agent;
import io.culvert.client.CreatedTunnel;
import io.culvert.client.NewTunnel;
import io.culvert.client.State;
import io.culvert.client.Tunnel;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a project may have of live traffic, from the API to the socket and over a restart. */
@Timeout(120)
class ProjectQuotaTest {
    @TempDir
    Path directory;

    @Test
    @SuppressWarnings("try") // agents serve meanwhile
    void connectionsAndTheMonthsBytesAreHeldAlsoBehindARestart() throws Exception {
        try (ServerSocket target = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Thread sink = new Thread(() -> swallow(target));
            sink.setDaemon(true);
            sink.start();
            CreatedTunnel created;
            try (TestServer server = new TestServer(directory)) {
                created = server.client()
                        .tunnels()
                        .create(NewTunnel.to("127.0.0.1:" + target.getLocalPort(), Duration.ofHours(1)));
                try (Agent agent = server.agent(created.join().orElseThrow())) {
                    up(server, created);
                    quotas(server, "{\"connections\": 1, \"bytes_per_month\": 1000}");
                    Socket only = visit(created);
                    only.getOutputStream().write(new byte[300]);
                    await().until(() -> carried(server, created) == 300);
                    await().until(() -> isTurnedAway(created));
                    quotas(server, "{\"connections\": null}");
                    await().until(() -> !isTurnedAway(created));
                    only.close();
                }
            }
            try (TestServer server = new TestServer(directory);
                    Agent agent = server.agent(created.join().orElseThrow())) {
                up(server, created);
                try (Socket visitor = visit(created)) {
                    visitor.getOutputStream().write(new byte[5_000]);
                    // Cut at the byte, as 300 of 1,000 had been carried before.
                    assertThat(isReset(visitor)).isTrue();
                }
                assertThat(carried(server, created)).isEqualTo(1_000);
                assertThat(isTurnedAway(created)).isTrue();
                await().untilAsserted(() -> {
                    Tunnel tunnel =
                            server.client().tunnels().get(created.tunnel().id());
                    assertThat(tunnel.state()).isEqualTo(State.DEGRADED);
                    assertThat(tunnel.reason()).isEqualTo("the project's 1000 bytes of this month (UTC) are used up");
                });
                assertThat(server.client().projects().get("default").used().bytesThisMonth())
                        .isEqualTo(1_000);
                quotas(server, "{\"bytes_per_month\": null}");
                await().until(() -> !isTurnedAway(created));
                up(server, created);
            }
        }
    }

    private static void swallow(ServerSocket target) {
        while (!target.isClosed()) {
            try {
                Socket inner = target.accept();
                Thread thread = new Thread(() -> {
                    try (inner) {
                        InputStream in = inner.getInputStream();
                        while (in.read() >= 0) {}
                    } catch (IOException e) {
                        // The visitor was cut, as the test wants it.
                    }
                });
                thread.setDaemon(true);
                thread.start();
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private static void up(TestServer server, CreatedTunnel created) {
        await().until(() -> server.client().tunnels().get(created.tunnel().id()).state() == State.UP);
    }

    private static long carried(TestServer server, CreatedTunnel created) throws IOException {
        Tunnel.Traffic traffic =
                server.client().tunnels().get(created.tunnel().id()).traffic();
        return traffic.bytesIn() + traffic.bytesOut();
    }

    private static Socket visit(CreatedTunnel created) throws IOException {
        Socket visitor = new Socket(
                InetAddress.getLoopbackAddress(),
                created.tunnel().exposes().get(0).port());
        visitor.setSoTimeout(20_000);
        return visitor;
    }

    /** One that is let in hears nothing, and its own end as an end. */
    private static boolean isTurnedAway(CreatedTunnel created) throws IOException {
        try (Socket visitor = visit(created)) {
            visitor.shutdownOutput();
            return visitor.getInputStream().read() >= 0;
        } catch (SocketException reset) {
            return true;
        }
    }

    private static boolean isReset(Socket visitor) throws IOException {
        try {
            return visitor.getInputStream().read() >= 0;
        } catch (SocketException reset) {
            return true;
        }
    }

    private static void quotas(TestServer server, String quotas) throws Exception {
        HttpRequest patch = HttpRequest.newBuilder(URI.create(server.url() + "/api/v1/projects/default"))
                .header("Authorization", "Bearer " + server.key())
                .header("Content-Type", "application/json")
                .method("PATCH", HttpRequest.BodyPublishers.ofString("{\"quotas\": " + quotas + "}"))
                .build();
        assertThat(HttpClient.newHttpClient()
                        .send(patch, BodyHandlers.ofString())
                        .statusCode())
                .isEqualTo(200);
    }
}
