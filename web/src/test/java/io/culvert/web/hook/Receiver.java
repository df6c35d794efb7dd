package io.culvert.web.hook;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** A real HTTP server that takes what is posted. Any thread. */
final class Receiver implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final CountDownLatch closing = new CountDownLatch(1);
    final List<Post> posts = new CopyOnWriteArrayList<>();
    volatile int status = 200;
    /** Answers nothing at all. */
    volatile boolean silent;
    /** Sends the head of an answer, and then one byte and no more. */
    volatile boolean trickling;

    record Post(String method, String event, String delivery, String signature, String type, String body) {}

    Receiver() throws IOException {
        this(0);
    }

    /** @param port 0, or where an earlier one was */
    Receiver(int port) throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        server.createContext("/", exchange -> {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            var head = exchange.getRequestHeaders();
            posts.add(new Post(
                    exchange.getRequestMethod(),
                    String.valueOf(head.getFirst("Culvert-Event")),
                    String.valueOf(head.getFirst("Culvert-Delivery")),
                    String.valueOf(head.getFirst("Culvert-Signature")),
                    String.valueOf(head.getFirst("Content-Type")),
                    body));
            if (silent) {
                hold();
            }
            exchange.getResponseHeaders().set("Location", "/elsewhere");
            if (trickling) {
                exchange.sendResponseHeaders(status, 1_000);
                exchange.getResponseBody().write('x');
                exchange.getResponseBody().flush();
                hold();
            }
            exchange.sendResponseHeaders(status, -1);
            exchange.close();
        });
        server.setExecutor(threads);
        server.start();
    }

    private void hold() {
        try {
            boolean unused = closing.await(60, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    int port() {
        return server.getAddress().getPort();
    }

    String url() {
        return "http://127.0.0.1:" + port() + "/hook";
    }

    @Override
    public void close() {
        closing.countDown();
        server.stop(0);
        threads.shutdownNow();
    }
}
