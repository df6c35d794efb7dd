package io.culvert.control.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.control.Bridge;
import io.culvert.control.Expose;
import io.culvert.control.Protocol;
import io.culvert.control.SecretHash;
import io.culvert.control.StoreChanges;
import io.culvert.control.StoreUnavailableException;
import io.culvert.control.StoredTunnel;
import io.culvert.control.TunnelBundle;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.LongStream;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqlTunnelStoreTest {
    private static final Instant THEN = Instant.parse("2026-01-02T03:04:05.678901Z");

    @TempDir
    Path scratch;

    @Test
    void everythingComesBackAfterReopening() {
        StoredTunnel one = tunnel(1, Duration.ofMillis(1_500), expose(22, 22_022), expose(80, 22_080));
        StoredTunnel two = tunnel(2, Duration.ofSeconds(-1), new Expose("fe80::1", 443, 22_443));
        try (SqlTunnelStore store = SqlTunnelStore.open(scratch)) {
            assertThat(store.load()).isEmpty();
            assertThat(store.nextId()).isEqualTo(1);
            store.insert(two);
            store.insert(one);
        }
        try (SqlTunnelStore store = SqlTunnelStore.open(scratch)) {
            assertThat(store.load()).containsExactly(one, two);
            assertThat(store.nextId()).isEqualTo(3);
        }
    }

    @Test
    void bridgesBundlesAndProtocolsComeBackToo() {
        StoredTunnel plain = tunnel(1, Duration.ZERO, expose(53, 22_053));
        StoredTunnel full = new StoredTunnel(
                2,
                List.of(new Expose(Protocol.UDP, "127.0.0.1", 53, 22_053), expose(22, 22_022)),
                Optional.of(new Bridge(33_022, false, true)),
                "full",
                Duration.ZERO,
                THEN,
                THEN,
                SecretHash.of("s"),
                Optional.of(new TunnelBundle("CERTS\n", "KEY\n", SecretHash.of("certificate"))));
        try (SqlTunnelStore store = SqlTunnelStore.open(scratch)) {
            store.insert(plain);
            store.insert(full);
            store.apply(new StoreChanges(List.of(full), Map.of(), Set.of()));
        }
        try (SqlTunnelStore store = SqlTunnelStore.open(scratch)) {
            assertThat(store.load()).containsExactly(plain, full);
            StoredTunnel sameBridge = new StoredTunnel(
                    3,
                    List.of(expose(22, 22_099)),
                    full.bridge(),
                    "",
                    Duration.ZERO,
                    THEN,
                    THEN,
                    SecretHash.of("s"),
                    Optional.empty());
            assertThatThrownBy(() -> store.insert(sameBridge)).isInstanceOf(StoreUnavailableException.class);
        }
    }

    /** As release 0.1 left it: one migration, two tunnels. */
    @Test
    void aDatabaseOfTheFirstLayoutIsBroughtForward() throws SQLException {
        String url = "jdbc:sqlite:" + scratch.resolve("culvert.db");
        Flyway.configure(SqlTunnelStore.class.getClassLoader())
                .dataSource(url, "", "")
                .locations("classpath:io/culvert/control/sql/migration")
                .target("1")
                .load()
                .migrate();
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            String hash = "00".repeat(32);
            statement.execute("INSERT INTO tunnel (id, comment, ttl_nanos, created_at, last_heartbeat, secret_sha256)"
                    + " VALUES (4, 'four', 1500000000, 1, 2, '" + hash + "'), (7, 'seven', -1, 3, 4, '" + hash + "')");
            statement.execute("INSERT INTO expose (tunnel_id, slot, target_host, target_port, port) VALUES"
                    + " (4, 0, '127.0.0.1', 22, 22022), (4, 1, 'db', 5432, 22023), (7, 0, '::1', 80, 22080)");
            statement.execute("UPDATE counter SET next_value = 9");
        }
        try (SqlTunnelStore store = SqlTunnelStore.open(scratch)) {
            SecretHash secret = SecretHash.ofStored(new byte[32]);
            assertThat(store.load())
                    .containsExactly(
                            new StoredTunnel(
                                    4,
                                    List.of(expose(22, 22_022), new Expose("db", 5432, 22_023)),
                                    Optional.empty(),
                                    "four",
                                    Duration.ofMillis(1_500),
                                    Instant.EPOCH.plusNanos(1_000),
                                    Instant.EPOCH.plusNanos(2_000),
                                    secret,
                                    Optional.empty()),
                            new StoredTunnel(
                                    7,
                                    List.of(new Expose("::1", 80, 22_080)),
                                    Optional.empty(),
                                    "seven",
                                    Duration.ofNanos(-1),
                                    Instant.EPOCH.plusNanos(3_000),
                                    Instant.EPOCH.plusNanos(4_000),
                                    secret,
                                    Optional.empty()));
            assertThat(store.nextId()).isEqualTo(9);
            store.insert(tunnel(9, Duration.ZERO, new Expose(Protocol.UDP, "127.0.0.1", 53, 22_022)));
        }
    }

    @Test
    void commentsOfEveryKindComeBackAsTheyWere() {
        List<String> comments =
                List.of("", "it's \"quoted\"; DROP TABLE tunnel; --", "ümläut \uD83D\uDE80\t\n", "c".repeat(1_000));
        try (SqlTunnelStore store = SqlTunnelStore.open(scratch)) {
            for (int i = 0; i < comments.size(); i++) {
                store.insert(new StoredTunnel(
                        i + 1,
                        List.of(expose(22, 30_000 + i)),
                        Optional.empty(),
                        comments.get(i),
                        Duration.ZERO,
                        THEN,
                        THEN,
                        SecretHash.of("s"),
                        Optional.empty()));
            }
            assertThat(store.load()).extracting(StoredTunnel::comment).isEqualTo(comments);
        }
    }

    @Test
    void aNumberIsNeverUsedTwiceAlsoWhenTheNewestIsGone() {
        try (SqlTunnelStore store = SqlTunnelStore.open(scratch)) {
            store.insert(tunnel(1, Duration.ZERO, expose(22, 22_022)));
            store.insert(tunnel(5, Duration.ZERO, expose(22, 22_023)));
            store.apply(StoreChanges.gone(Set.of(1L, 5L)));
        }
        try (SqlTunnelStore store = SqlTunnelStore.open(scratch)) {
            assertThat(store.load()).isEmpty();
            assertThat(store.nextId()).isEqualTo(6);
        }
    }

    @Test
    void insertIsAllOrNothing() {
        try (SqlTunnelStore store = SqlTunnelStore.open(scratch)) {
            StoredTunnel one = tunnel(1, Duration.ZERO, expose(22, 22_022));
            store.insert(one);
            // Its first port is free and its second one is not.
            assertThatThrownBy(() -> store.insert(tunnel(2, Duration.ZERO, expose(22, 22_023), expose(23, 22_022))))
                    .isInstanceOf(StoreUnavailableException.class);
            assertThatThrownBy(() -> store.insert(one)).isInstanceOf(StoreUnavailableException.class);
            assertThat(store.load()).containsExactly(one);
            assertThat(store.nextId()).isEqualTo(2);
            store.insert(tunnel(2, Duration.ZERO, expose(22, 22_023)));
        }
    }

    @Test
    void changesAreMadeTogetherAndInOrder() {
        try (SqlTunnelStore store = SqlTunnelStore.open(scratch)) {
            StoredTunnel kept = tunnel(1, Duration.ZERO, expose(22, 22_022));
            store.insert(kept);
            store.insert(tunnel(2, Duration.ZERO, expose(22, 22_023)));
            StoredTunnel back = tunnel(3, Duration.ZERO, expose(22, 22_024), expose(23, 22_025));
            Instant later = THEN.plusSeconds(60);
            StoreChanges changes = new StoreChanges(
                    List.of(back, back, kept), Map.of(3L, later, 2L, later, 99L, later), Set.of(2L, 77L));
            store.apply(changes);
            store.apply(changes);
            assertThat(store.load())
                    .containsExactly(
                            kept,
                            new StoredTunnel(
                                    3,
                                    back.exposes(),
                                    back.bridge(),
                                    back.comment(),
                                    back.ttl(),
                                    THEN,
                                    later,
                                    back.secret(),
                                    back.bundle()));
            assertThat(store.nextId()).isEqualTo(4);
        }
    }

    @Test
    void changesThatFailHalfWayLeaveNothingBehind() {
        try (SqlTunnelStore store = SqlTunnelStore.open(scratch)) {
            StoredTunnel one = tunnel(1, Duration.ZERO, expose(22, 22_022));
            store.insert(one);
            StoredTunnel samePort = tunnel(3, Duration.ZERO, expose(22, 22_022));
            assertThatThrownBy(() -> store.apply(new StoreChanges(
                            List.of(tunnel(2, Duration.ZERO, expose(22, 22_023)), samePort),
                            Map.of(1L, THEN.plusSeconds(1)),
                            Set.of(1L))))
                    .isInstanceOf(StoreUnavailableException.class);
            assertThat(store.load()).containsExactly(one);
        }
    }

    @Test
    void aBatchOfThousandsIsOneTransaction() {
        try (SqlTunnelStore store = SqlTunnelStore.open(scratch)) {
            List<StoredTunnel> tunnels = LongStream.rangeClosed(1, 2_000)
                    .mapToObj(id -> tunnel(id, Duration.ZERO, expose(22, (int) (20_000 + id))))
                    .toList();
            store.apply(new StoreChanges(tunnels, Map.of(), Set.of()));
            assertThat(store.load()).hasSize(2_000);
            store.apply(StoreChanges.gone(
                    Set.copyOf(tunnels.stream().map(StoredTunnel::id).toList())));
            assertThat(store.load()).isEmpty();
            // The exposes are gone too, or their ports could not be had again.
            store.insert(tunnel(2_001, Duration.ZERO, expose(22, 20_001)));
        }
    }

    @Test
    void whatWasInsertedSurvivesTheEndOfTheProcess() throws IOException {
        StoredTunnel one = tunnel(1, Duration.ZERO, expose(22, 22_022));
        Path copy = Files.createDirectory(scratch.resolve("copy"));
        try (SqlTunnelStore store = SqlTunnelStore.open(scratch.resolve("data"))) {
            store.insert(one);
            // What a killed process leaves: the files as they are, nothing closed.
            for (String name : List.of("culvert.db", "culvert.db-wal")) {
                Files.copy(scratch.resolve("data").resolve(name), copy.resolve(name));
            }
        }
        try (SqlTunnelStore store = SqlTunnelStore.open(copy)) {
            assertThat(store.load()).containsExactly(one);
        }
    }

    @Test
    void theDatabaseWaitsForTheDisk() throws SQLException {
        try (SqlTunnelStore store = SqlTunnelStore.open(scratch)) {
            assertThat(store.pragma("journal_mode")).isEqualTo("wal");
            assertThat(store.pragma("synchronous")).isEqualTo("2");
            assertThat(store.pragma("foreign_keys")).isEqualTo("1");
            assertThat(store.pragma("busy_timeout")).isEqualTo("2000");
        }
    }

    @Test
    void onlyTheOwnerMayReadTheFiles() throws IOException {
        Path data = scratch.resolve("new/data");
        try (SqlTunnelStore store = SqlTunnelStore.open(data)) {
            store.insert(tunnel(1, Duration.ZERO, expose(22, 22_022)));
            assertThat(mode(data)).isEqualTo("rwx------");
            try (var files = Files.list(data)) {
                assertThat(files)
                        .hasSizeGreaterThanOrEqualTo(3)
                        .allSatisfy(file ->
                                assertThat(mode(file)).as(file.toString()).isEqualTo("rw-------"));
            }
        }
    }

    @Test
    void filesThatOthersCouldReadAreMadePrivate() throws IOException {
        SqlTunnelStore.open(scratch).close();
        Path database = scratch.resolve("culvert.db");
        Files.setPosixFilePermissions(database, PosixFilePermissions.fromString("rw-r--r--"));
        SqlTunnelStore.open(scratch).close();
        assertThat(mode(database)).isEqualTo("rw-------");
    }

    @Test
    void aSecondServerIsToldSo() {
        try (SqlTunnelStore store = SqlTunnelStore.open(scratch)) {
            assertThatThrownBy(() -> SqlTunnelStore.open(scratch))
                    .isInstanceOf(DataDirectoryException.class)
                    .hasMessageContaining(scratch.toString())
                    .hasMessageContaining("in use by another server")
                    .hasMessageContaining("process " + ProcessHandle.current().pid());
            assertThat(store.load()).isEmpty();
        }
        SqlTunnelStore.open(scratch).close();
    }

    @Test
    void aFileThatIsNoDatabaseIsRefusedAndLeftAsItWas() throws IOException {
        Path database = scratch.resolve("culvert.db");
        byte[] garbage =
                "this is no database, it is a letter to my aunt. ".repeat(100).getBytes(StandardCharsets.UTF_8);
        Files.write(database, garbage);
        assertRefused("cannot be read");
        assertThat(database).hasBinaryContent(garbage);
    }

    @Test
    void aDamagedDatabaseIsRefusedAndLeftAsItWas() throws IOException {
        try (SqlTunnelStore store = SqlTunnelStore.open(scratch)) {
            for (int id = 1; id <= 300; id++) {
                store.insert(tunnel(id, Duration.ZERO, expose(22, 20_000 + id)));
            }
        }
        Path database = scratch.resolve("culvert.db");
        byte[] damaged = Files.readAllBytes(database);
        // Everything behind the page that says where the tables are.
        for (int i = 4_096; i < damaged.length; i++) {
            damaged[i] ^= 0x5a;
        }
        Files.write(database, damaged);
        assertRefused("culvert.db");
        assertThat(database).hasBinaryContent(damaged);
    }

    @Test
    void aDatabaseOfANewerVersionIsRefused() throws SQLException {
        SqlTunnelStore.open(scratch).close();
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + scratch.resolve("culvert.db"));
                Statement statement = connection.createStatement()) {
            statement.execute("INSERT INTO flyway_schema_history (installed_rank, version, description, type, script,"
                    + " installed_by, execution_time, success) SELECT max(installed_rank) + 1, '999', 'later', 'SQL',"
                    + " 'V999__later.sql', '', 1, 1 FROM flyway_schema_history");
        }
        assertRefused("newer version");
    }

    @Test
    void aDirectoryThatCannotBeMadeIsRefused() throws IOException {
        Path file = Files.writeString(scratch.resolve("file"), "");
        assertThatThrownBy(() -> SqlTunnelStore.open(file.resolve("data")))
                .isInstanceOf(DataDirectoryException.class)
                .hasMessageContaining("cannot be made");
    }

    @Test
    void oddCharactersInThePathAreOnlyCharacters() {
        Path odd = scratch.resolve("a b?c=d%20#ü");
        try (SqlTunnelStore store = SqlTunnelStore.open(odd)) {
            store.insert(tunnel(1, Duration.ZERO, expose(22, 22_022)));
        }
        assertThat(odd.resolve("culvert.db")).isNotEmptyFile();
        try (SqlTunnelStore store = SqlTunnelStore.open(odd)) {
            assertThat(store.load()).hasSize(1);
        }
    }

    @Test
    void aStoreThatIsClosedSaysSo() {
        SqlTunnelStore store = SqlTunnelStore.open(scratch);
        store.close();
        store.close();
        assertThatThrownBy(store::load).isInstanceOf(StoreUnavailableException.class);
    }

    private void assertRefused(String text) {
        assertThatThrownBy(() -> SqlTunnelStore.open(scratch))
                .isInstanceOf(DataDirectoryException.class)
                .hasMessageContaining(scratch.resolve("culvert.db").toString())
                .hasMessageContaining(text)
                .hasMessageContaining("No file was deleted");
    }

    private static String mode(Path path) {
        try {
            return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Expose expose(int targetPort, int port) {
        return new Expose("127.0.0.1", targetPort, port);
    }

    private static StoredTunnel tunnel(long id, Duration ttl, Expose... exposes) {
        return new StoredTunnel(
                id,
                List.of(exposes),
                Optional.empty(),
                "no. " + id,
                ttl,
                THEN,
                THEN,
                SecretHash.of("secret " + id),
                Optional.empty());
    }
}
