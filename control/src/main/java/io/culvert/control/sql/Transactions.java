package io.culvert.control.sql;

import io.culvert.control.StoreUnavailableException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.PreparedBatch;

/**
 * Transactions of one database, one after the other in the order in which they came: there is one connection, and the control plane and
 * the ledger both want it. Any thread; each call waits for its place and for the disk.
 */
final class Transactions {
    private static final Duration PLACE = Duration.ofSeconds(4);

    /** PostgreSQL's read_only_sql_transaction: by a default of the database or the role, or since the server is a standby now. */
    private static final String READ_ONLY = "25006";

    private final Jdbi jdbi;
    private final Runnable renew;
    private final ReentrantLock place = new ReentrantLock(true);

    /**
     * Transactions on what this Jdbi connects to.
     *
     * @param renew has the next transaction run on a new connection; called where a write was refused since the session is read-only, by
     *     the thread of that write, while none runs
     */
    Transactions(Jdbi jdbi, Runnable renew) {
        this.jdbi = jdbi;
        this.renew = renew;
    }

    /** Does all of this work or none. */
    <T> T run(Function<Handle, T> work) {
        try {
            if (!place.tryLock(PLACE.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new StoreUnavailableException(
                        new TimeoutException("the database was busy with another write for " + PLACE));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreUnavailableException(e);
        }
        try {
            return jdbi.inTransaction(work::apply);
        } catch (RuntimeException e) {
            if (isReadOnly(e)) {
                // Where a default makes it so, a session is read-only
                // from its login on, whatever becomes of the default.
                renew.run();
            }
            throw new StoreUnavailableException(e);
        } finally {
            place.unlock();
        }
    }

    private static boolean isReadOnly(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException told && READ_ONLY.equals(told.getSQLState())) {
                return true;
            }
        }
        return false;
    }

    static void executeUnlessEmpty(PreparedBatch batch) {
        if (batch.size() > 0) {
            int[] unused = batch.execute();
        }
    }

    static long micros(Instant instant) {
        // ChronoUnit.between counts nanoseconds on its way, which overflow in the year 2262.
        return instant.getEpochSecond() * 1_000_000 + instant.getNano() / 1_000;
    }

    static Instant instant(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }
}
