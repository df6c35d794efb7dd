package io.culvert.control.sql;

import com.zaxxer.hikari.HikariDataSource;
import io.culvert.control.Bridge;
import io.culvert.control.Expose;
import io.culvert.control.FormerCertificate;
import io.culvert.control.Protocol;
import io.culvert.control.SecretHash;
import io.culvert.control.StoreChanges;
import io.culvert.control.StoredTunnel;
import io.culvert.control.TunnelBundle;
import io.culvert.control.TunnelStore;
import io.culvert.control.event.EventStore;
import io.culvert.control.hook.WebhookStore;
import io.culvert.control.usage.UsageStore;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.PreparedBatch;

/**
 * Tunnels in a relational database. The statements keep to what SQLite and PostgreSQL have in common. Called by one thread at a time;
 * each call waits for the disk.
 */
public final class SqlTunnelStore implements TunnelStore {
    private static final HexFormat HEX = HexFormat.of();

    private final Transactions transactions;
    /** Lets go of the database. */
    private final Runnable leave;

    private final DataDirectory directory;

    private SqlTunnelStore(Jdbi jdbi, Runnable leave, DataDirectory directory) {
        this.transactions = new Transactions(jdbi);
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
            HikariDataSource pool = SqliteFile.open(directory.file("culvert.db"));
            return new SqlTunnelStore(Jdbi.create(pool), pool::close, directory);
        } catch (RuntimeException e) {
            directory.close();
            throw e;
        }
    }

    /**
     * Opens a PostgreSQL database for this process alone, makes its tables where they are missing, and holds the database and the directory,
     * which keeps whatever else the server has, until {@link #close}. A database that stops and comes back later is connected to again
     * by itself.
     *
     * @throws DataDirectoryException where another server uses the directory
     * @throws DatabaseException where the database cannot be used, or another server uses it; nothing is deleted
     */
    public static SqlTunnelStore open(Path dataDirectory, PostgresLogin login) {
        DataDirectory directory = DataDirectory.open(dataDirectory);
        try {
            KeptConnection connection = PostgresDatabase.open(login);
            return new SqlTunnelStore(Jdbi.create(connection), connection::close, directory);
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
        return inTransaction(handle -> {
            Map<Long, List<Expose>> exposes = new HashMap<>();
            handle.createQuery(
                            "SELECT tunnel_id, protocol, target_host, target_port, port FROM expose ORDER BY tunnel_id, slot")
                    .map((row, context) -> Map.entry(
                            row.getLong("tunnel_id"),
                            new Expose(
                                    protocol(row.getString("protocol")),
                                    row.getString("target_host"),
                                    row.getInt("target_port"),
                                    row.getInt("port"))))
                    .forEach(expose -> exposes.computeIfAbsent(expose.getKey(), id -> new ArrayList<>())
                            .add(expose.getValue()));
            Map<Long, List<FormerCertificate>> former = new HashMap<>();
            handle.createQuery(
                            "SELECT tunnel_id, certificate_sha256, ends_at FROM former_certificate ORDER BY tunnel_id, ends_at")
                    .map((row, context) -> Map.entry(
                            row.getLong("tunnel_id"),
                            new FormerCertificate(
                                    hash(row.getString("certificate_sha256")), instant(row.getLong("ends_at")))))
                    .forEach(each -> former.computeIfAbsent(each.getKey(), id -> new ArrayList<>())
                            .add(each.getValue()));
            return handle.createQuery("SELECT t.id, t.comment, t.ttl_nanos, t.created_at, t.last_heartbeat,"
                            + " t.secret_sha256, b.port AS bridge_port, b.tls, b.compress,"
                            + " u.certificates, u.private_key, u.certificate_sha256, u.renew_at, u.ends_at"
                            + " FROM tunnel t LEFT JOIN bridge b ON b.tunnel_id = t.id"
                            + " LEFT JOIN bundle u ON u.tunnel_id = t.id ORDER BY t.id")
                    .map((row, context) -> tunnel(row, exposes, former))
                    .list();
        });
    }

    @Override
    public void insert(StoredTunnel tunnel) {
        boolean unused = inTransaction(handle -> {
            insert(handle, tunnel);
            return true;
        });
    }

    @Override
    public void apply(StoreChanges changes) {
        boolean unused = inTransaction(handle -> {
            for (StoredTunnel tunnel : changes.put()) {
                handle.execute("DELETE FROM tunnel WHERE id = ?", tunnel.id());
                insert(handle, tunnel);
            }
            PreparedBatch heartbeats = handle.prepareBatch("UPDATE tunnel SET last_heartbeat = ? WHERE id = ?");
            changes.heartbeats().forEach((id, at) -> heartbeats.add(micros(at), id));
            executeUnlessEmpty(heartbeats);
            PreparedBatch gone = handle.prepareBatch("DELETE FROM tunnel WHERE id = ?");
            changes.gone().forEach(gone::add);
            executeUnlessEmpty(gone);
            return true;
        });
    }

    /** Events in the same database, for another thread; good until {@link #close}. */
    public EventStore events() {
        return new SqlEventStore(transactions);
    }

    /** Webhooks in the same database, for another thread; good until {@link #close}. */
    public WebhookStore webhooks() {
        return new SqlWebhookStore(transactions);
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

    private static void insert(Handle handle, StoredTunnel tunnel) {
        handle.execute(
                "INSERT INTO tunnel (id, comment, ttl_nanos, created_at, last_heartbeat, secret_sha256) VALUES (?, ?, ?, ?, ?, ?)",
                tunnel.id(),
                tunnel.comment(),
                tunnel.ttl().toNanos(),
                micros(tunnel.createdAt()),
                micros(tunnel.lastHeartbeat()),
                HEX.formatHex(tunnel.secret().bytes()));
        PreparedBatch exposes = handle.prepareBatch(
                "INSERT INTO expose (tunnel_id, slot, protocol, target_host, target_port, port) VALUES (?, ?, ?, ?, ?, ?)");
        for (int slot = 0; slot < tunnel.exposes().size(); slot++) {
            Expose expose = tunnel.exposes().get(slot);
            exposes.add(
                    tunnel.id(),
                    slot,
                    expose.protocol().name().toLowerCase(Locale.ROOT),
                    expose.targetHost(),
                    expose.targetPort(),
                    expose.port());
        }
        executeUnlessEmpty(exposes);
        tunnel.bridge()
                .ifPresent(bridge -> handle.execute(
                        "INSERT INTO bridge (tunnel_id, port, tls, compress) VALUES (?, ?, ?, ?)",
                        tunnel.id(),
                        bridge.port(),
                        bridge.tls() ? 1 : 0,
                        bridge.compress() ? 1 : 0));
        tunnel.bundle()
                .ifPresent(bundle -> handle.execute(
                        "INSERT INTO bundle (tunnel_id, certificates, private_key, certificate_sha256, renew_at, ends_at)"
                                + " VALUES (?, ?, ?, ?, ?, ?)",
                        tunnel.id(),
                        bundle.certificates(),
                        bundle.key(),
                        HEX.formatHex(bundle.fingerprint().bytes()),
                        micros(bundle.renewAt()),
                        micros(bundle.endsAt())));
        PreparedBatch former = handle.prepareBatch(
                "INSERT INTO former_certificate (tunnel_id, certificate_sha256, ends_at) VALUES (?, ?, ?)");
        tunnel.bundle().stream()
                .flatMap(bundle -> bundle.former().stream())
                .forEach(each ->
                        former.add(tunnel.id(), HEX.formatHex(each.fingerprint().bytes()), micros(each.endsAt())));
        executeUnlessEmpty(former);
        handle.execute(
                "UPDATE counter SET next_value = ? WHERE name = 'tunnel' AND next_value < ?",
                tunnel.id() + 1,
                tunnel.id() + 1);
    }

    private static StoredTunnel tunnel(
            ResultSet row, Map<Long, List<Expose>> exposes, Map<Long, List<FormerCertificate>> former)
            throws SQLException {
        long id = row.getLong("id");
        return new StoredTunnel(
                id,
                exposes.getOrDefault(id, List.of()),
                bridge(row),
                row.getString("comment"),
                Duration.ofNanos(row.getLong("ttl_nanos")),
                instant(row.getLong("created_at")),
                instant(row.getLong("last_heartbeat")),
                hash(row.getString("secret_sha256")),
                bundle(row, former.getOrDefault(id, List.of())));
    }

    private static Protocol protocol(String stored) {
        return Protocol.valueOf(stored.toUpperCase(Locale.ROOT));
    }

    private static Optional<Bridge> bridge(ResultSet row) throws SQLException {
        int port = row.getInt("bridge_port");
        return row.wasNull()
                ? Optional.empty()
                : Optional.of(new Bridge(port, row.getInt("tls") != 0, row.getInt("compress") != 0));
    }

    private static SecretHash hash(String stored) {
        return SecretHash.ofStored(HEX.parseHex(stored));
    }

    private static Optional<TunnelBundle> bundle(ResultSet row, List<FormerCertificate> former) throws SQLException {
        String certificates = row.getString("certificates");
        return certificates == null
                ? Optional.empty()
                : Optional.of(new TunnelBundle(
                        certificates,
                        row.getString("private_key"),
                        hash(row.getString("certificate_sha256")),
                        instant(row.getLong("renew_at")),
                        instant(row.getLong("ends_at")),
                        former));
    }

    private static void executeUnlessEmpty(PreparedBatch batch) {
        if (batch.size() > 0) {
            int[] unused = batch.execute();
        }
    }

    private static long micros(Instant instant) {
        // ChronoUnit.between counts nanoseconds on its way, which overflow in the year 2262.
        return instant.getEpochSecond() * 1_000_000 + instant.getNano() / 1_000;
    }

    private static Instant instant(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }

    private <T> T inTransaction(Function<Handle, T> work) {
        return transactions.run(work);
    }
}
