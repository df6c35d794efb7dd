package io.culvert.control.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.control.StoredTunnel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteDataSource;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** The store on a SQLite file, and what is the file's own. */
class SqliteTunnelStoreTest extends TunnelStoreContract {
    @TempDir
    Path scratch;

    @Override
    SqlTunnelStore open() {
        return SqlTunnelStore.open(scratch);
    }

    @Override
    DataSource database() {
        SQLiteDataSource source = new SQLiteDataSource();
        source.setUrl("jdbc:sqlite:" + scratch.resolve("culvert.db"));
        return source;
    }

    @Override
    Dialect dialect() {
        return Dialect.SQLITE;
    }

    @Override
    Class<? extends Exception> refusal() {
        return DataDirectoryException.class;
    }

    @Override
    String nameOfTheDatabase() {
        return scratch.toString();
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
        assertRefusedAndKept("cannot be read");
        assertThat(database).hasBinaryContent(garbage);
    }

    @Test
    void whatIsNotTheFilesFaultIsNotLaidToIt() throws IOException {
        Files.createDirectory(scratch.resolve("culvert.db"));
        assertThatThrownBy(() -> SqlTunnelStore.open(scratch))
                .isInstanceOf(DataDirectoryException.class)
                .hasMessageContaining("culvert.db cannot be opened (")
                .hasMessageContaining("is its disk full")
                .hasMessageNotContaining("start with no tunnels");
        LayoutException full = new LayoutException(
                "cannot be brought to this version's layout", new SQLiteException("full", SQLiteErrorCode.SQLITE_FULL));
        assertThat(SqliteFile.failure(scratch, "is at fault", full))
                .hasMessage(scratch + " cannot be opened (full). The file may be sound: is its disk full, or its"
                        + " directory not this user's to write?");
        LayoutException newer = new LayoutException("is of a newer version");
        assertThat(SqliteFile.failure(scratch, "is of a newer version", newer))
                .hasMessageStartingWith(scratch + " is of a newer version. No file was deleted");
    }

    @Test
    void boringproxy_a_damaged_database_is_refused_and_left_as_it_was() throws IOException {
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
        assertRefusedAndKept("culvert.db");
        assertThat(database).hasBinaryContent(damaged);
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
    void whatTheBuildHasMadeIsWhatFlywayMakesOfAnEmptyFile() throws IOException, SQLException {
        Path file = scratch.resolve("culvert.db");
        Files.write(file, EmptyDatabase.read());
        List<String> built = contents();
        Layout.configure(database(), dialect()).load().validate();
        Files.delete(file);
        Files.createFile(file);
        open().close();
        assertThat(built).isEqualTo(contents()).contains("counter [tunnel, 1]");
    }

    @Test
    void aFirstStartBeginsWithWhatTheBuildHasMade() throws IOException, SQLException {
        Files.writeString(scratch.resolve("culvert.db.begun"), "half of it, from a start that was interrupted");
        open().close();
        assertThat(momentsOfSteps()).containsExactly(EmptyDatabase.MOMENT);
        assertThat(scratch.resolve("culvert.db.begun")).doesNotExist();
    }

    @Test
    void besideTheJournalOfADatabaseThatIsGoneTheStepsAreTakenAnew() throws IOException, SQLException {
        Files.writeString(scratch.resolve("culvert.db-journal"), "of another one");
        open().close();
        assertThat(momentsOfSteps()).isNotEmpty().doesNotContain(EmptyDatabase.MOMENT);
    }

    @Test
    void aLinkThatLeadsNowhereIsRefusedAndLeftAsItWas() throws IOException {
        Path link = Files.createSymbolicLink(scratch.resolve("culvert.db"), scratch.resolve("away/culvert.db"));
        assertThatThrownBy(this::open)
                .isInstanceOf(DataDirectoryException.class)
                .hasMessageStartingWith(link + " cannot be used");
        assertThat(link).isSymbolicLink();
    }

    @Test
    void theLogOfADatabaseThatIsGoneIsNotPutIntoAnotherOne() throws IOException {
        Path other = Files.createDirectory(scratch.resolve("other"));
        try (SqlTunnelStore store = open()) {
            store.insert(tunnel(1, Duration.ZERO, expose(22, 22_022)));
            Files.copy(scratch.resolve("culvert.db-wal"), other.resolve("culvert.db-wal"));
        }
        try (SqlTunnelStore store = SqlTunnelStore.open(other)) {
            assertThat(store.load()).isEmpty();
            store.insert(tunnel(1, Duration.ZERO, expose(22, 22_022)));
        }
        try (SqlTunnelStore store = SqlTunnelStore.open(other)) {
            assertThat(store.load()).hasSize(1);
        }
    }

    private Set<String> momentsOfSteps() throws SQLException {
        Set<String> moments = new HashSet<>();
        try (Connection connection = database().getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT installed_on FROM " + Layout.HISTORY)) {
            while (rows.next()) {
                moments.add(rows.getString(1));
            }
        }
        return moments;
    }

    /** What every table is and holds, but for when which step of the layout was taken. */
    private List<String> contents() throws SQLException {
        List<String> all = new ArrayList<>();
        try (Connection connection = database().getConnection();
                Statement statement = connection.createStatement()) {
            List<String> tables = new ArrayList<>();
            try (ResultSet things =
                    statement.executeQuery("SELECT type, name, sql FROM sqlite_master ORDER BY type, name")) {
                while (things.next()) {
                    all.add(things.getString("name") + ": " + things.getString("sql"));
                    if (things.getString("type").equals("table")) {
                        tables.add(things.getString("name"));
                    }
                }
            }
            for (String table : tables) {
                boolean history = table.equals(Layout.HISTORY);
                try (ResultSet rows = statement.executeQuery("SELECT "
                        + (history ? "installed_rank, version, script, checksum, success" : "*") + " FROM " + table)) {
                    while (rows.next()) {
                        List<String> row = new ArrayList<>();
                        for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                            row.add(rows.getString(i));
                        }
                        all.add(table + " " + row);
                    }
                }
            }
        }
        return all;
    }

    private void assertRefusedAndKept(String text) {
        assertThatThrownBy(this::open)
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
}
