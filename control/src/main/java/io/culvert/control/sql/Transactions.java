package io.culvert.control.sql;

import io.culvert.control.StoreUnavailableException;
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

    private final Jdbi jdbi;
    private final ReentrantLock place = new ReentrantLock(true);

    Transactions(Jdbi jdbi) {
        this.jdbi = jdbi;
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
            throw new StoreUnavailableException(e);
        } finally {
            place.unlock();
        }
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
