package io.culvert.control.sql;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.sqlite.SQLiteException;

/** How a file becomes a pool of connections to a sound, migrated SQLite database. No state, any thread. */
final class SqliteFile {
    /** How long a write waits for somebody else's, such as a person at the sqlite3 prompt or a backup. */
    private static final Duration BUSY = Duration.ofSeconds(2);

    private SqliteFile() {}

    /**
     * Opens the database, which may be an empty file.
     *
     * @throws DataDirectoryException where it is damaged, is no database, or was written by a newer version; it is left as it was
     */
    static HikariDataSource open(Path file) {
        SqliteLibrary.load();
        HikariConfig config = new HikariConfig();
        config.setPoolName("culvert-store");
        // As a URI, so that a question mark in the path is not taken for the start of parameters.
        config.setJdbcUrl("jdbc:sqlite:" + file.toUri());
        // One writer at a time is all that SQLite has, and the control plane asks for no more.
        config.setMaximumPoolSize(1);
        config.setConnectionTimeout(BUSY.toMillis());
        config.addDataSourceProperty("journal_mode", "WAL");
        // With NORMAL, a power cut may take back what was answered.
        config.addDataSourceProperty("synchronous", "FULL");
        config.addDataSourceProperty("busy_timeout", String.valueOf(BUSY.toMillis()));
        config.addDataSourceProperty("foreign_keys", "true");
        // A transaction that begins with a read must not lose the race for the write lock half-way.
        config.addDataSourceProperty("transaction_mode", "IMMEDIATE");
        HikariDataSource pool;
        try {
            pool = new HikariDataSource(config);
        } catch (RuntimeException e) {
            throw unreadable(file, e);
        }
        try {
            check(file, Statements.on(pool::getConnection));
            migrate(file, pool);
            return pool;
        } catch (DataDirectoryException e) {
            pool.close();
            throw e;
        }
    }

    private static void check(Path file, Jdbi jdbi) {
        List<String> faults;
        try {
            faults = jdbi.withHandle(handle -> handle.createQuery("PRAGMA quick_check(3)")
                    .mapTo(String.class)
                    .list());
        } catch (JdbiException e) {
            throw unreadable(file, e);
        }
        if (!faults.equals(List.of("ok"))) {
            throw new DataDirectoryException(file + " is damaged (" + String.join("; ", faults) + "). " + REMEDY);
        }
    }

    private static void migrate(Path file, HikariDataSource pool) {
        try {
            Layout.bringForward(pool, Dialect.SQLITE);
        } catch (LayoutException e) {
            throw failure(file, String.valueOf(e.getMessage()), e);
        }
    }

    private static DataDirectoryException unreadable(Path file, Throwable why) {
        return failure(file, "cannot be read (" + root(why).getMessage() + ")", why);
    }

    /**
     * Why the database cannot be used.
     *
     * @param what is to be said where it may be the file's own fault
     */
    static DataDirectoryException failure(Path file, String what, Throwable why) {
        boolean sound = root(why) instanceof SQLiteException fault
                && DISK.stream().anyMatch(fault.getResultCode().name()::startsWith);
        return new DataDirectoryException(
                sound
                        ? file + " cannot be opened (" + root(why).getMessage() + "). " + LOOK
                        : file + " " + what + ". " + REMEDY,
                why);
    }

    private static Throwable root(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root;
    }

    /** What says nothing against the file itself; https://sqlite.org/rescode.html. */
    private static final List<String> DISK =
            List.of("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_READONLY");

    private static final String LOOK =
            "The file may be sound: is its disk full, or its directory not this user's to write?";

    private static final String REMEDY = "No file was deleted: put a good copy of culvert.db in its place, or move"
            + " culvert.db and whatever begins with culvert.db- away to start with no tunnels";
}
