package io.culvert.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SmokeTest {
    @TempDir
    Path directory;

    @Test
    void bytesGoThereAndBack() throws Exception {
        try (World world = new World(directory)) {
            ServerSocket target = world.target();
            int port = world.tunnel(1, target.getLocalPort());
            world.agent(1);
            Socket visitor = world.visit(port);
            visitor.getOutputStream().write("ping".getBytes(StandardCharsets.US_ASCII));
            try (Socket inner = target.accept()) {
                assertThat(inner.getInputStream().readNBytes(4)).asString().isEqualTo("ping");
                inner.getOutputStream().write("pong".getBytes(StandardCharsets.US_ASCII));
                assertThat(visitor.getInputStream().readNBytes(4)).asString().isEqualTo("pong");
            }
            assertThat(visitor.getInputStream().read()).isEqualTo(-1);
        }
    }
}
