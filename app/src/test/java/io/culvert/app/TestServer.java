package io.culvert.app;

import io.culvert.agent.Address;
import io.culvert.agent.Agent;
import io.culvert.agent.AgentEnd;
import io.culvert.agent.AgentListener;
import io.culvert.agent.AgentSettings;
import io.culvert.app.config.ConfigException;
import io.culvert.app.config.ServerConfig;
import io.culvert.app.process.Console;
import io.culvert.client.CulvertClient;
import io.culvert.link.agent.JoinToken;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** A whole server of this process for the tests of one class, an echo service inside, and the command line that asks it. */
final class TestServer implements AutoCloseable {
    private final Server server;
    private final Path directory;
    private final ServerSocket echo = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());

    TestServer(Path directory) throws IOException, StartException, ConfigException {
        this.directory = directory;
        this.server = Server.start(ServerConfig.embedded(directory.resolve("data")));
        Thread thread = new Thread(this::serve, "echo");
        thread.setDaemon(true);
        thread.start();
    }

    private void serve() {
        while (!echo.isClosed()) {
            try {
                Socket visitor = echo.accept();
                Thread thread = new Thread(() -> answer(visitor), "echo-visitor");
                thread.setDaemon(true);
                thread.start();
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private static void answer(Socket visitor) {
        try (visitor) {
            visitor.getInputStream().transferTo(visitor.getOutputStream());
        } catch (IOException e) {
            // the visitor was cut, as tests want it
        }
    }

    /** What tunnels lead to. */
    int echoPort() {
        return echo.getLocalPort();
    }

    String url() {
        return "http://" + server.http();
    }

    String key() {
        return server.adminKey().orElseThrow();
    }

    CulvertClient client() {
        return CulvertClient.to(URI.create(url())).key(key()).build();
    }

    /** An agent of Culvert's own. */
    Agent agent(String join) {
        return Agent.start(
                AgentSettings.of(new Address("127.0.0.1", server.bridgePort()), JoinToken.parse(join)),
                new AgentListener() {
                    @Override
                    public void connected(int session, long epoch) {}

                    @Override
                    public void disconnected(int session, String why, Duration retryIn) {}

                    @Override
                    public void ended(AgentEnd end, String why) {}
                });
    }

    /** What a command said and answered. */
    record Ran(int exit, String out, String err) {}

    /** Runs a command that knows the server and its key by the environment. */
    Ran culvert(String... words) {
        return culvert(environment(), "", words);
    }

    /** Runs a command with this environment and this standard input. */
    Ran culvert(Map<String, String> environment, String input, String... words) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Ran ran = culvert(environment, input, out, words);
        return new Ran(ran.exit(), out.toString(StandardCharsets.UTF_8), ran.err());
    }

    /** The same, with its standard output into this file. */
    Ran culvertInto(Path file, String... words) throws IOException {
        try (OutputStream out = Files.newOutputStream(file, StandardOpenOption.WRITE)) {
            return culvert(environment(), "", out, words);
        }
    }

    private Ran culvert(Map<String, String> environment, String input, OutputStream out, String... words) {
        Map<String, String> all = new HashMap<>(environment);
        all.putIfAbsent("XDG_CONFIG_HOME", directory.resolve("config").toString());
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Console console = new Console(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
                all);
        int exit = new Culvert(console).run(words);
        return new Ran(exit, "", err.toString(StandardCharsets.UTF_8));
    }

    private Map<String, String> environment() {
        Path keyFile = directory.resolve("data").resolve(AdminKey.FILE);
        return Map.of("CULVERT_CLIENT_SERVER", url(), "CULVERT_CLIENT_KEY_FILE", keyFile.toString());
    }

    @Override
    public void close() {
        try {
            echo.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.close();
    }
}
