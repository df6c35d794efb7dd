package io.culvert.app.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A real nginx that serves the files of one directory, those under {@code slow/} a few kilobytes each second. Immutable, any thread. */
final class Nginx {
    private final Path files;
    private final int port;

    private Nginx(Path files, int port) {
        this.files = files;
        this.port = port;
    }

    static Nginx start(World world) throws IOException {
        String nginx = World.tool("nginx", "nginx-light");
        Path prefix = Files.createDirectory(world.directory().resolve("nginx"));
        Path files = Files.createDirectory(prefix.resolve("files"));
        Files.createDirectory(files.resolve("slow"));
        // Started by root, workers would be nobody, who may not read the test's directory.
        String user = System.getProperty("user.name").equals("root") ? "user root;" : "";
        int port = world.onFreePort(candidate -> listen(world, nginx, prefix, files, user, candidate))
                .orElseThrow(() -> new AssertionError("nginx found no port"));
        return new Nginx(files, port);
    }

    private static Optional<Integer> listen(World world, String nginx, Path prefix, Path files, String user, int port) {
        Path config = prefix.resolve("nginx.conf");
        try {
            Files.writeString(config, """
                    %s
                    daemon off;
                    worker_processes 1;
                    pid %s/nginx.pid;
                    error_log stderr notice;
                    events { worker_connections 2048; }
                    http {
                      access_log off;
                      client_body_temp_path %s/body;
                      proxy_temp_path %s/proxy;
                      fastcgi_temp_path %s/fastcgi;
                      uwsgi_temp_path %s/uwsgi;
                      scgi_temp_path %s/scgi;
                      server {
                        listen 127.0.0.1:%d backlog=1024;
                        root %s;
                        location /slow/ { limit_rate 4k; }
                      }
                    }
                    """.formatted(user, prefix, prefix, prefix, prefix, prefix, prefix, port, files));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Program program = world.program(
                "nginx", Map.of(), List.of(nginx, "-p", prefix.toString(), "-c", config.toString(), "-e", "stderr"));
        return world.unlessTaken(program, line -> line.contains("start worker process "), line -> port);
    }

    int port() {
        return port;
    }

    /** Makes a file that is served under this path. */
    Path file(String path, long bytes, long seed) throws IOException {
        return TestFile.write(files.resolve(path), bytes, seed);
    }
}
