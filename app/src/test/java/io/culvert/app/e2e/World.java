package io.culvert.app.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.client.seed.CreatedTunnel;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The processes of one test (or of all tests of a class, in a static field), and a directory that is gone after it. Whatever the test started is killed at its end; where it failed,
 * what they said is printed. One thread.
 *
 * <pre>{@code
 * @RegisterExtension
 * final World world = new World();
 * ...
 * RunningServer server = world.server();
 * CreatedTunnel tunnel = server.client().create(NewTunnel.to(port, Duration.ofMinutes(1)));
 * world.agent(server, tunnel);
 * }</pre>
 */
final class World implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback, AfterAllCallback {
    /** Below the ports that Linux gives to outgoing connections, so that nobody gets them by accident while a server restarts. */
    private static final int FIRST_PORT = 10_000;

    private static final int LAST_PORT = 32_000;
    private static final int PORTS_OF_A_SERVER = 1_000;
    private static final int MOST_TRIES = 50;
    private static final String TAKEN = "(?si).*(is taken|address already in use).*";

    private final Deque<Program> programs = new ArrayDeque<>();
    private final Deque<AutoCloseable> others = new ArrayDeque<>();
    private Path directory = Path.of(".");
    private int started;
    private boolean ofAll;
    private boolean failed;

    /** Where it stands in a static field, it is the world of all tests of the class. */
    @Override
    public void beforeAll(ExtensionContext context) throws IOException {
        ofAll = true;
        begin();
    }

    @Override
    public void beforeEach(ExtensionContext context) throws IOException {
        if (!ofAll) {
            begin();
        }
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        failed |= context.getExecutionException().isPresent();
        if (!ofAll) {
            end(context);
        }
    }

    @Override
    public void afterAll(ExtensionContext context) throws Exception {
        end(context);
    }

    private void begin() throws IOException {
        directory = Files.createTempDirectory("culvert-it-");
    }

    private void end(ExtensionContext context) throws Exception {
        for (AutoCloseable other : others) {
            other.close();
        }
        programs.forEach(Program::close);
        if (failed) {
            System.out.println("==== " + context.getDisplayName() + " failed; its processes said, the youngest first:");
            programs.forEach(program -> System.out.println(program.report()));
        }
        List<String> leaks = programs.stream()
                .map(Program::err)
                .filter(err -> err.contains("LEAK"))
                .toList();
        delete(directory);
        assertThat(leaks).as("leaked buffers").isEmpty();
    }

    /** A directory of the test's own. */
    Path directory() {
        return directory;
    }

    /** Closes something at the end of the test, before the processes are killed. */
    <T extends AutoCloseable> T closing(T other) {
        others.push(other);
        return other;
    }

    /** A server on free ports, with {@code data} in the test's directory. */
    RunningServer server() {
        return server(Map.of(), "--http=127.0.0.1:0");
    }

    /** As {@link #server()}, with these variables and flags, which must tell where its API is. */
    RunningServer server(Map<String, String> environment, String... flags) {
        Program program = culvert("server", environment, serverWords(flags).toArray(String[]::new));
        return RunningServer.of(program, directory.resolve("data"), program.awaitLine(RunningServer::isReadyLine));
    }

    /** What comes behind {@code culvert} for a server on ports that are free, with these flags, which must tell where its API is. */
    List<String> serverWords(String... flags) {
        List<String> words = new ArrayList<>(List.of(
                "server",
                "--data=" + directory.resolve("data"),
                "--bridge=127.0.0.1:0",
                "--expose-host=127.0.0.1",
                "--ports=0",
                "--print-ready"));
        words.addAll(List.of(flags));
        return words;
    }

    /** A server whose ports stay free for it while it is down: {@link #again} starts it on the same ones, with the same flags. */
    RunningServer lastingServer(String... more) {
        return onFreePort(port -> start(
                        directory.resolve("data"), "127.0.0.1:" + port, "127.0.0.1:" + (port + 1), port + 2, more))
                .orElseThrow(() -> new AssertionError("no server started in " + MOST_TRIES + " tries"));
    }

    /** Starts a server that was stopped or killed once more, as it was. */
    RunningServer again(RunningServer server, String... more) {
        int firstExpose = Integer.parseInt(server.bridge().replaceAll(".*:", "")) + 1;
        return start(server.data(), server.http(), server.bridge(), firstExpose, more)
                .orElseThrow(() -> new AssertionError("the server did not come back"));
    }

    private Optional<RunningServer> start(Path data, String http, String bridge, int firstExpose, String... more) {
        List<String> words = new ArrayList<>(List.of(
                "server",
                "--data=" + data,
                "--http=" + http,
                "--bridge=" + bridge,
                "--expose-host=127.0.0.1",
                "--ports=" + firstExpose + "-" + (firstExpose + PORTS_OF_A_SERVER),
                "--print-ready"));
        words.addAll(List.of(more));
        Program program = culvert("server", Map.of(), words.toArray(String[]::new));
        return unlessTaken(program, RunningServer::isReadyLine, line -> RunningServer.of(program, data, line));
    }

