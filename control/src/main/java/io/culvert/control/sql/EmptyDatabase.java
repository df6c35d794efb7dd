package io.culvert.control.sql;

import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jdbi.v3.core.Jdbi;

/**
 * The database of a server that starts for the first time: the build takes all steps of the layout, so that a start need not, which was an eighth of
 * its time. No state, any thread.
 */
final class EmptyDatabase {
    private static final String NAME = "empty.db";
    /** When each step of the layout was taken, as far as Flyway's history tells: the same for all builds. */
    static final String MOMENT = "2026-11-23 00:00:00.000";

    private EmptyDatabase() {}

    /** All of the file. */
    static byte[] read() {
        try (InputStream in = EmptyDatabase.class.getResourceAsStream(NAME)) {
            if (in == null) {
                throw new IllegalStateException("empty database: '" + NAME + "' (expected: beside the classes)");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * A step of the build: writes the file.
     *
     * @param args the directory to write it into
     * @throws IOException where it cannot be written
     */
    public static void main(String[] args) throws IOException {
        Path file = Path.of(args[0]).resolve(NAME);
        Files.deleteIfExists(file);
        try (HikariDataSource pool = SqliteFile.open(Files.createFile(file))) {
            Jdbi jdbi = Statements.on(pool::getConnection);
            jdbi.useHandle(handle -> {
                handle.execute("UPDATE " + Layout.HISTORY + " SET installed_on = ?, execution_time = 0", MOMENT);
                // What the steps left behind on their way is not kept.
                handle.execute("VACUUM");
            });
        }
    }
}
