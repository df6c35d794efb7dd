package io.culvert.control;

import static io.culvert.control.World.MINUTE;
import static io.culvert.control.World.TESTER;
import static io.culvert.control.World.get;
import static io.culvert.control.World.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.culvert.control.sql.PostgresLogin;
import io.culvert.control.sql.SqlTunnelStore;
import io.culvert.control.sql.TestPostgres;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real PostgreSQL is stopped while the service runs, and started again on the same port and data. */
class StoppedPostgresTest {
    @TempDir
    Path directory;

    @Test
    void changesAreRefusedLeasesGoOnAndEverythingIsWrittenWhenItIsBack() {
        try (TestPostgres postgres = TestPostgres.start(directory.resolve("postgres"))) {
            PostgresLogin login = postgres.newDatabase();
            HandClock clock = new HandClock();
            Instant lastHeartbeat;
            try (World world = world(clock, login)) {
                world.service.start();
                int port = world.create(MINUTE, 0).tunnel().exposes().get(0).port();
                world.create(MINUTE, 0);
                world.create(Duration.ofSeconds(-1), 0);
                assertThat(TestPostgres.storedIds(login)).containsExactly(1L, 2L, 3L);

                postgres.stop();
                assertRefused(world);
                assertThat(world.plane.openTunnels())
                        .as("the refused one has no port")
                        .isEqualTo(3);
                for (int i = 0; i < 30; i++) {
                    world.pass(MINUTE.dividedBy(2));
                    get(world.service.heartbeat(TESTER, 1));
                }
                lastHeartbeat = clock.instant();
                await().untilAsserted(() -> assertThat(world.plane.ended).contains("2 EXPIRED"));
                assertThat(world.service.list(World.TESTER))
                        .extracting(Tunnel::id)
                        .containsExactly(1L, 3L);
                assertThat(world.plane.listens(port)).isTrue();
                assertRefused(world);

                postgres.startAgain();
                assertThat(TestPostgres.storedIds(login)).containsExactly(1L, 2L, 3L);
                await().until(() -> {
                    world.pass(Duration.ofSeconds(5));
                    return TestPostgres.storedIds(login).equals(List.of(1L, 3L));
                });
                assertThat(world.store.load().get(0).lastHeartbeat()).isEqualTo(lastHeartbeat);
                get(world.service.remove(TESTER, 3));
                assertThat(world.create(MINUTE, 0).tunnel().id()).isGreaterThan(3);
            }
            try (World after = world(clock, login)) {
                after.service.start();
                assertThat(after.service.list(World.TESTER))
                        .extracting(Tunnel::id)
                        .hasSize(2)
                        .startsWith(1L);
            }
        }
    }

    private static void assertRefused(World world) {
        assertThat(world.refused(world.service.create(TESTER, request(MINUTE, 0))))
                .isInstanceOf(StoreUnavailableException.class);
        assertThat(world.refused(world.service.remove(TESTER, 1))).isInstanceOf(StoreUnavailableException.class);
    }

    private World world(HandClock clock, PostgresLogin login) {
        Path data = directory.resolve("data");
        return new World(
                data,
                clock,
                SocketDataPlane.freshAddress(),
                ControlSettings.defaults(),
                SqlTunnelStore.open(data, login));
    }
}
