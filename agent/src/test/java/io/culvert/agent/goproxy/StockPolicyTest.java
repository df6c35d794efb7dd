package io.culvert.agent.goproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import io.culvert.gateway.BridgeSpec;
import io.culvert.gateway.Counts;
import io.culvert.gateway.LiveConnection;
import io.culvert.gateway.LiveSession;
import io.culvert.gateway.OpenTunnel;
import io.culvert.gateway.Policies;
import io.culvert.gateway.ProbeStep;
import io.culvert.gateway.ProbeStep.Outcome;
import io.culvert.gateway.ProxyHeader;
import io.culvert.gateway.Rates;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Policies, probes and what can be seen, where the agents are stock ones. */
@Timeout(60)
class StockPolicyTest {
    @TempDir
    Path directory;

    private StockWorld world;

    @BeforeEach
    void open() throws IOException {
        world = new StockWorld(directory);
    }

    @AfterEach
    void close() throws IOException {
        world.close();
    }

    private static <T> T got(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(15, TimeUnit.SECONDS).join();
    }

    private static Policies header() {
        Policies none = Policies.NONE;
        return new Policies(
                List.of(),
                List.of(),
                0,
                0,
                0,
                none.tunnel(),
                none.connection(),
                0,
                Duration.ZERO,
                Duration.ZERO,
                ProxyHeader.V1);
    }

    private static Policies volume(long bytes, Rates tunnel) {
        return new Policies(
                List.of(),
                List.of(),
                0,
                0,
                0,
                tunnel,
                Rates.UNBOUNDED,
                bytes,
                Duration.ZERO,
                Duration.ZERO,
                ProxyHeader.NONE);
    }

    /** Also through snappy: the header is one of its bytes. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aTargetBehindAStockClientIsToldItsVisitorToo(boolean compress) throws Exception {
        ServerSocket target = world.target();
        OpenTunnel tunnel = world.open(1, new BridgeSpec(0, false, compress), StockWorld.tcp(target.getLocalPort()));
        world.client(
                1,
                GoproxyDouble.start(StockWorld.bare(tunnel.bridgePort()), "k", 1, compress, GoproxyDouble.STOCK_REDIAL),
                1);
        got(world.gateway.police(1, header()));
        int port = tunnel.ports().get(0);
        Socket visitor = world.visit(port);
        Socket inner = target.accept();
        world.keep(inner::close);
        inner.setSoTimeout(10_000);
        String expected = "PROXY TCP4 127.0.0.1 127.0.0.1 " + visitor.getLocalPort() + " " + port + "\r\n";
        assertThat(new String(inner.getInputStream().readNBytes(expected.length()), StandardCharsets.US_ASCII))
                .isEqualTo(expected);
        visitor.getOutputStream().write(42);
        assertThat(inner.getInputStream().read()).isEqualTo(42);
        LiveSession session = got(world.gateway.sessions(1)).get(0);
        assertThat(session.kind()).isEqualTo(LiveSession.Kind.GOPROXY);
        assertThat(session.agent()).isEqualTo("goproxy client k-1");
    }

    @Test
    void aStockClientThatGivesTheStreamUpFailsTheProbeAndOneThatDoesNotLeavesItOpen() throws Exception {
        int nobody;
        try (ServerSocket gone = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            nobody = gone.getLocalPort();
        }
        OpenTunnel tunnel =
                world.plain(1, StockWorld.tcp(nobody), StockWorld.tcp(world.echo()), StockWorld.udp(world.udpEcho()));
        world.client(1, GoproxyDouble.start(StockWorld.bare(tunnel.bridgePort()), "k", 1), 1);
        List<ProbeStep> refused = got(world.gateway.probe(1, 0));
        assertThat(refused).extracting(ProbeStep::outcome).containsExactly(Outcome.OK, Outcome.OK, Outcome.FAILED);
        assertThat(refused.get(1).text()).startsWith("goproxy client k-1 at 127.0.0.1:");
        assertThat(refused.get(2).text()).contains("127.0.0.1:" + nobody);
        assertThat(got(world.gateway.probe(1, 1)))
                .extracting(ProbeStep::outcome)
                .containsExactly(Outcome.OK, Outcome.OK, Outcome.UNKNOWN);
        assertThat(got(world.gateway.probe(1, 2)))
                .extracting(ProbeStep::outcome)
                .containsExactly(Outcome.OK, Outcome.OK, Outcome.UNKNOWN);
    }

    @Test
    void visitorsOfAStockServerAreSeenCountedAndBoundedToo() throws Exception {
        OpenTunnel tunnel = world.plain(1, StockWorld.tcp(world.echo()));
        world.client(1, GoproxyDouble.start(StockWorld.bare(tunnel.bridgePort()), "k", 1), 1);
        GoproxyServerDouble server =
                world.server(StockWorld.bare(tunnel.bridgePort()).connect(), "k");
        MiniStream stream = server.visit("tcp:127.0.0.1:" + world.echo());
        byte[] said = new byte[700];
        stream.write(said);
        assertThat(readFully(stream, 700)).isEqualTo(700);
        LiveConnection connection = got(world.gateway.connections(1)).get(0);
        assertThat(connection.visitor()).startsWith("a visitor of the goproxy server at 127.0.0.1:");
        assertThat(connection.bytesIn()).isEqualTo(700);
        assertThat(world.status(1).visitors()).isEqualTo(1);

        got(world.gateway.police(1, volume(2_000, Rates.UNBOUNDED)));
        stream.write(said);
        assertThat(readFully(stream, 700)).isLessThan(700);
        await().untilAsserted(() -> assertThat(world.status(1).visitors()).isZero());
        Counts counts = world.status(1).counts();
        assertThat(counts.bytesIn() + counts.bytesOut()).isEqualTo(2_000);
        assertThat(counts.connections()).isEqualTo(1);
    }

    /** Reads until so many bytes are there or the stream is over. */
    private static int readFully(MiniStream stream, int most) {
        int sofar = 0;
        try {
            while (sofar < most) {
                int n = stream.read(new byte[most - sofar]);
                if (n < 0) {
                    return sofar;
                }
                sofar += n;
            }
        } catch (IOException over) {
            // Reset.
        }
        return sofar;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aStockClientsVisitorsHaveTheRateThatWasAsked(boolean compress) throws Exception {
        ServerSocket target = world.target();
        OpenTunnel tunnel = world.open(1, new BridgeSpec(0, false, compress), StockWorld.tcp(target.getLocalPort()));
        world.client(
                1,
                GoproxyDouble.start(StockWorld.bare(tunnel.bridgePort()), "k", 1, compress, GoproxyDouble.STOCK_REDIAL),
                1);
        got(world.gateway.police(1, volume(0, new Rates(0, 800_000))));
        Socket visitor = world.visit(tunnel.ports().get(0));
        Socket inner = target.accept();
        world.keep(inner::close);
        world.threads.submit(() -> {
            byte[] block = new byte[16_384];
            while (true) {
                inner.getOutputStream().write(block);
            }
        });
        long began = System.nanoTime();
        assertThat(visitor.getInputStream().readNBytes(2_400_000)).hasSize(2_400_000);
        assertThat((System.nanoTime() - began) * 1e-9).isCloseTo(3, within(0.15));
    }
}
