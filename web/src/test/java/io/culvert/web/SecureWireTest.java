package io.culvert.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The cases of the wire under TLS, and those that only TLS has. */
class SecureWireTest extends WireCases {
    private static final Duration LONG = Duration.ofSeconds(60);

    @Override
    RunningServer server(Path data, WebLimits limits) {
        return RunningServer.secure(data, limits);
    }

    @Test
    void aHandshakeThatNeverBeginsIsClosed() throws IOException {
        WebLimits limits = new WebLimits(65_536, 100, 100, LONG, Duration.ofMillis(400), LONG);
        try (RunningServer server = RunningServer.secure(data, limits);
                Socket silent = bare(server);
                Socket half = bare(server)) {
            // A record that announces more than it says.
            half.getOutputStream().write(new byte[] {22, 3, 1, 0, 100, 1, 0});
            assertThat(silent.getInputStream().read()).isEqualTo(-1);
            assertThat(half.getInputStream().readAllBytes()).hasSizeLessThan(20);
        }
    }

    @Test
    void whoNeverShakesHandsTakesAPlaceAllTheSame() throws IOException {
        WebLimits limits = new WebLimits(65_536, 3, 3, LONG, LONG, LONG);
        try (RunningServer server = RunningServer.secure(data, limits)) {
            List<Socket> silent = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                silent.add(bare(server));
            }
            try (Socket fourth = bare(server)) {
                assertThat(fourth.getInputStream().read()).isEqualTo(-1);
            }
            for (Socket socket : silent) {
                socket.close();
            }
        }
    }

    @Test
    void plainHttpIsNotUnderstoodAndDoesNoHarm() throws IOException {
        try (RunningServer server = RunningServer.secure(data, WebLimits.defaults())) {
            try (Socket plain = bare(server)) {
                plain.getOutputStream()
                        .write("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
                                .getBytes(java.nio.charset.StandardCharsets.US_ASCII));
                assertThat(new String(
                                plain.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.ISO_8859_1))
                        .doesNotContain("HTTP");
            }
            assertThat(server.get("/healthz").body()).isEqualTo("ok");
        }
    }

    private static Socket bare(RunningServer server) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.web.port());
        socket.setSoTimeout(10_000);
        return socket;
    }
}
