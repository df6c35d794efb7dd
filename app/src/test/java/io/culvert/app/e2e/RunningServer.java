package io.culvert.app.e2e;

import io.culvert.client.seed.CreatedTunnel;
import io.culvert.client.seed.SeedClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A {@code culvert server} that has said that it is ready. Immutable, any thread.
 *
 * @param program its process
 * @param data its data directory
 * @param http where its API is, as {@code HOST:PORT}
 * @param bridge where its agents connect, as {@code HOST:PORT}
 */
record RunningServer(Program program, Path data, String http, String bridge) {
    private static final Pattern READY = Pattern.compile("ready http=(\\S+) bridge=(\\S+) pid=(\\d+)");

    static boolean isReadyLine(String line) {
        return READY.matcher(line).matches();
    }

    static RunningServer of(Program program, Path data, String readyLine) {
        Matcher ready = READY.matcher(readyLine);
        if (!ready.matches() || Long.parseLong(ready.group(3)) != program.pid()) {
            throw new AssertionError("'" + readyLine + "' (expected: the ready line of process " + program.pid() + ")");
        }
        return new RunningServer(program, data, ready.group(1), ready.group(2));
    }

    /** The admin key. */
    String key() {
        try {
            return Files.readString(data.resolve("admin.key")).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    SeedClient client() {
        return client(Optional.of(key()));
    }

    SeedClient client(Optional<String> key) {
        return new SeedClient(URI.create(url()), key, Duration.ofSeconds(30));
    }

    String url() {
        return "http://" + http.replace("0.0.0.0", "127.0.0.1");
    }

    static int port(CreatedTunnel created) {
        return created.tunnel().exposes().get(0).port();
    }
}
