package io.culvert.control.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.control.SecretHash;
import io.culvert.control.access.AccessChanges;
import io.culvert.control.access.AccessStore;
import io.culvert.control.access.ApiKey;
import io.culvert.control.access.Member;
import io.culvert.control.access.Project;
import io.culvert.control.access.StoredKey;
import io.culvert.control.access.StoredLogin;
import io.culvert.control.access.StoredUser;
import io.culvert.control.audit.AuditCheck;
import io.culvert.control.audit.AuditEntry;
import io.culvert.control.audit.AuditFilter;
import io.culvert.control.audit.AuditLog;
import io.culvert.control.audit.AuditRecord;
import io.culvert.control.audit.AuditStore;
import io.culvert.control.caller.CallerKind;
import io.culvert.control.caller.Permission;
import io.culvert.control.caller.Quotas;
import io.culvert.control.caller.Role;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What the stores of access and audit do on every database. Each test has a database of its own, empty at first. */
abstract class AccessStoreContract {
    private static final Instant THEN = Instant.parse("2026-01-02T03:04:05.678901Z");
    private static final Project LAB = new Project("lab", "The lab", Quotas.NONE, THEN);
    private static final StoredUser ANNA = new StoredUser(
            "anna",
            "Anna Ä.",
            true,
            false,
            true,
            Optional.of("$argon2id$…"),
            Optional.of("sealed"),
            58_000_000,
            Set.of(SecretHash.of("one"), SecretHash.of("two")),
            Optional.empty(),
            THEN,
            Optional.of(THEN.plusSeconds(1)));
    private static final StoredUser BEN = new StoredUser(
            "ben",
            "",
            false,
            true,
            false,
            Optional.empty(),
            Optional.empty(),
            0,
            Set.of(),
            Optional.of("https://id.example|42"),
            THEN,
            Optional.empty());
    private static final StoredKey PLAIN = key("aaaaaaaa", "anna", Optional.empty(), OptionalLong.empty());
    private static final StoredKey NARROW = new StoredKey(
            new ApiKey(
                    "bbbbbbbb",
                    "renews",
                    "ben",
                    Optional.of("lab"),
                    Set.of(Permission.TUNNELS_RENEW, Permission.TUNNELS_READ),
                    OptionalLong.of(7),
                    Optional.of(THEN.plusSeconds(60)),
                    THEN,
                    Optional.of(THEN.plusSeconds(2)),
                    Optional.of(THEN.plusSeconds(3)),
                    Optional.of("aaaaaaaa")),
            SecretHash.of("narrow"));
    private static final StoredLogin LOGIN = login("l1", "anna");

    abstract SqlTunnelStore open();

    /** The same database past the store. */
    abstract DataSource database();

    @Test
    void theDefaultProjectIsThereFromTheBeginning() {
        try (SqlTunnelStore store = open()) {
            AccessStore.Stored there = store.access().load();
            assertThat(there.projects()).singleElement().satisfies(project -> {
                assertThat(project.name()).isEqualTo(Project.DEFAULT);
                assertThat(project.quotas()).isEqualTo(Quotas.NONE);
            });
            assertThat(there.users()).isEmpty();
            assertThat(there.members()).isEmpty();
            assertThat(there.keys()).isEmpty();
            assertThat(there.logins()).isEmpty();
        }
    }

    @Test
    void everythingComesBackAfterReopening() {
        Quotas quotas = new Quotas(
                OptionalInt.of(1),
                OptionalInt.of(2),
                OptionalInt.of(3),
                OptionalInt.of(0),
                OptionalLong.of(5_000_000_000_000L),
                Optional.of(Set.of("a", "b")));
        Project bounded = new Project("bounded", "", quotas, THEN);
        try (SqlTunnelStore store = open()) {
            store.access().apply(all().put(bounded));
        }
        try (SqlTunnelStore store = open()) {
            AccessStore.Stored there = store.access().load();
            assertThat(there.projects()).hasSize(3).contains(LAB, bounded);
            assertThat(there.users()).containsExactly(ANNA, BEN);
            assertThat(there.members())
                    .containsExactly(
                            new Member("default", "ben", Role.OPERATOR), new Member("lab", "anna", Role.VIEWER));
            assertThat(there.keys()).containsExactly(PLAIN, NARROW);
            assertThat(there.logins()).containsExactly(LOGIN);
        }
    }

