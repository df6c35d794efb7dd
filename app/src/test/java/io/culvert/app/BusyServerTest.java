package io.culvert.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.culvert.app.process.Console;
import io.culvert.app.process.ExitCode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code tunnel watch} and {@code tunnel renew --every} against a server that is busy now and then: they say that they try again, and do. */
class BusyServerTest {
    private static final String TUNNEL = """
            {"id":7,"version":3,"name":"lab","labels":{},"comment":"","owner":"key-1","exposes":[],
             "bridge":null,"agent_port":7000,
             "lease":{"ttl_seconds":60,"grace_seconds":null,"max_lifetime_seconds":null,"expires_at":null,
               "on_expiry":{"action":"cut","drain_seconds":0},"renew_by":"api","warn_before_seconds":[],
               "last_renewal":"2026-11-23T12:00:00Z","deadline":null,"ends_at":null},
             "policies":{"visitors":{"allow":[],"deny":[]},
               "connections":{"most":null,"most_per_address":null,"new_per_second":null},
               "bytes_per_second":{"in":null,"out":null,"connection_in":null,"connection_out":null},
               "volume_bytes":null,"idle_seconds":null,"longest_seconds":null,"proxy_protocol":"none"},
             "state":"STATE","reason":"as it is","since":"2026-11-23T11:59:58Z","transitions":[],
             "created_at":"2026-11-23T11:59:50Z",
             "traffic":{"sessions":0,"visitors":0,"bytes_in":0,"bytes_out":0,"connections":0,"refused":0,
               "datagrams_dropped":0}}""";

    @TempDir
    private Path directory;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
        threads.shutdownNow();
    }

    private static void say(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    @Test
    void aServerThatIsBusyIsAskedAgain() {
        // The first one is asked for before watching begins.
        Queue<Integer> statuses = new ArrayDeque<>(List.of(200, 503, 429, 200));
        server.createContext("/api/v1/tunnels/7", exchange -> {
            synchronized (statuses) {
                int status = statuses.size() > 1 ? statuses.remove() : statuses.element();
                String state = statuses.size() > 1 ? "up" : "ended";
                say(exchange, status, status == 200 ? TUNNEL.replace("STATE", state) : "");
            }
        });
        // Each time the stream opens, tunnels are looked at.
        server.createContext("/api/v1/events", exchange -> say(exchange, 200, "retry: 100\n\n"));
        int exit = run("tunnel", "watch", "7");
        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains("the server does not answer: HTTP status 503; trying again until it does")
                .contains("tunnel 7 (lab) has ended");
        assertThat(exit).isEqualTo(ExitCode.REFUSED);
    }

    @Test
    void aNameIsLookedUpAndRenewedWhenTheServerIsBackAndNoSooner() {
        Queue<Integer> lists = new ArrayDeque<>(List.of(503, 429, 200));
        server.createContext("/api/v1/tunnels", exchange -> {
            synchronized (lists) {
                int status = lists.remove();
                String page = "{\"tunnels\":[" + TUNNEL.replace("STATE", "up") + "],\"total\":1,\"next_cursor\":null}";
                say(exchange, status, status == 200 ? page : "");
            }
        });
        Queue<Integer> renewals = new ArrayDeque<>(List.of(429, 503, 200, 404));
        server.createContext("/api/v1/tunnels/bulk-renew", exchange -> {
            synchronized (renewals) {
                int status = renewals.remove();
                String result = status == 200
                        ? "{\"status\":200,\"tunnel\":" + TUNNEL.replace("STATE", "up") + ",\"problem\":null}"
                        : "{\"status\":404,\"tunnel\":null,\"problem\":null}";
                say(exchange, status == 404 ? 200 : status, status < 429 ? "{\"results\":[" + result + "]}" : "");
            }
        });
        assertThat(run("tunnel", "renew", "lab", "--every", "20ms")).isEqualTo(ExitCode.REFUSED);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains("not renewed: HTTP status 503; trying again until it does")
                .contains("the server answers again")
                .contains("no such tunnel is left to renew");
        assertThat(lists).isEmpty();
        assertThat(renewals).isEmpty();
    }

    @Test
    void exposeSaysOfWhatMayPassThatItMay() {
        server.createContext("/api/v1/tunnels", exchange -> say(exchange, 503, ""));
        assertThat(run(
                        "expose",
                        "8080",
                        "--server=http://127.0.0.1:" + server.getAddress().getPort()))
                .isEqualTo(ExitCode.FAILURE);
    }

    private int run(String... words) {
        Console console = new Console(
                new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                new ByteArrayInputStream(new byte[0]),
                Map.of(
                        "XDG_CONFIG_HOME",
                        directory.toString(),
                        "CULVERT_CLIENT_SERVER",
                        "http://127.0.0.1:" + server.getAddress().getPort()));
        return new Culvert(console).run(words);
    }
}
