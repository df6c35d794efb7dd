package io.culvert.control.sql;

import java.sql.SQLException;
import java.time.Duration;
import org.jdbi.v3.core.Jdbi;
import org.postgresql.ds.PGSimpleDataSource;

/** How a login becomes a connection to a migrated PostgreSQL database. No state, any thread. */
final class PostgresDatabase {
    /** How long the host is waited for, and a connection that is asked whether it works. */
    private static final Duration CONNECT = Duration.ofSeconds(2);

    /** How long a new connection may take, with its login. */
    private static final Duration LOGIN = Duration.ofSeconds(3);

    /** How long one answer is waited for. With the two above it is less than what the control plane allows a write. */
    private static final Duration ANSWER = Duration.ofSeconds(4);

    /** Likewise while tables are remade. */
    private static final Duration MIGRATION = Duration.ofMinutes(5);

    /** A server whose machine has vanished holds its lock for 15 s + 3 × 5 s, then another one may start. */
    private static final String OPTIONS =
            "-c tcp_keepalives_idle=15 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3";

    private PostgresDatabase() {}

    /**
     * Opens the database for this server alone.
     *
     * @throws DatabaseException where it does not answer, lets nobody in, is in use by another server or was written by a newer version
     */
    static KeptConnection open(PostgresLogin login) {
        SoleServerConnections connections = set(new SoleServerConnections(), login, ANSWER);
        KeptConnection kept = new KeptConnection(connections, CONNECT);
        try {
            Jdbi jdbi = Statements.on(kept);
            // The lock comes with the connection; the layout is changed under it, on connections of Flyway's own.
            jdbi.useHandle(
                    handle -> Layout.bringForward(set(new PGSimpleDataSource(), login, MIGRATION), Dialect.POSTGRESQL));
            connections.expectOpening(countOpening(jdbi));
            return kept;
        } catch (LayoutException e) {
            kept.close();
            throw new DatabaseException(e.getMessage() + ". Nothing in it was deleted", e);
        } catch (RuntimeException e) {
            kept.close();
            throw new DatabaseException(reason(e), e);
        }
    }

    private static <S extends PGSimpleDataSource> S set(S source, PostgresLogin login, Duration answer) {
        source.setUrl(login.url());
        login.user().ifPresent(source::setUser);
        login.password().ifPresent(source::setPassword);
        source.setConnectTimeout((int) CONNECT.toSeconds());
        source.setLoginTimeout((int) LOGIN.toSeconds());
        source.setSocketTimeout((int) answer.toSeconds());
        source.setTcpKeepAlive(true);
        source.setOptions(OPTIONS);
        return source;
    }

    private static long countOpening(Jdbi jdbi) {
        return jdbi.inTransaction(handle -> {
            handle.execute("INSERT INTO counter (name, next_value) VALUES ('opening', 1)"
                    + " ON CONFLICT (name) DO UPDATE SET next_value = counter.next_value + 1");
            return handle.createQuery("SELECT next_value FROM counter WHERE name = 'opening'")
                    .mapTo(Long.class)
                    .one();
        });
    }

    /** The driver's words for it, without Jdbi's around them. */
    private static String reason(RuntimeException failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException) {
                return String.valueOf(cause.getMessage());
            }
        }
        return String.valueOf(failure.getMessage());
    }
}