    @Test
    void whatIsPutAgainIsAsItWasGivenLast() {
        try (SqlTunnelStore store = open()) {
            AccessStore access = store.access();
            access.apply(all());
            StoredUser changed = new StoredUser(
                    "anna",
                    "Anna",
                    false,
                    true,
                    false,
                    Optional.of("another"),
                    Optional.empty(),
                    0,
                    Set.of(SecretHash.of("three")),
                    Optional.of("subject"),
                    THEN,
                    Optional.empty());
            Project renamed = new Project(
                    "lab",
                    "Lab",
                    new Quotas(
                            OptionalInt.empty(),
                            OptionalInt.empty(),
                            OptionalInt.empty(),
                            OptionalInt.empty(),
                            OptionalLong.empty(),
                            Optional.of(Set.of())),
                    THEN);
            access.apply(new AccessChanges().put(changed).put(renamed).put(new Member("lab", "anna", Role.OPERATOR)));
            AccessStore.Stored there = access.load();
            assertThat(there.users()).contains(changed);
            assertThat(there.projects()).contains(renamed);
            assertThat(there.members())
                    .contains(new Member("lab", "anna", Role.OPERATOR))
                    .hasSize(2);
            assertThat(there.keys()).hasSize(2);
            assertThat(there.logins()).hasSize(1);
        }
    }

    @Test
    void lastUsesAreWrittenOnTheirOwnAndNothingTakesThemBack() {
        try (SqlTunnelStore store = open()) {
            AccessStore access = store.access();
            access.apply(all());
            Instant later = THEN.plusSeconds(100);
            access.used(Map.of("aaaaaaaa", later, "gone", later), Map.of("l1", later));
            access.apply(new AccessChanges().put(PLAIN).put(LOGIN));
            assertThat(access.load().keys().get(0).key().lastUsed()).contains(later);
            assertThat(access.load().logins().get(0).seen()).isEqualTo(later);
        }
    }

    @Test
    void whatGoesTakesWithItWhatHangsOnIt() {
        try (SqlTunnelStore store = open()) {
            AccessStore access = store.access();
            access.apply(all());
            access.apply(new AccessChanges().goneMember("default", "ben").goneProject("lab"));
            assertThat(access.load().members()).isEmpty();
            assertThat(access.load().keys()).containsExactly(PLAIN);
            access.apply(new AccessChanges().goneLogin("l1").put(login("l2", "anna")));
            assertThat(access.load().logins()).extracting(StoredLogin::id).containsExactly("l2");
            access.apply(new AccessChanges().goneUser("anna"));
            assertThat(access.load().users()).containsExactly(BEN);
            assertThat(access.load().keys()).isEmpty();
            assertThat(access.load().logins()).isEmpty();
            access.apply(new AccessChanges().put(key("cccccccc", "ben", Optional.empty(), OptionalLong.empty())));
            access.apply(new AccessChanges().goneKey("cccccccc"));
            assertThat(access.load().keys()).isEmpty();
        }
    }

    @Test
    void auditEntriesComeBackAsTheyWereAndTheChainHolds() {
        AuditEntry odd = new AuditEntry(
                THEN,
                "anna/cvk_aaaaaaaa",
                CallerKind.KEY,
                "2001:db8::1",
                "createTunnel",
                "tunnel/7",
                AuditEntry.DONE,
                Optional.empty(),
                Optional.of("{\"name\":\"Grüße 😀\"}"));
        // What no database keeps is made storable before it is hashed.
        AuditEntry hostile = new AuditEntry(
                THEN.plusNanos(999),
                "half \ud800 \0 " + "x".repeat(300),
                CallerKind.NOBODY,
                "a".repeat(100),
                "o".repeat(200),
                "t".repeat(400),
                "r".repeat(200),
                Optional.of("{\0}"),
                Optional.of("y".repeat(1_000_000)));
        try (SqlTunnelStore store = open()) {
            AuditLog log = log(store);
            log.add(odd);
            log.add(hostile);
            log.turn();
        }
        try (SqlTunnelStore store = open()) {
            AuditLog log = log(store);
            log.add(odd);
            List<AuditRecord> there = join(log.export(AuditFilter.ALL, 0, 1_000));
            assertThat(there).extracting(AuditRecord::number).containsExactly(1L, 2L, 3L);
            assertThat(there.get(0).entry()).isEqualTo(odd);
            assertThat(there.get(1).entry().after()).contains("{\"left_out\":1000000}");
            AuditCheck check = join(log.verify());
            assertThat(check.gap()).isEmpty();
            assertThat(check.sound()).isEqualTo(3);
            assertThat(check.head()).isEqualTo(there.get(2).hash());
        }
    }

