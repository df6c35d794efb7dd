package io.culvert.app.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;

/** Somebody who has a connection to an expose that leads to an {@link EchoService}. One thread. */
final class Visitor implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Socket socket;

    private Visitor(Socket socket) {
        this.socket = socket;
    }

    /** Connects, once. */
    static Visitor of(int port) throws IOException {
        Socket socket = new Socket();
        socket.setSoTimeout((int) PATIENCE.toMillis());
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), (int) PATIENCE.toMillis());
        return new Visitor(socket);
    }

    /** Connects as soon as a visitor is served. */
    static Visitor served(int port) throws IOException {
        awaitServed(port);
        return of(port);
    }

    /** Waits until a visitor of a port is served. */
    static void awaitServed(int port) {
        await("port " + port + " serves")
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(50))
                .until(() -> {
                    try (Visitor visitor = of(port)) {
                        visitor.says("are you there?");
                        return true;
                    } catch (IOException e) {
                        return false;
                    }
                });
    }

    /** Says something and hears it again. */
    void says(String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        socket.getOutputStream().write(bytes);
        byte[] heard = socket.getInputStream().readNBytes(bytes.length);
        if (heard.length < bytes.length) {
            throw new IOException("the connection ended after " + heard.length + " of " + bytes.length + " bytes");
        }
        assertThat(new String(heard, StandardCharsets.UTF_8)).isEqualTo(text);
    }

    /** Waits for the reset, and tells when it came. */
    Instant awaitReset() throws IOException {
        try {
            int read = socket.getInputStream().read();
            throw new AssertionError("read() gave " + read + " (expected: a reset)");
        } catch (SocketException e) {
            Instant now = Instant.now();
            assertThat(e).hasMessageContaining("reset");
            return now;
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
