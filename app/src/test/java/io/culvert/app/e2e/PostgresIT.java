package io.culvert.app.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.client.seed.CreatedTunnel;
import io.culvert.client.seed.NewTunnel;
import io.culvert.control.sql.PostgresLogin;
import io.culvert.control.sql.TestPostgres;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
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

        // That they are let in as far as the lock shows that each way of telling the password is one.
        Path passwords = world.secret("pgpass", "*:*:*:*:" + TestPostgres.PASSWORD);
        Program second = refused("second", "CULVERT_DB_PASSWORD", TestPostgres.PASSWORD, database);
        Program third = refused(
                "third", "PGPASSFILE", passwords.toString(), "--db=" + login.url(), "--db-user=" + TestPostgres.USER);

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
        for (Program program : List.of(server.program(), second, third, again.program())) {
            assertThat(program.report()).doesNotContain(TestPostgres.PASSWORD);
        }
    }

    private Program refused(String name, String variable, String value, String... database) {
        List<String> words = new ArrayList<>(List.of(
                "server", "--data=" + world.directory().resolve(name), "--http=127.0.0.1:0", "--bridge=127.0.0.1:0"));
        words.addAll(List.of(database));
        Program program = world.culvert(name, Map.of(variable, value), words.toArray(String[]::new));
        assertThat(program.exit()).as(program.report()).isEqualTo(1);
        assertThat(program.err())
                .contains("database jdbc:postgresql://127.0.0.1:")
                .contains(" is in use by another server (session ");
        return program;
    }
}
