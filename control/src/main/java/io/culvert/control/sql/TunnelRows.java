package io.culvert.control.sql;

import com.fasterxml.jackson.databind.JsonNode;
import io.culvert.control.Bridge;
import io.culvert.control.Expose;
import io.culvert.control.FormerCertificate;
import io.culvert.control.IdempotencyKey;
import io.culvert.control.IssuedToken;
import io.culvert.control.LeaseTerms;
import io.culvert.control.Policies;
import io.culvert.control.Protocol;
import io.culvert.control.SecretHash;
import io.culvert.control.StoredCounts;
import io.culvert.control.StoredTunnel;
import io.culvert.control.TunnelBundle;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jspecify.annotations.Nullable;

/** Living tunnels as rows of four tables. No state; used inside a transaction by the thread that has it. */
final class TunnelRows {
    private static final HexFormat HEX = HexFormat.of();

    private TunnelRows() {}

    static List<StoredTunnel> load(Handle handle) {
        Map<Long, List<Expose>> exposes = new HashMap<>();
        handle.createQuery("SELECT tunnel_id, protocol, target_host, target_port, port, pool, bind FROM expose"
                        + " ORDER BY tunnel_id, slot")
                .map((row, context) -> Map.entry(
                        row.getLong("tunnel_id"),
                        new Expose(
                                protocol(row.getString("protocol")),
                                row.getString("target_host"),
                                row.getInt("target_port"),
                                row.getInt("port"),
                                optional(row, "pool"),
                                optional(row, "bind"))))
                .forEach(expose -> exposes.computeIfAbsent(expose.getKey(), id -> new ArrayList<>())
                        .add(expose.getValue()));
        Map<Long, List<FormerCertificate>> former = new HashMap<>();
        handle.createQuery("SELECT tunnel_id, certificate_sha256, ends_at FROM former_certificate"
                        + " ORDER BY tunnel_id, ends_at")
                .map((row, context) -> Map.entry(
                        row.getLong("tunnel_id"),
                        new FormerCertificate(
                                hash(row.getString("certificate_sha256")),
                                SqlTunnelStore.instant(row.getLong("ends_at")))))
                .forEach(each -> former.computeIfAbsent(each.getKey(), id -> new ArrayList<>())
                        .add(each.getValue()));
        Map<Long, List<IssuedToken>> tokens = TokenRows.load(handle);
        return handle.createQuery("SELECT t.*, b.port AS bridge_port, b.tls, b.compress,"
                        + " u.certificates, u.private_key, u.certificate_sha256, u.renew_at, u.ends_at,"
                        + " c.bytes_in, c.bytes_out, c.connections, c.refused, c.datagrams_dropped"
                        + " FROM tunnel t LEFT JOIN bridge b ON b.tunnel_id = t.id"
                        + " LEFT JOIN usage_total c ON c.tunnel_id = t.id"
                        + " LEFT JOIN bundle u ON u.tunnel_id = t.id ORDER BY t.id")
                .map((row, context) -> tunnel(row, exposes, former, tokens))
                .list();
    }

    static void insert(Handle handle, StoredTunnel tunnel) {
        handle.execute(
                "INSERT INTO tunnel (id, created_at, project, owner, request_key, request_fingerprint, comment, ttl_nanos,"
                        + " last_heartbeat, secret_sha256) VALUES (?, ?, ?, ?, ?, ?, '', 0, 0, '')",
                tunnel.id(),
                SqlTunnelStore.micros(tunnel.createdAt()),
                tunnel.project(),
                tunnel.owner(),
                tunnel.key().map(IdempotencyKey::text).orElse(null),
                tunnel.key().map(IdempotencyKey::fingerprint).orElse(null));
        int unused = update(handle, tunnel);
        insertParts(handle, tunnel);
        handle.execute(
                "UPDATE counter SET next_value = ? WHERE name = 'tunnel' AND next_value < ?",
                tunnel.id() + 1,
                tunnel.id() + 1);
    }

    /** Makes a row as given, whether there is one or not. What it has carried is not in it: the ledger writes that. */
    static void put(Handle handle, StoredTunnel tunnel) {
        if (update(handle, tunnel) == 0) {
            insert(handle, tunnel);
            return;
        }
        handle.execute("DELETE FROM expose WHERE tunnel_id = ?", tunnel.id());
        handle.execute("DELETE FROM bridge WHERE tunnel_id = ?", tunnel.id());
        handle.execute("DELETE FROM bundle WHERE tunnel_id = ?", tunnel.id());
        handle.execute("DELETE FROM former_certificate WHERE tunnel_id = ?", tunnel.id());
        TokenRows.delete(handle, tunnel.id());
        insertParts(handle, tunnel);
    }

