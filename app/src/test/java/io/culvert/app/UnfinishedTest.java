package io.culvert.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.culvert.app.process.Console;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A command on more tunnels than go in one request, against a server that refuses the second one or breaks it off. */
class UnfinishedTest {
    private static final String DONE = "{\"results\":[{\"id\":0,\"status\":404,\"tunnel\":null,\"problem\":"
            + "{\"type\":\"/docs/problems#no-such-tunnel\",\"title\":\"No such tunnel\",\"status\":404,"
            + "\"detail\":\"id: 0\",\"errors\":[]}}]}";

    @TempDir
    private Path directory;

    /** A status of 0 is none: the connection breaks. */
    @ParameterizedTest
    @CsvSource({"renew, 403, 3", "delete, 403, 3", "delete, 0, 1"})
    void whatWasDoneIsSaidBeforeWhatWentWrong(String verb, int status, int exit) throws Exception {
        AtomicInteger requests = new AtomicInteger();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            exchange.getRequestBody().readAllBytes();
            byte[] body = (requests.incrementAndGet() == 1 ? DONE : "").getBytes(StandardCharsets.UTF_8);
            if (body.length > 0) {
                exchange.sendResponseHeaders(200, body.length);
                exchange.getResponseBody().write(body);
            } else if (status > 0) {
                exchange.sendResponseHeaders(status, -1);
            }
            exchange.close();
        });
        server.start();
        try {
            String[] words = Stream.concat(
                            Stream.of("tunnel", verb), IntStream.range(0, 1001).mapToObj(String::valueOf))
                    .toArray(String[]::new);
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            ByteArrayOutputStream err = new ByteArrayOutputStream();
            Console console = new Console(
                    new PrintStream(out, true, StandardCharsets.UTF_8),
                    new PrintStream(err, true, StandardCharsets.UTF_8),
                    new ByteArrayInputStream(new byte[0]),
                    Map.of(
                            "CULVERT_CLIENT_SERVER",
                            "http://127.0.0.1:" + server.getAddress().getPort(),
                            "XDG_CONFIG_HOME",
                            directory.toString()));
            int code = new Culvert(console).run(words);
            String told = err.toString(StandardCharsets.UTF_8);
            assertThat(told)
                    .startsWith("0: id: 0\nfor the other 1000 there is no outcome\nculvert tunnel " + verb + ": ");
            assertThat(code).isEqualTo(exit);
            assertThat(told).doesNotContain("Exception");
        } finally {
            server.stop(0);
        }
    }
}
