package io.culvert.control.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.culvert.control.StoreChanges;
import io.culvert.control.StoreUnavailableException;
import io.culvert.control.StoredTunnel;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The store on a real PostgreSQL, and what is a server's own: logins, sessions, locks, restarts. */
class PostgresTunnelStoreTest extends TunnelStoreContract {
    /** What the control plane allows a write. */
    private static final Duration BOUND = Duration.ofSeconds(10);

    private static @Nullable TestPostgres server;

    @TempDir
    Path scratch;

    private PostgresLogin login = new PostgresLogin("jdbc:postgresql://none/none", Optional.empty(), Optional.empty());
    private int opened;

    @BeforeAll
    static void startServer(@TempDir Path directory) {
        server = TestPostgres.start(directory);
    }

    @AfterAll
    static void stopServer() {
        server().close();
    }

    private static TestPostgres server() {
        return Objects.requireNonNull(server);
    }

    @BeforeEach
    void makeDatabase() {
        login = server().newDatabase();
    }

    /** Each on a data directory of its own, as servers on different machines. */
    @Override
    SqlTunnelStore open() {
        return open(login);
    }

    private SqlTunnelStore open(PostgresLogin other) {
        return SqlTunnelStore.open(scratch.resolve("data-" + ++opened), other);
    }

    @Override
    DataSource database() {
        return TestPostgres.database(login);
    }

    @Override
    Dialect dialect() {
        return Dialect.POSTGRESQL;
    }

    @Override
    Class<? extends Exception> refusal() {
        return DatabaseException.class;
    }

    /** The URL is told by whoever opens. */
    @Override
    String nameOfTheDatabase() {
        return "";
    }

    @Test
    void theDirectoryIsHeldToo() {
        Path data = scratch.resolve("data");
        PostgresLogin another = server().newDatabase();
        try (SqlTunnelStore store = SqlTunnelStore.open(data, login)) {
            assertThatThrownBy(() -> SqlTunnelStore.open(data, another))
                    .isInstanceOf(DataDirectoryException.class)
                    .hasMessageContaining("in use by another server");
            assertThat(store.load()).isEmpty();
        }
    }

    @Test
    void aRefusedServerLetsGoOfItsDirectory() {
        Path data = scratch.resolve("data");
        try (SqlTunnelStore store = open()) {
            assertThatThrownBy(() -> SqlTunnelStore.open(data, login))
                    .hasMessageMatching(
                            "(?s).*is in use by another server \\(session \\d+ of the database, from 127.0.0.1\\).*");
            assertThat(store.load()).isEmpty();
        }
        SqlTunnelStore.open(data, login).close();
    }