    /**
     * Tries ports until something holds one. Only the holder itself finds out whether a port is free, by binding it.
     *
     * @param holder empty where the port was taken
     */
    <T> Optional<T> onFreePort(IntFunction<Optional<T>> holder) {
        for (int i = 0; i < MOST_TRIES; i++) {
            Optional<T> held =
                    holder.apply(ThreadLocalRandom.current().nextInt(FIRST_PORT, LAST_PORT - PORTS_OF_A_SERVER - 2));
            if (held.isPresent()) {
                return held;
            }
        }
        return Optional.empty();
    }

    /** What becomes of a program that says a line when it is up; empty where it ended since its port is taken. */
    <T> Optional<T> unlessTaken(Program program, Predicate<String> ready, Function<String, T> becomes) {
        Optional<String> line = program.awaitLineOrEnd(ready);
        if (line.isEmpty() && !program.err().matches(TAKEN)) {
            throw new AssertionError("it did not start, and not for the sake of its port\n" + program.report());
        }
        return line.map(becomes);
    }

    /** A {@code culvert agent} that serves a tunnel, from now on or as soon as it is connected. */
    Program agent(RunningServer server, CreatedTunnel tunnel, String... more) {
        Path token = secret("token-" + tunnel.tunnel().id(), tunnel.join());
        List<String> words = new ArrayList<>(List.of("agent", "--server=" + server.bridge(), "--token-file=" + token));
        words.addAll(List.of(more));
        return culvert("agent", Map.of(), words.toArray(String[]::new));
    }

    /** A file that only this user may read. */
    Path secret(String name, String secret) {
        try {
            Path file = directory.resolve(name);
            Files.deleteIfExists(file);
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            return Files.writeString(file, secret + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Any command of the real jar, in a JVM with a small heap, assertions on, and each leaked buffer told. */
    Program culvert(String name, Map<String, String> environment, String... words) {
        return program(name, environment, command(words));
    }

    /** Any command as a user starts it: by the starter, with all that this gives to Java. */
    Program asShipped(String name, String... words) {
        List<String> command =
                new ArrayList<>(List.of(jar().resolveSibling("culvert").toString()));
        command.addAll(List.of(words));
        return program(name, Map.of("JAVA_HOME", System.getProperty("java.home")), command);
    }

    /** The words that run it. */
    List<String> command(String... words) {
        List<String> command = new ArrayList<>(List.of(
                // A shell that starts a job in the background lets it ignore Ctrl-C, which every child would inherit.
                "env",
                "--default-signal=INT",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx160m",
                // Quick to start on small machines: the tests start some fifty of them.
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:SharedArchiveFile=" + jar().resolveSibling(archive(words[0])),
                // Where it does not fit the jar any more, Java would say so on standard output.
                "-Xlog:cds=off",
                "-Xlog:cds+dynamic=off",
                "-ea",
                "-XX:+ExitOnOutOfMemoryError",
                "-Dio.netty.leakDetection.level=paranoid",
                "-jar",
                jar().toString()));
        command.addAll(List.of(words));
        return command;
    }

    /** As the starter chooses. */
    private static String archive(String command) {
        return switch (command) {
            case "server", "agent" -> "culvert-" + command + ".jsa";
            default -> "culvert-client.jsa";
        };
    }

    /** Any other command. */
    Program program(String name, Map<String, String> environment, List<String> command) {
        return program(name, environment, Path.of("/dev/null"), command);
    }

    /** Any other command, which reads a file as its standard input. */
    Program program(String name, Map<String, String> environment, Path input, List<String> command) {
        Program program = Program.start(++started + "-" + name, directory, environment, input, command);
        programs.push(program);
        return program;
    }

    private static Path jar() {
        Path jar = Path.of(System.getProperty("culvert.jar", "target/culvert.jar"));
        if (!Files.isRegularFile(jar)) {
            throw new AssertionError(jar.toAbsolutePath() + " is missing (expected: built by './dev build')");
        }
        return jar.toAbsolutePath();
    }

    /** The path of a command that the tests need, or a failure that names the package that brings it. */
    static String tool(String name, String debianPackage) {
        return Stream.concat(
                        Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator)),
                        Stream.of("/usr/sbin", "/sbin"))
                .map(place -> Path.of(place, name))
                .filter(Files::isExecutable)
                .findFirst()
                .map(Path::toString)
                .orElseThrow(() -> new AssertionError(name + " is missing (on Debian and Ubuntu: apt-get install "
                        + debianPackage + "; './dev test' does that)"));
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
