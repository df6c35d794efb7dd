package io.culvert.control.sql;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import javax.sql.DataSource;
import org.jdbi.v3.core.ConnectionFactory;
import org.jspecify.annotations.Nullable;

/**
 * One connection, lent to one user at a time and kept as long as it works. Before it is lent it is asked whether it does; where it
 * does not, a new one is made at once, or the user is told why not. One that works and may not write looks well when it is asked: who is
 * refused a write says so by {@link #renew}. {@link #close} may be called by any thread, the rest by one at a time.
 */
final class KeptConnection implements ConnectionFactory, AutoCloseable {
    private final DataSource source;
    private final Duration patience;
    private @Nullable Connection connection;
    private boolean closed;

    /** @param patience how long the question may take, whole seconds */
    KeptConnection(DataSource source, Duration patience) {
        this.source = source;
        this.patience = patience;
    }

    @Override
    public synchronized Connection openConnection() throws SQLException {
        if (closed) {
            throw new SQLException("the store is closed");
        }
        Connection kept = connection;
        if (kept != null) {
            if (kept.isValid((int) patience.toSeconds())) {
                return kept;
            }
            letGo();
        }
        Connection fresh = source.getConnection();
        connection = fresh;
        return fresh;
    }

    /** Takes it back. One that was left in the middle of a transaction is not kept: nobody knows what is in it. */
    @Override
    public synchronized void closeConnection(Connection lent) throws SQLException {
        if (lent.isClosed() || !lent.getAutoCommit()) {
            letGo();
        }
    }

    /** Lets go of the one that is kept, which is not lent: the next user gets a new one. */
    synchronized void renew() {
        dismiss();
    }

    /** Lets go of it, also while it is lent. */
    @Override
    public synchronized void close() {
        closed = true;
        dismiss();
    }

    private void dismiss() {
        try {
            letGo();
        } catch (SQLException e) {
            // Its socket is closed all the same, and what was answered is written.
            return;
        }
    }

    private void letGo() throws SQLException {
        Connection old = connection;
        connection = null;
        if (old != null) {
            old.close();
        }
    }
}
