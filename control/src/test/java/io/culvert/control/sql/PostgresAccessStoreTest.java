package io.culvert.control.sql;

import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

class PostgresAccessStoreTest extends AccessStoreContract {
    private static @Nullable TestPostgres server;

    @TempDir
    Path scratch;

    private PostgresLogin login = new PostgresLogin("jdbc:postgresql://none/none", Optional.empty(), Optional.empty());

    @BeforeAll
    static void startServer(@TempDir Path directory) {
        server = TestPostgres.start(directory);
    }

    @AfterAll
    static void stopServer() {
        Objects.requireNonNull(server).close();
    }

    @BeforeEach
    void makeDatabase() {
        login = Objects.requireNonNull(server).newDatabase();
    }

    @Override
    SqlTunnelStore open() {
        return SqlTunnelStore.open(scratch, login);
    }

    @Override
    DataSource database() {
        return TestPostgres.database(login);
    }
}
