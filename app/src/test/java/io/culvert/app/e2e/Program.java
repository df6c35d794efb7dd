package io.culvert.app.e2e;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** A process that a test started; what it says goes into two files of the test's directory. One thread. */
final class Program implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final String name;
    private final List<String> command;
    private final Process process;
    private final Path out;
    private final Path err;

    private Program(String name, List<String> command, Process process, Path out, Path err) {
        this.name = name;
        this.command = command;
        this.process = process;
        this.out = out;
        this.err = err;
    }

    /**
     * Starts a process. It inherits none of the variables that Culvert reads.
     *
     * @param name what the report of a failed test calls it; its files are {@code name.out} and {@code name.err}
     * @param input what standard input reads
     */
    static Program start(
            String name, Path directory, Map<String, String> environment, Path input, List<String> command) {
        Path out = directory.resolve(name + ".out");
        Path err = directory.resolve(name + ".err");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectInput(input.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().keySet().removeIf(Program::isCulverts);
        builder.environment().putAll(environment);
        try {
            return new Program(name, command, builder.start(), out, err);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isCulverts(String variable) {
        return variable.startsWith("CULVERT_") || variable.equals("EXPOSE_PORT") || variable.equals("AUTHORIZE_KEYS");
    }

    long pid() {
        return process.pid();
    }

    /** What it has said on standard output so far. */
    String out() {
        return read(out);
    }

    /** What it has said on standard error so far. */
    String err() {
        return read(err);
    }

    /** Waits for a line on standard output or standard error; fails at once where the process ends without it. */
    String awaitLine(Predicate<String> wanted) {
        Optional<String> line = awaitLineOrEnd(wanted);
        return line.orElseThrow(() ->
                new AssertionError(name + " ended with " + process.exitValue() + " and without the line\n" + report()));
    }

    /** Waits for a line, or for the end of the process without it. */
    Optional<String> awaitLineOrEnd(Predicate<String> wanted) {
        await(name + " says a certain line")
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(10))
                .until(() -> !process.isAlive() || lines().anyMatch(wanted));
        return lines().filter(wanted).findFirst();
    }

    private Stream<String> lines() {
        // Only whole lines: the last one may still be on its way.
        return Stream.of(out(), err())
                .flatMap(text -> text.substring(0, text.lastIndexOf('\n') + 1).lines());
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Waits for the end and returns the exit code: 128 and the signal's number where a signal ended it. */
    int exit() {
        return exit(PATIENCE);
    }

    /** As {@link #exit()}, with a bound. */
    int exit(Duration most) {
        try {
            if (!process.waitFor(most.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new AssertionError(name + " did not end within " + most + "\n" + report());
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** Asks it to end, as a service manager does. */
    void terminate() {
        process.destroy();
    }

    /** Ctrl-C. */
    void interrupt() {
        try {
            Process kill = new ProcessBuilder("kill", "-INT", String.valueOf(pid())).start();
            if (kill.waitFor() != 0) {
                throw new AssertionError("kill -INT " + pid() + " failed");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** {@code kill -9}; returns when the process is gone. */
    void kill() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        exit();
    }

    @Override
    public void close() {
        kill();
    }

    /** Everything that a person needs to understand what it did. */
    String report() {
        return "---- " + name + ": " + String.join(" ", command) + "\n"
                + (process.isAlive() ? "(runs)" : "(exit code " + process.exitValue() + ")") + "\n" + tail(out())
                + tail(err());
    }

    private static String tail(String text) {
        int most = 20_000;
        return text.length() <= most ? text : "[...] " + text.substring(text.length() - most);
    }

    private static String read(Path file) {
        try {
            // A process that is killed may leave half a character behind.
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
