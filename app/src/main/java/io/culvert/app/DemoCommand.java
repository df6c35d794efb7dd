package io.culvert.app;

import com.sun.net.httpserver.HttpServer;
import io.culvert.agent.Address;
import io.culvert.agent.Agent;
import io.culvert.agent.AgentEnd;
import io.culvert.agent.AgentListener;
import io.culvert.agent.AgentSettings;
import io.culvert.app.config.ConfigException;
import io.culvert.app.config.Flags;
import io.culvert.app.config.ServerConfig;
import io.culvert.app.process.CommandFailure;
import io.culvert.app.process.Console;
import io.culvert.app.process.ExitCode;
import io.culvert.app.process.Reasons;
import io.culvert.client.CreatedTunnel;
import io.culvert.client.CulvertApiException;
import io.culvert.client.CulvertClient;
import io.culvert.client.NewTunnel;
import io.culvert.client.TunnelFilter;
import io.culvert.link.agent.JoinToken;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * {@code culvert demo}: a server, an agent and a small HTTP service in this process, and one leased tunnel's life from its creation
 * to its end. Each step is checked; the first that does not hold ends the demo with {@link ExitCode#FAILURE}. One thread.
 */
final class DemoCommand {
    private static final Duration LEASE = Duration.ofSeconds(2);
    private static final Duration BETWEEN_RENEWALS = Duration.ofMillis(700);
    private static final int RENEWALS = 4;
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration MOST_LATE = Duration.ofMillis(500);
    private static final String GREETING = "Hello from inside!";

    private final Console console;
    private final HttpClient visitor = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(PATIENCE)
            .build();
    private int steps;

    DemoCommand(Console console) {
        this.console = console;
    }

    int run(Flags flags) throws ConfigException, CommandFailure {
        if (!flags.faults().isEmpty()) {
            throw new ConfigException(flags.faults());
        }
        Path data = temporaryDirectory();
        try (Server server = Server.start(ServerConfig.embedded(data))) {
            step("A server is up: API on " + server.http() + ", agents on " + server.bridge() + ".");
            withService(server);
            return ExitCode.OK;
        } catch (StartException e) {
            throw new CommandFailure(ExitCode.FAILURE, Objects.requireNonNull(e.getMessage()), e);
        } catch (IOException | CulvertApiException e) {
            throw new CommandFailure(ExitCode.FAILURE, Reasons.of(e), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailure(ExitCode.FAILURE, "interrupted", e);
        } finally {
            delete(data);
        }
    }

    private void withService(Server server) throws IOException, InterruptedException, CommandFailure {
        HttpServer service = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        service.createContext("/", exchange -> {
            byte[] body = GREETING.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        service.start();
        try {
            Address target = new Address("127.0.0.1", service.getAddress().getPort());
            step("A small HTTP service listens inside, on " + target + ". Think of it as behind NAT.");
            live(server, target);
        } finally {
            service.stop(0);
        }
    }

    @SuppressWarnings("try") // the agent works while the steps below look at what it does
    private void live(Server server, Address target) throws IOException, InterruptedException, CommandFailure {
        CulvertClient.Builder builder =
                CulvertClient.to(URI.create("http://" + server.http())).timeout(PATIENCE);
        server.adminKey().ifPresent(builder::key);
        CulvertClient client = builder.build();
        CreatedTunnel created = client.tunnels().create(NewTunnel.to(target.toString(), LEASE));
        long leaseFrom = System.nanoTime();
        int port = created.tunnel().exposes().get(0).port();
        step("POST /api/v1/tunnels made tunnel " + created.tunnel().id() + ": public port " + port + ", a lease of "
                + seconds(LEASE.toMillis()) + ", and a join token for its agent.");

        Events events = new Events();
        Address bridge = new Address("127.0.0.1", server.bridgePort());
        try (Agent agent = Agent.start(
                AgentSettings.of(bridge, JoinToken.parse(created.join().orElseThrow())), events)) {
            await(events.connected, "the agent did not connect");
            step("The agent has dialled out to " + bridge + " and serves the tunnel.");

            check(fetch(port).equals(GREETING), "the public port answered something else");
            step("A visitor of port " + port + " reads: \"" + GREETING + "\"");

            for (int i = 0; i < RENEWALS; i++) {
                if (i > 0) {
                    Thread.sleep(BETWEEN_RENEWALS.toMillis());
                }
                client.tunnels().renew(created.tunnel().id());
            }
            long renewed = System.nanoTime();
            check(fetch(port).equals(GREETING), "the tunnel ended in spite of its renewals");
            step(RENEWALS + " renewals later the tunnel is " + seconds(millis(renewed - leaseFrom))
                    + " old, more than its lease, and still serves.");

            say("   Now nobody renews it ...");
            String why = await(events.expired, "the lease did not end the tunnel");
            while (isOpen(port)) {
                check(millis(System.nanoTime() - renewed) < LEASE.plus(PATIENCE).toMillis(), "the port stayed open");
            }
            long lived = millis(System.nanoTime() - renewed);
            check(
                    lived >= LEASE.toMillis() - MOST_LATE.toMillis()
                            && lived <= LEASE.plus(MOST_LATE).toMillis(),
                    "the port closed " + seconds(lived) + " after the last renewal");
            step("Port " + port + " is closed, " + seconds(lived) + " after the last renewal; the agent was told: "
                    + why + ".");
            // Its visitors are cut first; that it has ended is written down a moment later.
            while (!client.tunnels().list(TunnelFilter.all()).isEmpty()) {
                check(millis(System.nanoTime() - renewed) < LEASE.plus(PATIENCE).toMillis(), "it is still listed");
            }
            step("GET /api/v1/tunnels is empty again. Nothing is left behind.");
        }
    }

    private String fetch(int port) throws IOException, InterruptedException {
        URI uri = URI.create("http://127.0.0.1:" + port + "/");
        HttpRequest request = HttpRequest.newBuilder(uri).timeout(PATIENCE).build();
        return visitor.send(request, HttpResponse.BodyHandlers.ofString()).body();
    }

    private static boolean isOpen(int port) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (ConnectException e) {
            return false;
        }
    }

    private static <T> T await(CompletableFuture<T> future, String otherwise)
            throws CommandFailure, InterruptedException {
        try {
            return future.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new CommandFailure(ExitCode.FAILURE, otherwise, e);
        }
    }

    private static void check(boolean holds, String otherwise) throws CommandFailure {
        if (!holds) {
            throw new CommandFailure(ExitCode.FAILURE, otherwise);
        }
    }

    private void step(String line) {
        say(++steps + ". " + line);
    }

    private void say(String line) {
        console.out().println(line);
    }

    private static long millis(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(nanos);
    }

    private static String seconds(long millis) {
        return millis / 1000.0 + " s";
    }

    private static Path temporaryDirectory() throws CommandFailure {
        try {
            return Files.createTempDirectory("culvert-demo-");
        } catch (IOException e) {
            throw new CommandFailure(ExitCode.FAILURE, "no temporary directory: " + Reasons.of(e), e);
        }
    }

    private static void delete(Path directory) {
        try (var files = Files.walk(directory)) {
            List<Path> deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
            for (Path file : deepestFirst) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the demo's files are left in " + directory, e);
        }
    }

    /** What the agent tells. Called on its loops. */
    private static final class Events implements AgentListener {
        private final CompletableFuture<Long> connected = new CompletableFuture<>();
        private final CompletableFuture<String> expired = new CompletableFuture<>();

        @Override
        public void connected(int session, long epoch) {
            connected.complete(epoch);
        }

        @Override
        public void disconnected(int session, String why, Duration retryIn) {
            // The agent tries again by itself; the demo only waits so long.
        }

        @Override
        public void ended(AgentEnd end, String why) {
            if (end == AgentEnd.EXPIRED) {
                expired.complete(why);
            } else {
                expired.completeExceptionally(new IllegalStateException(end + ": " + why));
            }
        }
    }
}
