package io.culvert.control.sql;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * Connections of the one server that has a PostgreSQL schema for itself. Each holds the schema's advisory lock for as long as it lives, so
 * whoever can write at all is alone:
 *
 * <pre>
 *   connect → end this server's former session → take the lock, or refuse → look whether another server was here since → use
 * </pre>
 *
 * The former session is one that this process has given up and the database has not, as behind a broken network. What it was about to do is
 * decided before the lock is had. Any thread; one connection at a time.
 */
final class SoleServerConnections extends PGSimpleDataSource {
    private static final long serialVersionUID = 1L;

    /** "CULV": the first half of the lock's name; the second one is the schema. */
    private static final int LOCK = 0x43554c56;

    private static final String LOCK_NOT_AVAILABLE = "55P03";

    private static final String SCHEMA = "(SELECT oid FROM pg_namespace WHERE nspname = current_schema())";

    /** How long a predecessor that is just ending is waited for. */
    static final Duration LOCK_WAIT = Duration.ofSeconds(1);

    /** Which opening of the database this server's is; 0 until it is counted. */
    private volatile long opening;

    SoleServerConnections() {
        setApplicationName("culvert " + UUID.randomUUID());
    }

    /** From now on, connections are refused where the database was opened by another server after this number was given. */
    void expectOpening(long number) {
        opening = number;
    }

    @Override
    public Connection getConnection(@Nullable String user, @Nullable String password) throws SQLException {
        Connection connection = super.getConnection(user, password);
        try {
            endFormerSession(connection);
            lock(connection);
            checkOpening(connection);
            return connection;
        } catch (SQLException | RuntimeException e) {
            try {
                connection.close();
            } catch (SQLException suppressed) {
                e.addSuppressed(suppressed);
            }
            throw e;
        }
    }

    private void endFormerSession(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT pg_terminate_backend(pid)"
                        + " FROM pg_stat_activity WHERE application_name = ? AND usename = current_user AND pid <> pg_backend_pid()")) {
            statement.setString(1, getApplicationName());
            statement.execute();
        }
    }

    private static void lock(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET lock_timeout = " + LOCK_WAIT.toMillis());
            try (ResultSet row = statement.executeQuery(
                    "SELECT current_schema() IS NOT NULL, pg_advisory_lock(" + LOCK + ", " + SCHEMA + "::int4)")) {
                if (!row.next() || !row.getBoolean(1)) {
                    throw new SQLException("there is no schema to use (expected: one that exists, as currentSchema in"
                            + " the URL or in the role's search_path)");
                }
            } catch (SQLException e) {
                throw LOCK_NOT_AVAILABLE.equals(e.getSQLState())
                        ? new SQLException(
                                "is in use by another server" + holder(statement)
                                        + " (expected: a database or a schema for each server)",
                                e.getSQLState(),
                                e)
                        : e;
            }
        }
    }

    private static String holder(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery("SELECT a.pid, coalesce(host(a.client_addr), 'its own machine')"
                + " FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid"
                + " WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2"
                + " AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
                + " AND l.classid = " + LOCK + " AND l.objid = " + SCHEMA)) {
            return row.next() ? " (session " + row.getInt(1) + " of the database, from " + row.getString(2) + ")" : "";
        }
    }

    private void checkOpening(Connection connection) throws SQLException {
        if (opening == 0) {
            return;
        }
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT next_value FROM counter WHERE name = 'opening'")) {
            if (!row.next() || row.getLong(1) != opening) {
                throw new SQLException(
                        "another server has used the database since this one last reached it: what the two"
                                + " know differs (expected: a restart of this one)");
            }
        }
    }
}
