package io.culvert.control.sql;

import io.culvert.control.SecretHash;
import io.culvert.control.access.AccessChanges;
import io.culvert.control.access.AccessStore;
import io.culvert.control.access.ApiKey;
import io.culvert.control.access.Member;
import io.culvert.control.access.Project;
import io.culvert.control.access.StoredKey;
import io.culvert.control.access.StoredLogin;
import io.culvert.control.access.StoredUser;
import io.culvert.control.caller.Permission;
import io.culvert.control.caller.Role;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jspecify.annotations.Nullable;

/** Users, projects, keys and logins in a relational database. Any thread; each call waits for the disk. */
final class SqlAccessStore implements AccessStore {
    private final Transactions transactions;

    SqlAccessStore(Transactions transactions) {
        this.transactions = transactions;
    }

    @Override
    public Stored load() {
        return transactions.run(handle -> {
            Map<String, Set<SecretHash>> codes = recoveryCodes(handle);
            return new Stored(
                    handle.createQuery("SELECT * FROM project ORDER BY name")
                            .map((row, context) -> project(row))
                            .list(),
                    handle.createQuery("SELECT * FROM access_user ORDER BY name")
                            .map((row, context) -> user(row, codes))
                            .list(),
                    handle.createQuery("SELECT * FROM member ORDER BY project, user_name")
                            .map((row, context) -> new Member(
                                    row.getString("project"), row.getString("user_name"), role(row.getString("role"))))
                            .list(),
                    handle.createQuery("SELECT * FROM access_key ORDER BY id")
                            .map((row, context) -> key(row))
                            .list(),
                    handle.createQuery("SELECT * FROM access_login ORDER BY id")
                            .map((row, context) -> login(row))
                            .list());
        });
    }

    @Override
    public void apply(AccessChanges changes) {
        boolean unused = transactions.run(handle -> {
            batch(handle, "DELETE FROM access_login WHERE id = ?", changes.goneLogins());
            batch(handle, "DELETE FROM access_key WHERE id = ?", changes.goneKeys());
            PreparedBatch members = handle.prepareBatch("DELETE FROM member WHERE project = ? AND user_name = ?");
            changes.goneMembers().forEach(gone -> members.add(gone.project(), gone.user()));
            Transactions.executeUnlessEmpty(members);
            batch(handle, "DELETE FROM access_user WHERE name = ?", changes.goneUsers());
            batch(handle, "DELETE FROM project WHERE name = ?", changes.goneProjects());
            changes.projects().forEach(project -> put(handle, project));
            changes.users().forEach(user -> put(handle, user));
            changes.members()
                    .forEach(member -> handle.execute(
                            "INSERT INTO member (project, user_name, role) VALUES (?, ?, ?)"
                                    + " ON CONFLICT (project, user_name) DO UPDATE SET role = excluded.role",
                            member.project(),
                            member.user(),
                            member.role().word()));
            changes.keys().forEach(key -> put(handle, key));
            changes.logins().forEach(login -> put(handle, login));
            return true;
        });
    }

    @Override
    public void used(Map<String, Instant> keys, Map<String, Instant> logins) {
        boolean unused = transactions.run(handle -> {
            used(handle, "UPDATE access_key SET last_used = ? WHERE id = ?", keys);
            used(handle, "UPDATE access_login SET seen_at = ? WHERE id = ?", logins);
            return true;
        });
    }

    private static void used(Handle handle, String sql, Map<String, Instant> uses) {
        PreparedBatch batch = handle.prepareBatch(sql);
        uses.forEach((id, at) -> batch.add(Transactions.micros(at), id));
        Transactions.executeUnlessEmpty(batch);
    }

    private static void batch(Handle handle, String sql, List<String> names) {
        PreparedBatch batch = handle.prepareBatch(sql);
        names.forEach(batch::add);
        Transactions.executeUnlessEmpty(batch);
    }

    private static void put(Handle handle, Project project) {
        handle.execute(
                "INSERT INTO project (name, title, quotas, created_at) VALUES (?, ?, ?, ?)"
                        + " ON CONFLICT (name) DO UPDATE SET title = excluded.title, quotas = excluded.quotas",
                project.name(),
                EventRow.storable(project.title()),
                QuotasJson.write(project.quotas()),
                Transactions.micros(project.created()));
    }

    private static void put(Handle handle, StoredUser user) {
        handle.execute(
                "INSERT INTO access_user (name, title, admin, disabled, must_change, password, totp, totp_step, subject,"
                        + " created_at, last_login) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                        + " ON CONFLICT (name) DO UPDATE SET title = excluded.title, admin = excluded.admin,"
                        + " disabled = excluded.disabled, must_change = excluded.must_change,"
                        + " password = excluded.password, totp = excluded.totp, totp_step = excluded.totp_step,"
                        + " subject = excluded.subject, last_login = excluded.last_login",
                user.name(),
                EventRow.storable(user.title()),
                bit(user.admin()),
                bit(user.disabled()),
                bit(user.mustChange()),
                user.password().orElse(null),
                user.sealedTotp().orElse(null),
                user.totpStep(),
                user.subject().map(EventRow::storable).orElse(null),
                Transactions.micros(user.created()),
                micros(user.lastLogin()));
        handle.execute("DELETE FROM recovery_code WHERE user_name = ?", user.name());
        PreparedBatch codes = handle.prepareBatch("INSERT INTO recovery_code (user_name, sha256) VALUES (?, ?)");
        user.recovery().forEach(hash -> codes.add(user.name(), hex(hash)));
        Transactions.executeUnlessEmpty(codes);
    }

