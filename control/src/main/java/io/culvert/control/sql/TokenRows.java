package io.culvert.control.sql;

import io.culvert.control.IssuedToken;
import io.culvert.control.SessionCredential;
import io.culvert.control.StoredTunnel;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jspecify.annotations.Nullable;

/** Join tokens and session credentials as rows of two tables. No state; used inside a transaction by the thread that has it. */
final class TokenRows {
    private static final HexFormat HEX = HexFormat.of();

    private TokenRows() {}

    private record Key(long tunnel, String token) {}

    static Map<Long, List<IssuedToken>> load(Handle handle) {
        Map<Key, List<SessionCredential>> credentials = new HashMap<>();
        handle.createQuery("SELECT tunnel_id, token_id, id, secret_sha256, ends_at, former_sha256, former_ends_at"
                        + " FROM session_credential ORDER BY tunnel_id, token_id, slot")
                .map((row, context) -> Map.entry(
                        new Key(row.getLong("tunnel_id"), row.getString("token_id")),
                        new SessionCredential(
                                row.getString("id"),
                                TunnelRows.hash(row.getString("secret_sha256")),
                                SqlTunnelStore.instant(row.getLong("ends_at")),
                                former(row))))
                .forEach(each -> credentials
                        .computeIfAbsent(each.getKey(), key -> new ArrayList<>())
                        .add(each.getValue()));
        Map<Long, List<IssuedToken>> tokens = new HashMap<>();
        handle.createQuery("SELECT * FROM join_token ORDER BY tunnel_id, slot")
                .map((row, context) -> Map.entry(
                        row.getLong("tunnel_id"),
                        new IssuedToken(
                                row.getString("id"),
                                TunnelRows.hash(row.getString("secret_sha256")),
                                row.getString("created_by"),
                                SqlTunnelStore.instant(row.getLong("created_at")),
                                moment(row, "expires_at"),
                                uses(row),
                                row.getInt("used"),
                                moment(row, "last_used"),
                                moment(row, "revoked_at"),
                                credentials.getOrDefault(
                                        new Key(row.getLong("tunnel_id"), row.getString("id")), List.of()))))
                .forEach(each -> tokens.computeIfAbsent(each.getKey(), id -> new ArrayList<>())
                        .add(each.getValue()));
        return tokens;
    }

    static void delete(Handle handle, long tunnel) {
        handle.execute("DELETE FROM session_credential WHERE tunnel_id = ?", tunnel);
        handle.execute("DELETE FROM join_token WHERE tunnel_id = ?", tunnel);
    }

    static void insert(Handle handle, StoredTunnel tunnel) {
        PreparedBatch tokens = handle.prepareBatch("INSERT INTO join_token (tunnel_id, slot, id, secret_sha256,"
                + " created_by, created_at, expires_at, uses, used, last_used, revoked_at)"
                + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
        PreparedBatch credentials = handle.prepareBatch("INSERT INTO session_credential (tunnel_id, token_id, slot, id,"
                + " secret_sha256, ends_at, former_sha256, former_ends_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
        for (int slot = 0; slot < tunnel.tokens().size(); slot++) {
            IssuedToken token = tunnel.tokens().get(slot);
            tokens.add(
                    tunnel.id(),
                    slot,
                    token.id(),
                    HEX.formatHex(token.hash().bytes()),
                    token.createdBy(),
                    SqlTunnelStore.micros(token.createdAt()),
                    micros(token.expiresAt()),
                    token.uses().isPresent() ? token.uses().getAsInt() : null,
                    token.used(),
                    micros(token.lastUsed()),
                    micros(token.revokedAt()));
            for (int place = 0; place < token.credentials().size(); place++) {
                SessionCredential credential = token.credentials().get(place);
                Optional<SessionCredential.Former> former = credential.former();
                credentials.add(
                        tunnel.id(),
                        token.id(),
                        place,
                        credential.id(),
                        HEX.formatHex(credential.hash().bytes()),
                        SqlTunnelStore.micros(credential.endsAt()),
                        former.map(old -> HEX.formatHex(old.hash().bytes())).orElse(null),
                        micros(former.map(SessionCredential.Former::endsAt)));
            }
        }
        SqlTunnelStore.executeUnlessEmpty(tokens);
        SqlTunnelStore.executeUnlessEmpty(credentials);
    }

    private static @Nullable Long micros(Optional<Instant> moment) {
        return moment.map(SqlTunnelStore::micros).orElse(null);
    }

    private static Optional<Instant> moment(ResultSet row, String column) throws SQLException {
        long micros = row.getLong(column);
        return row.wasNull() ? Optional.empty() : Optional.of(SqlTunnelStore.instant(micros));
    }

    private static OptionalInt uses(ResultSet row) throws SQLException {
        int uses = row.getInt("uses");
        return row.wasNull() ? OptionalInt.empty() : OptionalInt.of(uses);
    }

    private static Optional<SessionCredential.Former> former(ResultSet row) throws SQLException {
        Optional<Instant> end = moment(row, "former_ends_at");
        String hash = row.getString("former_sha256");
        return end.map(moment -> new SessionCredential.Former(TunnelRows.hash(hash), moment));
    }
}
