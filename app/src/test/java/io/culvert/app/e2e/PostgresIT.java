package io.culvert.app.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.client.CreatedTunnel;
import io.culvert.client.NewTunnel;
import io.culvert.control.sql.PostgresLogin;
import io.culvert.control.sql.TestPostgres;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The real jar on a real PostgreSQL. */
class PostgresIT {
    @RegisterExtension
    final World world = new World();

    @TempDir
    Path directory;

    @Test
    void aTunnelIsBackAfterTheKillAndNoSecondServerComesBetween() throws Exception {
        TestPostgres postgres = world.closing(TestPostgres.start(directory));
        PostgresLogin login = postgres.newDatabase();
        String database = "--db=" + login.url() + "?user=" + TestPostgres.USER;
        String password = "--db-password-file=" + world.secret("pw", TestPostgres.PASSWORD);

        RunningServer server = world.lastingServer(database, password);
        EchoService service = world.closing(EchoService.start());
        CreatedTunnel created = server.client().create(NewTunnel.to(service.port(), Duration.ofMinutes(10)));
        Program agent = world.agent(server, created);
        Visitor.awaitServed(RunningServer.port(created));
        assertThat(TestPostgres.storedIds(login))
                .containsExactly(created.tunnel().id());
        assertThat(server.data().resolve("culvert.db")).doesNotExist();

        Program second = world.culvert(
                "second",
                Map.of("CULVERT_DB_PASSWORD", TestPostgres.PASSWORD),
                "server",
                "--data=" + world.directory().resolve("second"),
                "--http=127.0.0.1:0",
                "--bridge=127.0.0.1:0",
                database);
        assertThat(second.exit()).isEqualTo(1);
        assertThat(second.err()).contains("database " + login.url()).contains("is in use by another server (session ");

        server.program().kill();
        RunningServer again = world.again(server, database, password);
        assertThat(again.client().list()).singleElement().satisfies(tunnel -> {
            assertThat(tunnel.id()).isEqualTo(created.tunnel().id());
            assertThat(tunnel.exposes()).isEqualTo(created.tunnel().exposes());
        });
        Visitor.awaitServed(RunningServer.port(created));
        assertThat(agent.isAlive()).isTrue();

        again.program().terminate();
        assertThat(again.program().exit()).isEqualTo(143);
        for (Program program : List.of(server.program(), second, again.program())) {
            assertThat(program.report()).doesNotContain(TestPostgres.PASSWORD);
        }
    }
}