    /** Writes all that can change. */
    private static int update(Handle handle, StoredTunnel tunnel) {
        LeaseTerms terms = tunnel.terms();
        return handle.execute(
                "UPDATE tunnel SET comment = ?, ttl_nanos = ?, last_heartbeat = ?, secret_sha256 = ?, version = ?, name = ?,"
                        + " labels = ?, lease = ?, policies = ?, paused_by = ?, transitions = ?, ending = ? WHERE id = ?",
                tunnel.comment(),
                tunnel.ttl().toNanos(),
                SqlTunnelStore.micros(tunnel.lastHeartbeat()),
                HEX.formatHex(tunnel.secret().bytes()),
                tunnel.version(),
                tunnel.name().orElse(null),
                StoredJson.labels(tunnel.labels()).toString(),
                terms.equals(LeaseTerms.of(terms.ttl()))
                        ? null
                        : StoredJson.terms(terms).toString(),
                tunnel.policies().equals(Policies.NONE)
                        ? null
                        : StoredJson.policies(tunnel.policies()).toString(),
                tunnel.pausedBy().orElse(null),
                StoredJson.transitions(tunnel.transitions()).toString(),
                tunnel.ending().orElse(null),
                tunnel.id());
    }

    private static void insertParts(Handle handle, StoredTunnel tunnel) {
        PreparedBatch exposes = handle.prepareBatch(
                "INSERT INTO expose (tunnel_id, slot, protocol, target_host, target_port, port, pool, bind)"
                        + " VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
        for (int slot = 0; slot < tunnel.exposes().size(); slot++) {
            Expose expose = tunnel.exposes().get(slot);
            exposes.add(
                    tunnel.id(),
                    slot,
                    protocol(expose.protocol()),
                    expose.targetHost(),
                    expose.targetPort(),
                    expose.port(),
                    expose.pool().orElse(null),
                    expose.bind().orElse(null));
        }
        SqlTunnelStore.executeUnlessEmpty(exposes);
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
                        SqlTunnelStore.micros(bundle.renewAt()),
                        SqlTunnelStore.micros(bundle.endsAt())));
        PreparedBatch former = handle.prepareBatch(
                "INSERT INTO former_certificate (tunnel_id, certificate_sha256, ends_at) VALUES (?, ?, ?)");
        tunnel.bundle().stream()
                .flatMap(bundle -> bundle.former().stream())
                .forEach(each -> former.add(
                        tunnel.id(), HEX.formatHex(each.fingerprint().bytes()), SqlTunnelStore.micros(each.endsAt())));
        SqlTunnelStore.executeUnlessEmpty(former);
        TokenRows.insert(handle, tunnel);
    }

    private static StoredTunnel tunnel(
            ResultSet row,
            Map<Long, List<Expose>> exposes,
            Map<Long, List<FormerCertificate>> former,
            Map<Long, List<IssuedToken>> tokens)
            throws SQLException {
        long id = row.getLong("id");
        Duration ttl = Duration.ofNanos(row.getLong("ttl_nanos"));
        Optional<String> key = optional(row, "request_key");
        String fingerprint = row.getString("request_fingerprint");
        return new StoredTunnel(
                id,
                row.getLong("version"),
                optional(row, "name"),
                StoredJson.labels(StoredJson.parse(row.getString("labels"))),
                row.getString("project"),
                row.getString("owner"),
                exposes.getOrDefault(id, List.of()),
                bridge(row),
                row.getString("comment"),
                json(row, "lease").map(StoredJson::terms).orElse(LeaseTerms.of(ttl)),
                json(row, "policies").map(StoredJson::policies).orElse(Policies.NONE),
                optional(row, "paused_by"),
                SqlTunnelStore.instant(row.getLong("created_at")),
                SqlTunnelStore.instant(row.getLong("last_heartbeat")),
                hash(row.getString("secret_sha256")),
                bundle(row, former.getOrDefault(id, List.of())),
                key.map(text -> new IdempotencyKey(text, fingerprint)),
                StoredJson.transitions(StoredJson.parse(row.getString("transitions"))),
                new StoredCounts(
                        row.getLong("bytes_in"),
                        row.getLong("bytes_out"),
                        row.getLong("connections"),
                        row.getLong("refused"),
                        row.getLong("datagrams_dropped")),
                optional(row, "ending"),
                tokens.getOrDefault(id, List.of()));
    }

    static Protocol protocol(String stored) {
        return Protocol.valueOf(stored.toUpperCase(Locale.ROOT));
    }

    static String protocol(Protocol protocol) {
        return protocol.name().toLowerCase(Locale.ROOT);
    }

    static Optional<String> optional(ResultSet row, String column) throws SQLException {
        @Nullable String value = row.getString(column);
        return Optional.ofNullable(value);
    }

    private static Optional<JsonNode> json(ResultSet row, String column) throws SQLException {
        return optional(row, column).map(StoredJson::parse);
    }

    private static Optional<Bridge> bridge(ResultSet row) throws SQLException {
        int port = row.getInt("bridge_port");
        return row.wasNull()
                ? Optional.empty()
                : Optional.of(new Bridge(port, row.getInt("tls") != 0, row.getInt("compress") != 0));
    }

    static SecretHash hash(String stored) {
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
                        SqlTunnelStore.instant(row.getLong("renew_at")),
                        SqlTunnelStore.instant(row.getLong("ends_at")),
                        former));
    }
}