    @Test
    void aWriteThatIsTriedAgainIsMadeOnce() {
        try (SqlTunnelStore store = open()) {
            AuditStore audit = store.audit();
            AuditLog log = log(store);
            add(log, 3);
            log.turn();
            List<AuditRecord> there = audit.after(AuditFilter.ALL, 0, 10);
            audit.append(there);
            assertThat(audit.after(AuditFilter.ALL, 0, 10)).isEqualTo(there);
            assertThat(audit.head())
                    .isEqualTo(new AuditStore.Head(3, there.get(2).hash()));
        }
    }

    @Test
    void entriesAreFoundByCallerOperationTargetAndTime() {
        try (SqlTunnelStore store = open()) {
            AuditLog log = log(store);
            log.add(entry(0, "anna", "createTunnel", "tunnel/1"));
            log.add(entry(1, "anna/cvk_aaaaaaaa", "renewTunnel", "tunnel/1"));
            log.add(entry(2, "annabel", "createTunnel", "tunnel/2"));
            log.add(entry(3, "ben", "createTunnel", "tunnel/3"));
            assertThat(numbers(log, filter("anna", null, null, null, null))).containsExactly(2L, 1L);
            assertThat(numbers(log, filter("anna/cvk_aaaaaaaa", null, null, null, null)))
                    .containsExactly(2L);
            assertThat(numbers(log, filter(null, "createTunnel", null, null, null)))
                    .containsExactly(4L, 3L, 1L);
            assertThat(numbers(log, filter("anna", null, "tunnel/1", null, null)))
                    .containsExactly(2L, 1L);
            assertThat(numbers(log, filter(null, null, null, 1, 3))).containsExactly(3L, 2L);
            assertThat(numbers(log, filter("nobody' OR '1'='1", null, null, null, null)))
                    .isEmpty();
            assertThat(join(log.page(AuditFilter.ALL, OptionalLong.of(3), 1)))
                    .extracting(AuditRecord::number)
                    .containsExactly(2L);
            assertThat(join(log.export(filter(null, "createTunnel", null, null, null), 1, 1)))
                    .extracting(AuditRecord::number)
                    .containsExactly(3L);
        }
    }

    @Test
    void aRowThatWasChangedShows() throws SQLException {
        assertThat(checkAfter("UPDATE audit SET outcome = 'done' WHERE number = 700")
                        .gap())
                .hasValueSatisfying(gap -> {
                    assertThat(gap.number()).isEqualTo(700);
                    assertThat(gap.why()).contains("not what was written behind entry 699");
                });
    }

    @Test
    void aRowWithAnotherHashShows() throws SQLException {
        assertThat(checkAfter("UPDATE audit SET caller = 'somebody', sha256 = '" + "ab".repeat(32)
                                + "' WHERE number = 1500")
                        .gap())
                .hasValueSatisfying(gap -> assertThat(gap.number()).isEqualTo(1_500));
    }

    @Test
    void aRowThatWasTakenAwayShows() throws SQLException {
        assertThat(checkAfter("DELETE FROM audit WHERE number = 1203").gap()).hasValueSatisfying(gap -> {
            assertThat(gap.number()).isEqualTo(1_203);
            assertThat(gap.why()).contains("entries 1203 to 1203 are missing");
        });
    }

    @Test
    void lastRowsThatWereTakenAwayShow() throws SQLException {
        assertThat(checkAfter("DELETE FROM audit WHERE number > 1498").gap()).hasValueSatisfying(gap -> {
            assertThat(gap.number()).isEqualTo(1_499);
            assertThat(gap.why()).contains("entries 1499 to 1500 are missing");
        });
    }