    @Test
    void twoSchemasOfOneDatabaseServeTwoServers() throws SQLException {
        try (Connection connection = database().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE SCHEMA \"Other One\"");
        }
        PostgresLogin other =
                new PostgresLogin(login.url() + "?currentSchema=%22Other%20One%22", login.user(), login.password());
        try (SqlTunnelStore one = open();
                SqlTunnelStore two = open(other)) {
            one.insert(tunnel(1, Duration.ZERO, expose(22, 22_022)));
            two.insert(tunnel(1, Duration.ZERO, expose(22, 22_022)));
            assertThatThrownBy(() -> open(other)).hasMessageContaining("in use by another server");
        }
    }

    @Test
    void aSchemaThatIsMissingIsRefused() {
        PostgresLogin other = new PostgresLogin(login.url() + "?currentSchema=gone", login.user(), login.password());
        assertThatThrownBy(() -> open(other))
                .isInstanceOf(DatabaseException.class)
                .hasMessageContaining("there is no schema to use (expected: ");
    }

    @Test
    void tablesOfSomethingElseAreLeftAlone() throws SQLException {
        try (Connection connection = database().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE tunnel (of_a_railway text)");
        }
        assertRefused("holds tables of something else");
    }

    @Test
    void aWrongPasswordIsRefusedAndStandsInNoMessage() {
        PostgresLogin wrong = new PostgresLogin(login.url(), login.user(), Optional.of("wrong-secret-word"));
        Throwable refused = catchThrowable(() -> open(wrong));
        assertThat(refused)
                .isInstanceOf(DatabaseException.class)
                .hasMessageContaining("password authentication failed for user \"culvert\"");
        StringWriter told = new StringWriter();
        refused.printStackTrace(new PrintWriter(told));
        assertThat(told + wrong.toString()).doesNotContain("wrong-secret-word").contains("MASKED");
    }

    @Test
    void aServerThatIsNotThereIsToldSo() {
        PostgresLogin nobody =
                new PostgresLogin("jdbc:postgresql://127.0.0.1:1/culvert", login.user(), login.password());
        assertThatThrownBy(() -> open(nobody))
                .isInstanceOf(DatabaseException.class)
                .hasMessageContaining("Connection to 127.0.0.1:1 refused");
    }

    @Test
    void aPasswordDoesNotBelongIntoTheUrl() {
        assertThatThrownBy(() ->
                        new PostgresLogin(login.url() + "?password=top-secret", Optional.empty(), Optional.empty()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining("top-secret");
    }

    @Test
    void whatWasInsertedSurvivesTheEndOfTheDatabasesProcesses() {
        StoredTunnel one = tunnel(1, Duration.ZERO, expose(22, 22_022));
        StoredTunnel two = tunnel(2, Duration.ZERO, expose(22, 22_023));
        try (SqlTunnelStore store = open()) {
            store.insert(one);
            server().kill();
            assertThatThrownBy(() -> store.insert(two))
                    .isInstanceOf(StoreUnavailableException.class)
                    .hasStackTraceContaining("refused");
            server().startAgain();
            // The same store: it connects again by itself.
            assertThat(store.load()).containsExactly(one);
            store.insert(two);
            assertThat(store.load()).containsExactly(one, two);
        }
    }

    @Test
    void aSessionThatMayNotWriteIsNotKept() throws SQLException {
        StoredTunnel one = tunnel(1, Duration.ZERO, expose(22, 22_022));
        StoredTunnel two = tunnel(2, Duration.ZERO, expose(22, 22_023));
        try (SqlTunnelStore store = open()) {
            store.insert(one);
            server().administrate("ALTER DATABASE " + databaseName() + " SET default_transaction_read_only = on");
            cutSession();
            assertThatThrownBy(() -> store.insert(two))
                    .isInstanceOf(StoreUnavailableException.class)
                    .hasStackTraceContaining("read-only transaction");
            assertThat(store.load()).containsExactly(one);
            // By a batch, whose failure is wrapped otherwise.
            assertThatThrownBy(() -> store.apply(StoreChanges.gone(Set.of(1L))))
                    .isInstanceOf(StoreUnavailableException.class)
                    .hasStackTraceContaining("read-only transaction");
            server().administrate("ALTER DATABASE " + databaseName() + " RESET default_transaction_read_only");
            store.insert(two);
            assertThat(store.load()).containsExactly(one, two);
        }
    }

    @Test
    void aDatabaseThatStandsStillIsGivenUpInTime() throws Exception {
        try (SqlTunnelStore store = open()) {
            store.insert(tunnel(1, Duration.ZERO, expose(22, 22_022)));
            try (AutoCloseable frozen = server().frozen()) {
                assertThat(frozen).isNotNull();
                for (int port = 22_023; port < 22_025; port++) {
                    StoredTunnel two = tunnel(2, Duration.ZERO, expose(22, port));
                    Instant asked = Instant.now();
                    assertThatThrownBy(() -> store.insert(two)).isInstanceOf(StoreUnavailableException.class);
                    assertThat(Duration.between(asked, Instant.now())).isLessThan(BOUND);
                }
            }
            // The session that was given up still holds the lock: it is ended, and the next one is let in.
            StoredTunnel two = tunnel(2, Duration.ZERO, expose(22, 22_025));
            await().ignoreExceptionsInstanceOf(StoreUnavailableException.class).untilAsserted(() -> {
                store.insert(two);
                assertThat(store.load()).hasSize(2).contains(two);
            });
        }
    }

    @Test
    void aSessionThatOnlyTheDatabaseKeepsIsEnded() throws SQLException {
        SoleServerConnections connections = new SoleServerConnections();
        connections.setUrl(login.url());
        connections.setUser(TestPostgres.USER);
        connections.setPassword(TestPostgres.PASSWORD);
        try (Connection given = connections.getConnection();
                Connection next = connections.getConnection()) {
            assertThat(next.isValid(1)).isTrue();
            assertThat(given.isValid(1)).isFalse();
            assertRefused("in use by another server");
        }
    }

    @Test
    void aServerThatLostTheDatabaseToAnotherWritesNoMore() throws SQLException {
        try (SqlTunnelStore store = open()) {
            store.insert(tunnel(1, Duration.ZERO, expose(22, 22_022)));
            SqlTunnelStore other = takeOver(store);
            assertThatThrownBy(() -> store.insert(tunnel(2, Duration.ZERO, expose(22, 22_023))))
                    .isInstanceOf(StoreUnavailableException.class)
                    .hasStackTraceContaining("is in use by another server");
            StoredTunnel others = tunnel(2, Duration.ZERO, expose(22, 22_024));
            other.insert(others);
            other.close();
            // The lock is free again, and what this server knows is old: it would give number 2 a second time.
            assertThatThrownBy(() -> store.apply(StoreChanges.gone(Set.of(2L))))
                    .isInstanceOf(StoreUnavailableException.class)
                    .hasStackTraceContaining("another server has used the database since");
            assertThat(TestPostgres.storedIds(login)).containsExactly(1L, 2L);
        }
    }

    /** Cuts the store's session, and is quicker than it. */
    private SqlTunnelStore takeOver(SqlTunnelStore store) throws SQLException {
        for (int i = 0; i < 20; i++) {
            cutSession();
            try {
                return open();
            } catch (DatabaseException e) {
                assertThat(e).hasMessageContaining("in use by another server");
                assertThat(store.load()).isNotEmpty();
            }
        }
        throw new AssertionError("the store was always quicker");
    }

    private void cutSession() throws SQLException {
        server().administrate("SELECT pg_terminate_backend(l.pid) FROM pg_locks l WHERE l.locktype = 'advisory'"
                + " AND l.objsubid = 2 AND l.database = (SELECT oid FROM pg_database WHERE datname = '" + databaseName()
                + "')");
    }

    private String databaseName() {
        return login.url().substring(login.url().lastIndexOf('/') + 1);
    }
}
