package io.culvert.control.sql;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * A real PostgreSQL server of the test's own, which can be stopped, killed, frozen, and started again on the same port and data. Its
 * binaries come from Maven Central. One thread.
 */
public final class TestPostgres implements AutoCloseable {
    /** The role of the tests; it must show {@link #PASSWORD}. */
    public static final String USER = "culvert";

    /** A password that is found in no other text. */
    public static final String PASSWORD = "pa55 wörd-of-the-test";

    /** Below the ports that Linux gives to outgoing connections, so that nobody gets it by accident while the server is down. */
    private static final int FIRST_PORT = 10_000;

    private static final int LAST_PORT = 32_000;
    private static final int MOST_TRIES = 5;

    private final Path data;
    private final int port;
    private final AtomicInteger databases = new AtomicInteger();
    private @Nullable EmbeddedPostgres server;

    private TestPostgres(Path data, int port, EmbeddedPostgres server) {
        this.data = data;
        this.port = port;
        this.server = server;
    }

    /**
     * Starts a server.
     *
     * @param directory an empty directory
     */
    public static TestPostgres start(Path directory) {
        IOException last = new IOException("not tried");
        for (int i = 0; i < MOST_TRIES; i++) {
            Path data = directory.resolve("postgres-" + i);
            int port = ThreadLocalRandom.current().nextInt(FIRST_PORT, LAST_PORT);
            try {
                TestPostgres postgres = new TestPostgres(data, port, run(data, port));
                postgres.makeRole();
                return postgres;
            } catch (IOException e) {
                last = e;
            } catch (SQLException | RuntimeException | ExceptionInInitializerError e) {
                throw unable(e);
            }
        }
        throw unable(last);
    }

    private static AssertionError unable(Throwable why) {
        return new AssertionError(
                "no PostgreSQL for the tests: " + why
                        + " (expected: Linux on amd64, for which the build has its binaries; as root, also 'unshare -U', since PostgreSQL"
                        + " refuses to run as root)",
                why);
    }

    private static EmbeddedPostgres run(Path data, int port) throws IOException {
        EmbeddedPostgres server = EmbeddedPostgres.builder()
                .setDataDirectory(data)
                .setCleanDataDirectory(false)
                .setPort(port)
                // As people run it: what was answered was written.
                .setServerConfig("synchronous_commit", "on")
                .setServerConfig("max_connections", "30")
                .start();
        try (Connection connection = server.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SHOW data_directory")) {
            if (!row.next() || !row.getString(1).equals(data.toString())) {
                server.close();
                throw new IOException("another server has port " + port);
            }
        } catch (SQLException e) {
            server.close();
            throw new IOException(e);
        }
        return server;
    }

    private void makeRole() throws SQLException, IOException {
        administrate("CREATE ROLE " + USER + " LOGIN PASSWORD '" + PASSWORD + "'");
        Path rules = data.resolve("pg_hba.conf");
        Files.writeString(rules, "host all " + USER + " all scram-sha-256\n" + Files.readString(rules));
        administrate("SELECT pg_reload_conf()");
    }

    /** A new, empty database, and how the role gets in. */
    public PostgresLogin newDatabase() {
        String name = "culvert_" + databases.incrementAndGet();
        try {
            administrate("CREATE DATABASE " + name + " OWNER " + USER);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return new PostgresLogin(
                "jdbc:postgresql://127.0.0.1:" + port + "/" + name, Optional.of(USER), Optional.of(PASSWORD));
    }

    /** What the tests look with. */
    static PGSimpleDataSource database(PostgresLogin login) {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(login.url());
        source.setUser(USER);
        source.setPassword(PASSWORD);
        return source;
    }

    /** Ids of the stored tunnels, read past any store. */
    public static List<Long> storedIds(PostgresLogin login) {
        try (Connection connection = database(login).getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT array_agg(id ORDER BY id) FROM tunnel")) {
            return row.next() && row.getArray(1) != null
                    ? List.of((Long[]) row.getArray(1).getArray())
                    : List.of();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Runs a statement as the superuser. */
    void administrate(String sql) throws SQLException {
        try (Connection connection =
                        Objects.requireNonNull(server).getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Stops it in an orderly way; its sessions are cut. */
    public void stop() {
        try {
            Objects.requireNonNull(server).close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server = null;
    }

    /** {@code kill -9} of all its processes. */
    void kill() {
        ProcessHandle postmaster = postmaster();
        List<ProcessHandle> all =
                Stream.concat(Stream.of(postmaster), postmaster.descendants()).toList();
        all.forEach(ProcessHandle::destroyForcibly);
        all.forEach(process -> process.onExit().orTimeout(30, TimeUnit.SECONDS).join());
        stop();
    }

    /** Starts it again where it was. */
    public void startAgain() {
        try {
            server = run(data, port);
        } catch (IOException e) {
            throw unable(e);
        }
    }

    /** All its processes stand still, with their connections open, until what is returned is closed. */
    AutoCloseable frozen() throws Exception {
        ProcessHandle postmaster = postmaster();
        List<String> all = Stream.concat(Stream.of(postmaster), postmaster.descendants())
                .map(process -> String.valueOf(process.pid()))
                .toList();
        signal("-STOP", all);
        return () -> signal("-CONT", all);
    }

    private static void signal(String signal, List<String> processes) throws IOException, InterruptedException {
        List<String> command = Stream.of(List.of("kill", signal), processes)
                .flatMap(List::stream)
                .toList();
        if (new ProcessBuilder(command).start().waitFor() != 0) {
            throw new IOException(command + " failed");
        }
    }

    private ProcessHandle postmaster() {
        try {
            long pid = Long.parseLong(
                    Files.readAllLines(data.resolve("postmaster.pid")).get(0));
            return ProcessHandle.of(pid).orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Stops it where it runs. */
    @Override
    public void close() {
        if (server != null) {
            stop();
        }
    }
}