    @Test
    void anEndThatWasMovedBackShows() throws SQLException {
        AuditCheck check = checkAfter("DELETE FROM audit WHERE number > 1498;"
                + "UPDATE audit_head SET number = 1498, sha256 = (SELECT sha256 FROM audit WHERE number = 1498)");
        assertThat(check.gap())
                .as("a server that was started on it cannot know")
                .isEmpty();
        assertThat(check.sound())
                .as("the count and the head are what is compared with a note")
                .isEqualTo(1_498);
        try (SqlTunnelStore store = open()) {
            AuditLog running = log(store);
            add(running, 2);
            running.turn();
            execute("DELETE FROM audit WHERE number > 1498;"
                    + "UPDATE audit_head SET number = 1498, sha256 = (SELECT sha256 FROM audit WHERE number = 1498)");
            assertThat(join(running.verify()).gap())
                    .hasValueSatisfying(gap -> assertThat(gap.number()).isEqualTo(1_499));
        }
    }

    /** No secret is found in the rows, though all of them were handed in by those who hash them. */
    @Test
    void theTablesHoldHashesOnly() throws SQLException {
        try (SqlTunnelStore store = open()) {
            store.access().apply(all());
        }
        try (Connection connection = database().getConnection();
                PreparedStatement statement =
                        connection.prepareStatement("SELECT sha256 FROM access_key WHERE id = ?")) {
            statement.setString(1, "bbbbbbbb");
            try (ResultSet row = statement.executeQuery()) {
                assertThat(row.next()).isTrue();
                assertThat(row.getString(1)).matches("[0-9a-f]{64}");
            }
        }
    }

    /** Writes 1,500 entries, lets somebody at the database past the store, and checks as a server does that was started afterwards. */
    private AuditCheck checkAfter(String sql) throws SQLException {
        try (SqlTunnelStore store = open()) {
            AuditLog log = log(store);
            add(log, 1_500);
            log.turn();
            assertThat(join(log.verify()).sound()).isEqualTo(1_500);
        }
        execute(sql);
        try (SqlTunnelStore store = open()) {
            return join(log(store).verify());
        }
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = database().getConnection();
                Statement statement = connection.createStatement()) {
            for (String one : List.of(sql.split(";", -1))) {
                statement.execute(one);
            }
        }
    }

    private static AccessChanges all() {
        return new AccessChanges()
                .put(LAB)
                .put(BEN)
                .put(ANNA)
                .put(new Member("lab", "anna", Role.VIEWER))
                .put(new Member("default", "ben", Role.OPERATOR))
                .put(NARROW)
                .put(PLAIN)
                .put(LOGIN);
    }

    private static StoredKey key(String id, String user, Optional<String> project, OptionalLong tunnel) {
        return new StoredKey(
                new ApiKey(
                        id,
                        "title",
                        user,
                        project,
                        Set.of(Permission.values()),
                        tunnel,
                        Optional.empty(),
                        THEN,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty()),
                SecretHash.of(id));
    }

    private static StoredLogin login(String id, String user) {
        return new StoredLogin(id, SecretHash.of(id), user, THEN, THEN, "192.0.2.1", "Mozilla/5.0");
    }

    private static AuditLog log(SqlTunnelStore store) {
        return AuditLog.open(store.audit(), () -> THEN, Runnable::run, duty -> {});
    }

    private static void add(AuditLog log, int many) {
        for (int i = 0; i < many; i++) {
            log.add(entry(i, "anna", "createTunnel", "tunnel/" + i));
        }
    }

    private static AuditEntry entry(int second, String caller, String operation, String target) {
        return new AuditEntry(
                THEN.plusSeconds(second),
                caller,
                CallerKind.LOGIN,
                "192.0.2.1",
                operation,
                target,
                AuditEntry.refused("forbidden"),
                Optional.empty(),
                Optional.empty());
    }

    private static AuditFilter filter(
            @Nullable String caller,
            @Nullable String operation,
            @Nullable String target,
            @Nullable Integer from,
            @Nullable Integer to) {
        return new AuditFilter(
                Optional.ofNullable(caller),
                Optional.ofNullable(operation),
                Optional.ofNullable(target),
                Optional.ofNullable(from).map(THEN::plusSeconds),
                Optional.ofNullable(to).map(THEN::plusSeconds));
    }

    private static List<Long> numbers(AuditLog log, AuditFilter filter) {
        return join(log.page(filter, OptionalLong.empty(), 100)).stream()
                .map(AuditRecord::number)
                .toList();
    }

    private static <T> T join(CompletionStage<T> stage) {
        return stage.toCompletableFuture().join();
    }
}
