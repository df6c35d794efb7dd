package io.culvert.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.ConnectException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The cases of the wire on plain HTTP. */
class WireTest extends WireCases {
    @Override
    RunningServer server(Path data, WebLimits limits) {
        return RunningServer.keyed(data, limits);
    }

    @Test
    void leavesNothingBehind() throws Exception {
        Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
        Set<Path> before = caches(temporary);
        int port;
        try (RunningServer server = RunningServer.keyed(data)) {
            port = server.web.port();
            assertThat(server.get("/ui/manager").statusCode()).isEqualTo(200);
            assertThat(threads()).contains("culvert-web-1", "culvert-web-2");
            assertThat(caches(temporary)).isEqualTo(before);
            assertThatThrownBy(() -> WebServer.start(
                                    WebSettings.on("127.0.0.1", port),
                                    RunningServer.CONTRACT,
                                    server.tunnels,
                                    server.events,
                                    RunningServer.NO_USAGE,
                                    server.hooks,
                                    server.doorman(),
                                    server.people())
                            .toCompletableFuture()
                            .get())
                    .isInstanceOf(ExecutionException.class)
                    .hasStackTraceContaining("BindException");
        }
        assertThatThrownBy(() -> new Socket(java.net.InetAddress.getLoopbackAddress(), port).close())
                .isInstanceOf(ConnectException.class);
        await().untilAsserted(() -> assertThat(threads()).doesNotContain("culvert-web-1", "culvert-web-2"));
    }

    private static Set<Path> caches(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.filter(entry -> entry.getFileName().toString().startsWith("vertx"))
                    .collect(Collectors.toSet());
        }
    }

    private static Set<String> threads() {
        return Thread.getAllStackTraces().keySet().stream().map(Thread::getName).collect(Collectors.toSet());
    }
}
