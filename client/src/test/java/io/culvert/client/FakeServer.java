package io.culvert.client;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** An HTTP server that says what a test wants, in the order in which it was told to, and the last thing again and again. */
final class FakeServer implements AutoCloseable {
    static final String KEY = "s3cret-key";

    /** A tunnel as a newer server might show it: with fields and values that this client does not know. */
    static final String TUNNEL = """
            {"id":7,"version":3,"name":"lab","labels":{"room":"204"},"comment":"","owner":"key-1","colour":"green",
             "exposes":[{"protocol":"tcp","target":"127.0.0.1:22","port":22022,"pool":null,"bind":null,"host":"x"}],
             "bridge":null,"agent_port":7000,
             "lease":{"ttl_seconds":60.500,"grace_seconds":null,"max_lifetime_seconds":7200,"expires_at":null,
               "on_expiry":{"action":"drain","drain_seconds":30},"renew_by":"api","warn_before_seconds":[20],
               "last_renewal":"2026-11-23T12:00:00Z","deadline":"2026-11-23T12:01:00.250Z","ends_at":null},
             "policies":{"visitors":{"allow":["192.0.2.0/24"],"deny":[]},
               "connections":{"most":200,"most_per_address":null,"new_per_second":null},
               "bytes_per_second":{"in":null,"out":1000,"connection_in":null,"connection_out":null},
               "volume_bytes":5000000000,"idle_seconds":null,"longest_seconds":null,"proxy_protocol":"none"},
             "state":"dreaming","reason":"of sheep","since":"2026-11-23T11:59:58.004Z",
             "transitions":[{"state":"waiting","reason":"created","since":"2026-11-23T11:59:50Z"}],
             "created_at":"2026-11-23T11:59:50Z",
             "traffic":{"sessions":1,"visitors":2,"bytes_in":1824,"bytes_out":9321100000,"connections":2,"refused":0,
               "datagrams_dropped":0}""".replace("\n", "");

    /** What came. */
    record Request(String line, Map<String, List<String>> headers, String body) {
        Optional<String> header(String name) {
            return headers.getOrDefault(name, List.of()).stream().findFirst();
        }
    }

    /** What is said. */
    interface Reply {
        void to(HttpExchange exchange) throws IOException;
    }

    final List<Request> requests = new CopyOnWriteArrayList<>();
    private final Deque<Reply> replies = new ArrayDeque<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HttpServer server;

    FakeServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::handle);
        server.setExecutor(threads);
        server.start();
    }

    FakeServer says(Reply reply) {
        synchronized (replies) {
            replies.add(reply);
        }
        return this;
    }

    FakeServer says(int status, String json) {
        return says(exchange -> {
            byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
        });
    }

    /** The connection breaks before anything is said. */
    FakeServer breaks() {
        return says(exchange -> {
            throw new IOException("as the test wants");
        });
    }

    private void handle(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        requests.add(new Request(
                exchange.getRequestMethod() + " " + exchange.getRequestURI(),
                Map.copyOf(exchange.getRequestHeaders()),
                body));
        Reply reply;
        synchronized (replies) {
            reply = replies.size() > 1 ? replies.remove() : replies.element();
        }
        reply.to(exchange);
        exchange.close();
    }

    URI address() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    CulvertClient client() {
        return CulvertClient.to(address())
                .key(KEY)
                .timeout(Duration.ofSeconds(10))
                .build();
    }

    Request last() {
        return requests.get(requests.size() - 1);
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
