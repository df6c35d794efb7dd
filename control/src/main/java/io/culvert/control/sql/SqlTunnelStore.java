package io.culvert.control.sql;

import com.zaxxer.hikari.HikariDataSource;
import io.culvert.control.EndedTunnel;
import io.culvert.control.PortChanges;
import io.culvert.control.StoreChanges;
import io.culvert.control.StoredTunnel;
import io.culvert.control.TunnelStore;
import io.culvert.control.access.AccessStore;
import io.culvert.control.audit.AuditStore;
import io.culvert.control.event.EventStore;
import io.culvert.control.hook.WebhookStore;
import io.culvert.control.usage.MonthStore;
import io.culvert.control.usage.UsageStore;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.PreparedBatch;

/**
 * Tunnels in a relational database. The statements keep to what SQLite and PostgreSQL have in common. Called by one thread at a time;
 * each call waits for the disk.
 */
public final class SqlTunnelStore implements TunnelStore {
    /** What the database is called in its directory, where it is a file. */
    public static final String FILE = "culvert.db";

    private final Transactions transactions;
    /** Lets go of the database. */
    private final Runnable leave;

    private final DataDirectory directory;

    private SqlTunnelStore(Jdbi jdbi, Runnable renew, Runnable leave, DataDirectory directory) {
        this.transactions = new Transactions(jdbi, renew);
        this.leave = leave;
        this.directory = directory;
    }

    /**
     * Opens {@code culvert.db} in the directory, makes both where they are missing (0700 and 0600), and holds the directory for this
     * process until {@link #close}.
     *
     * @throws DataDirectoryException where another server uses the directory, or the database cannot be read; nothing is deleted
     */
    public static SqlTunnelStore open(Path dataDirectory) {
        DataDirectory directory = DataDirectory.open(dataDirectory);
        try {
            HikariDataSource pool = SqliteFile.open(directory.database(FILE, EmptyDatabase::read));
            return new SqlTunnelStore(Statements.on(pool::getConnection), () -> {}, pool::close, directory);
        } catch (RuntimeException e) {
            directory.close();
            throw e;
        }
    }

    /**
     * Opens a PostgreSQL database for this process alone, makes its tables where they are missing, and holds the database and the directory,
     * which keeps whatever else the server has, until {@link #close}. A database that stops and comes back later is connected to again
     * by itself, and so is one that took no writes for a while, such as a standby that is the primary later.
     *
     * @throws DataDirectoryException where another server uses the directory
     * @throws DatabaseException where the database cannot be used, or another server uses it; nothing is deleted
     */
    public static SqlTunnelStore open(Path dataDirectory, PostgresLogin login) {
        DataDirectory directory = DataDirectory.open(dataDirectory);
        try {
            KeptConnection connection = PostgresDatabase.open(login);
            return new SqlTunnelStore(Statements.on(connection), connection::renew, connection::close, directory);
        } catch (RuntimeException e) {
            directory.close();
            throw e;
        }
    }

    @Override
    public long nextId() {
        return inTransaction(handle -> handle.createQuery("SELECT next_value FROM counter WHERE name = 'tunnel'")
                .mapTo(Long.class)
                .one());
    }

    @Override
    public List<StoredTunnel> load() {
        return inTransaction(TunnelRows::load);
    }

    @Override
    public List<EndedTunnel> loadEnded() {
        return inTransaction(handle -> handle.createQuery("SELECT record FROM ended_tunnel ORDER BY id")
                .map((row, context) -> EndedJson.read(row.getString("record")))
                .list());
    }

    @Override
    public PortChanges loadPorts() {
        return inTransaction(PortRows::load);
    }

    @Override
    public boolean draining() {
        return inTransaction(handle -> handle.createQuery("SELECT count(*) FROM server_drain")
                        .mapTo(Long.class)
                        .one()
                > 0);
    }

    @Override
    public void insertAll(List<StoredTunnel> tunnels) {
        boolean unused = inTransaction(handle -> {
            tunnels.forEach(tunnel -> TunnelRows.insert(handle, tunnel));
            return true;
        });
    }

    @Override
    public void apply(StoreChanges changes) {
        boolean unused = inTransaction(handle -> {
            changes.put().forEach(tunnel -> TunnelRows.put(handle, tunnel));
            PreparedBatch heartbeats = handle.prepareBatch("UPDATE tunnel SET last_heartbeat = ? WHERE id = ?");
            changes.heartbeats().forEach((id, at) -> heartbeats.add(micros(at), id));
            executeUnlessEmpty(heartbeats);
            PreparedBatch transitions = handle.prepareBatch("UPDATE tunnel SET transitions = ? WHERE id = ?");
            changes.transitions()
                    .forEach((id, last) ->
                            transitions.add(StoredJson.transitions(last).toString(), id));
            executeUnlessEmpty(transitions);
            PreparedBatch gone = handle.prepareBatch("DELETE FROM tunnel WHERE id = ?");
            changes.gone().forEach(gone::add);
            executeUnlessEmpty(gone);
            remember(handle, changes.ended());
            changes.forget()
                    .ifPresent(before -> handle.execute("DELETE FROM ended_tunnel WHERE ended_at < ?", micros(before)));
            PortRows.apply(handle, changes.ports());
            changes.draining().ifPresent(on -> drain(handle, on));
            return true;
        });
    }

    private static void remember(Handle handle, List<EndedTunnel> ended) {
        PreparedBatch old = handle.prepareBatch("DELETE FROM ended_tunnel WHERE id = ?");
        ended.forEach(one -> old.add(one.tunnel().id()));
        executeUnlessEmpty(old);
        PreparedBatch records = handle.prepareBatch("INSERT INTO ended_tunnel (id, ended_at, record) VALUES (?, ?, ?)");
        ended.forEach(one -> records.add(one.tunnel().id(), micros(one.at()), EndedJson.write(one)));
        executeUnlessEmpty(records);
    }

    private static void drain(Handle handle, boolean on) {
        handle.execute("DELETE FROM server_drain");
        if (on) {
            handle.execute("INSERT INTO server_drain (draining) VALUES (1)");
        }
    }

    /** Events in the same database, for another thread; good until {@link #close}. */
    public EventStore events() {
        return new SqlEventStore(transactions);
    }

    /** Webhooks in the same database, for another thread; good until {@link #close}. */
    public WebhookStore webhooks() {
        return new SqlWebhookStore(transactions);
    }

    /** Users, projects, keys and logins in the same database, for other threads; good until {@link #close}. */
    public AccessStore access() {
        return new SqlAccessStore(transactions);
    }

    /** The audit in the same database, for another thread; good until {@link #close}. */
    public AuditStore audit() {
        return new SqlAuditStore(transactions);
    }

    /** What projects carry in a month in the same database, for another thread; good until {@link #close}. */
    public MonthStore months() {
        return new SqlMonthStore(transactions);
    }

    /** Counts and usage in the same database, for another thread; good until {@link #close}. */
    public UsageStore usage() {
        return new SqlUsageStore(transactions);
    }

    @Override
    public void close() {
        leave.run();
        directory.close();
    }

    /** How this connection is set; the tests ask, since a mistyped property is silently no property. */
    String pragma(String name) {
        return inTransaction(handle ->
                handle.createQuery("PRAGMA " + name).mapTo(String.class).one());
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

    private <T> T inTransaction(Function<Handle, T> work) {
        return transactions.run(work);
    }
}