    /** But for its last use, which is written on its own. */
    private static void put(Handle handle, StoredKey stored) {
        ApiKey key = stored.key();
        handle.execute(
                "INSERT INTO access_key (id, sha256, title, user_name, project, scopes, tunnel_id, expires_at, created_at,"
                        + " last_used, revoked_at, made_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                        + " ON CONFLICT (id) DO UPDATE SET revoked_at = excluded.revoked_at",
                key.id(),
                hex(stored.hash()),
                EventRow.storable(key.title()),
                key.user(),
                key.project().orElse(null),
                key.scopes().stream().map(Permission::word).sorted().collect(Collectors.joining(",")),
                EventRow.orNull(key.tunnel()),
                micros(key.expires()),
                Transactions.micros(key.created()),
                micros(key.lastUsed()),
                micros(key.revoked()),
                key.madeBy().orElse(null));
    }

    private static void put(Handle handle, StoredLogin login) {
        handle.execute(
                "INSERT INTO access_login (id, sha256, user_name, created_at, seen_at, address, agent)"
                        + " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
                login.id(),
                hex(login.hash()),
                login.user(),
                Transactions.micros(login.created()),
                Transactions.micros(login.seen()),
                login.address(),
                EventRow.storable(login.agent()));
    }

    private static Map<String, Set<SecretHash>> recoveryCodes(Handle handle) {
        Map<String, Set<SecretHash>> codes = new HashMap<>();
        handle.createQuery("SELECT user_name, sha256 FROM recovery_code")
                .map((row, context) -> Map.entry(row.getString("user_name"), hash(row)))
                .forEach(row -> codes.computeIfAbsent(row.getKey(), user -> new HashSet<>())
                        .add(row.getValue()));
        return codes;
    }

    private static Project project(ResultSet row) throws SQLException {
        return new Project(
                row.getString("name"),
                row.getString("title"),
                QuotasJson.read(row.getString("quotas")),
                Transactions.instant(row.getLong("created_at")));
    }

    private static StoredUser user(ResultSet row, Map<String, Set<SecretHash>> codes) throws SQLException {
        String name = row.getString("name");
        return new StoredUser(
                name,
                row.getString("title"),
                row.getInt("admin") == 1,
                row.getInt("disabled") == 1,
                row.getInt("must_change") == 1,
                Optional.ofNullable(row.getString("password")),
                Optional.ofNullable(row.getString("totp")),
                row.getLong("totp_step"),
                codes.getOrDefault(name, Set.of()),
                Optional.ofNullable(row.getString("subject")),
                Transactions.instant(row.getLong("created_at")),
                moment(row, "last_login"));
    }

    private static StoredKey key(ResultSet row) throws SQLException {
        return new StoredKey(
                new ApiKey(
                        row.getString("id"),
                        row.getString("title"),
                        row.getString("user_name"),
                        Optional.ofNullable(row.getString("project")),
                        scopes(row.getString("scopes")),
                        EventRow.number(row, "tunnel_id"),
                        moment(row, "expires_at"),
                        Transactions.instant(row.getLong("created_at")),
                        moment(row, "last_used"),
                        moment(row, "revoked_at"),
                        Optional.ofNullable(row.getString("made_by"))),
                hash(row));
    }

    private static StoredLogin login(ResultSet row) throws SQLException {
        return new StoredLogin(
                row.getString("id"),
                hash(row),
                row.getString("user_name"),
                Transactions.instant(row.getLong("created_at")),
                Transactions.instant(row.getLong("seen_at")),
                row.getString("address"),
                row.getString("agent"));
    }

    /** A word that this version does not know grants nothing. */
    private static Set<Permission> scopes(String words) {
        return Arrays.stream(words.split(","))
                .flatMap(word -> Permission.of(word).stream())
                .collect(Collectors.toSet());
    }

    /** A word that this version does not know is the least that a member can be. */
    private static Role role(String word) {
        return Role.of(word).orElse(Role.VIEWER);
    }

    private static Optional<Instant> moment(ResultSet row, String column) throws SQLException {
        OptionalLong micros = EventRow.number(row, column);
        return micros.isPresent() ? Optional.of(Transactions.instant(micros.getAsLong())) : Optional.empty();
    }

    private static @Nullable Long micros(Optional<Instant> moment) {
        return moment.isPresent() ? Transactions.micros(moment.get()) : null;
    }

    private static int bit(boolean value) {
        return value ? 1 : 0;
    }

    private static String hex(SecretHash hash) {
        return HexFormat.of().formatHex(hash.bytes());
    }

    private static SecretHash hash(ResultSet row) throws SQLException {
        return SecretHash.ofStored(HexFormat.of().parseHex(row.getString("sha256")));
    }
}
