package io.culvert.bench;

import io.culvert.client.seed.SeedClient;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A Culvert server as people run it: {@code culvert}, the starter beside {@code culvert.jar}, in a process of its own. One thread; the client it hands out takes any. */
final class ServerProcess implements AutoCloseable {
    private static final Duration MOST_START = Duration.ofMinutes(2);
    private static final Duration MOST_STOP = Duration.ofSeconds(30);
    private static final Duration MOST_CALL = Duration.ofSeconds(30);
    /** Twice as long as Java takes to give back what only a start needed. */
    private static final Duration REST = Duration.ofSeconds(10);

    private static final Pattern READY = Pattern.compile("ready http=(\\S+) bridge=\\S+ pid=\\d+");
    private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+(\\d+) kB");
    private static final Pattern HISTOGRAM_TOTAL = Pattern.compile("(?m)^Total\\s+\\d+\\s+(\\d+)");

    private final Process process;
    private final SeedClient client;
    private final Duration start;
    private final URI http;
    private final String key;

    private ServerProcess(Process process, URI http, String key, Duration start) {
        this.process = process;
        this.http = http;
        this.key = key;
        this.client = new SeedClient(http, Optional.of(key), MOST_CALL);
        this.start = start;
    }

    /**
     * Starts a server and waits until it says that it is ready. All its ports are of this machine alone.
     *
     * @param directory kept from one start to the next: the data, and the log of all starts
     * @param maxHeap as {@code -Xmx} takes it
     */
    static ServerProcess start(Path jar, Path directory, String maxHeap) throws IOException {
        Path data = directory.resolve("data");
        Path log = directory.resolve("server.log");
        ProcessBuilder builder = new ProcessBuilder(List.of(
                jar.resolveSibling("culvert").toString(),
                "server",
                "--http",
                "127.0.0.1:0",
                "--bridge",
                "127.0.0.1:0",
                "--expose-host",
                "127.0.0.1",
                "--ports",
                "20000-31999",
                "--data",
                data.toString(),
                "--print-ready"));
        // Settings of whoever measures have no say in what is measured.
        builder.environment()
                .keySet()
                .removeIf(name ->
                        name.startsWith("CULVERT_") || name.equals("EXPOSE_PORT") || name.equals("AUTHORIZE_KEYS"));
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("JDK_JAVA_OPTIONS", "-Xmx" + maxHeap);
        builder.redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
        long begin = System.nanoTime();
        Process process = builder.start();
        try {
            Matcher ready = READY.matcher(firstLine(process));
            if (!ready.matches()) {
                throw new IOException("the server did not say that it is ready; its log:\n" + Files.readString(log));
            }
            Duration start = Duration.ofNanos(System.nanoTime() - begin);
            String key = Files.readString(data.resolve("admin.key")).strip();
            URI http = URI.create("http://" + ready.group(1));
            return new ServerProcess(process, http, key, start);
        } catch (IOException | RuntimeException e) {
            Process unused = process.destroyForcibly();
            throw e;
        }
    }

    private static String firstLine(Process process) throws IOException {
        CompletableFuture<String> line = CompletableFuture.supplyAsync(() -> {
            try {
                BufferedReader out = process.inputReader();
                return Optional.ofNullable(out.readLine()).orElse("");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        try {
            return line.get(MOST_START.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException | ExecutionException e) {
            throw new IOException("the server said nothing within " + MOST_START, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while the server started", e);
        }
    }

    /** A client with the admin key. */
    SeedClient client() {
        return client;
    }

    /** Where the API is. */
    URI http() {
        return http;
    }

    /** The admin key. */
    String key() {
        return key;
    }

    /** From the start of the process to its ready line. */
    Duration startTime() {
        return start;
    }

    /** Waits ten seconds: then it has given back what only its start needed, which what comes next would seem not to need. */
    void rest() throws IOException {
        try {
            Thread.sleep(REST.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while the server rested", e);
        }
    }

    /** Resident memory of the process, in bytes. */
    long resident() throws IOException {
        String status = Files.readString(Path.of("/proc", String.valueOf(process.pid()), "status"));
        Matcher kib = RESIDENT.matcher(status);
        if (!kib.find()) {
            throw new IOException("VmRSS: missing in the status of process " + process.pid());
        }
        return Long.parseLong(kib.group(1)) * 1024;
    }

    /** What lives on the heap, in bytes, counted after a full collection; empty where this Java has no {@code jcmd}. */
    OptionalLong liveHeap() throws IOException {
        Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        if (!Files.isExecutable(jcmd)) {
            return OptionalLong.empty();
        }
        Process asked = new ProcessBuilder(jcmd.toString(), String.valueOf(process.pid()), "GC.class_histogram")
                .redirectErrorStream(true)
                .start();
        String histogram;
        try (BufferedReader out = asked.inputReader()) {
            histogram = String.join("\n", out.lines().toList());
        }
        Matcher total = HISTOGRAM_TOTAL.matcher(histogram);
        if (!total.find()) {
            throw new IOException("jcmd: no total in its answer: " + histogram);
        }
        return OptionalLong.of(Long.parseLong(total.group(1)));
    }

    /** Ends the process by SIGKILL, as a power cut would: it can write nothing more. Returns when it is gone. */
    void kill() throws IOException {
        Process unused = process.destroyForcibly();
        awaitGone("SIGKILL");
    }

    /** Ends the process by SIGTERM, and by SIGKILL where that takes too long. */
    @Override
    public void close() throws IOException {
        process.destroy();
        try {
            awaitGone("SIGTERM");
        } finally {
            Process unused = process.destroyForcibly();
        }
    }

    private void awaitGone(String signal) throws IOException {
        try {
            if (!process.waitFor(MOST_STOP.toSeconds(), TimeUnit.SECONDS)) {
                throw new IOException("the server is still there " + MOST_STOP + " after " + signal);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while the server ended", e);
        }
    }
}
